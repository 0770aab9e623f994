"""The network of `space=gpt`: a decoder of transformer layers, each with its own heads and its own MLP."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from siamnas.config.validate import Size

INITIAL = 0.02  # standard deviation of new weights
ROTATION = 10_000.0  # tokens of the longest wave length, over 2 pi


class Transformer(nn.Module):
    """Embedding, layers, a norm without parameters, logits of the next token. Positions are rotations of the heads.

    Its parameters, without the biases of its linear maps, are those of the column `params` of the space.

    Args:
        choices: `embed`, the width; `layers` with `heads` and `mlp_ratio` of each; maybe `bias`, whether there is one.
        vocabulary: number of different tokens.
        head: channels of a head; even.
    """

    def __init__(self, choices: Mapping[str, Any], vocabulary: int, head: int) -> None:
        super().__init__()
        width, bias = choices["embed"], choices.get("bias", False)
        self.embedding = nn.Embedding(vocabulary, width)
        self.layers = nn.ModuleList(
            Layer(width, one["heads"], head, one["mlp_ratio"] * width, bias) for one in choices["layers"]
        )
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.logits = nn.Linear(width, vocabulary, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=INITIAL)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, T) integers -> (B, T, vocabulary); each position sees itself and those before."""
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.logits(self.norm(x))


class Layer(nn.Module):
    """Attention, then a gated MLP, each added to what it takes and after a norm."""

    def __init__(self, width: int, heads: int, head: int, hidden: int, bias: bool) -> None:
        super().__init__()
        self.before_attention, self.before_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, head, bias)
        self.mlp = GatedMLP(width, hidden, bias)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, width) -> the same shape."""
        x = x + self.attention(self.before_attention(x))
        return x + self.mlp(self.before_mlp(x))


class Attention(nn.Module):
    """Causal attention of some heads, whose number need not be the width divided by their size."""

    def __init__(self, width: int, heads: int, head: int, bias: bool) -> None:
        super().__init__()
        self.head = head
        self.query, self.key, self.value = (nn.Linear(width, heads * head, bias=bias) for _ in range(3))
        self.out = nn.Linear(heads * head, width, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, width) -> the same shape."""
        q, k, v = (
            part(x).unflatten(-1, (-1, self.head)).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        attended = nn.functional.scaled_dot_product_attention(rotated(q), rotated(k), v, is_causal=True)
        return self.out(attended.transpose(1, 2).flatten(2))


class GatedMLP(nn.Module):
    """Three matrices: SwiGLU (arXiv 2002.05202)."""

    def __init__(self, width: int, hidden: int, bias: bool) -> None:
        super().__init__()
        self.gate, self.up = (nn.Linear(width, hidden, bias=bias) for _ in range(2))
        self.down = nn.Linear(hidden, width, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, width) -> the same shape."""
        return self.down(nn.functional.silu(self.gate(x)) * self.up(x))


def rotated(x: Tensor) -> Tensor:
    """Each position turned by its number (RoFormer, arXiv 2104.09864); (B, heads, T, head) stays so."""
    half = x.shape[-1] // 2
    waves = ROTATION ** -(torch.arange(half, device=x.device) / half)
    angles = torch.arange(x.shape[-2], device=x.device)[:, None] * waves  # (T, head / 2)
    sine, cosine = angles.sin().to(x.dtype), angles.cos().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], dim=-1)


def build(arch: Mapping[str, Any], classes: int, head: Size) -> Transformer:
    """The transformer of an architecture, see `Transformer`.

    Args:
        arch: its choices.
        classes: number of different tokens.
        head: channels of a head.
    """
    return Transformer(arch, classes, head)
