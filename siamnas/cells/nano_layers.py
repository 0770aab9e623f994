"""The operations of the Nano space (Siamese-NAS, arXiv 2210.00546); feature maps are (B, C, H, W)."""

import torch
from torch import Tensor, nn

from siamnas.cells.layers import ConvBN
from siamnas.spaces.nano.cost import EXPANSION, SQUEEZE


def depthwise(channels: int) -> ConvBN:
    """`dwconv3x3`: depthwise 3x3 convolution, batch norm, mish; C stays."""
    return ConvBN(channels, channels, 3, groups=channels, activation=nn.Mish())


class Expand(nn.Module):
    """`expand`: three chained depthwise convolutions, each plus the input of all; the three results on 3 C channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.chain = nn.ModuleList(depthwise(channels) for _ in range(EXPANSION))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, 3 C, H, W)."""
        results = [x]
        for convolution in self.chain:
            results.append(convolution(results[-1]) + x)
        return torch.cat(results[1:], dim=1)


class Attention(nn.Module):
    """`atten`: every channel times a number from 0 to 1, by self-attention among C / 4 mixtures of their means."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(channels // SQUEEZE, 1)
        self.query, self.key, self.value = (nn.Conv2d(channels, inner, 1, bias=False) for _ in range(3))
        self.factor = nn.Conv2d(inner, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        mean = x.mean(dim=(2, 3), keepdim=True)
        # (B, C / 4, 1) each; the published code has a mish after every one of these convolutions.
        q, k, v = (nn.functional.mish(layer(mean)).flatten(2) for layer in (self.query, self.key, self.value))
        attended = torch.softmax(q @ k.transpose(1, 2), dim=-1) @ v
        return x * nn.functional.hardsigmoid(self.factor(attended[..., None]))


class Split(nn.Module):
    """`split`: the two halves of the channels; a 1x1 convolution with batch norm rounds an odd number up first."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.part = (channels + 1) // 2
        self.even = ConvBN(channels, channels + 1, 1) if channels % 2 else nn.Identity()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) -> twice (B, C / 2, H, W), C rounded up."""
        first, second = self.even(x).split(self.part, dim=1)
        return first, second
