"""The transformers of HW-GPT-Bench (arXiv 2405.10299): width, depth, and the heads and the MLP of every layer."""

from typing import Annotated

from siamnas.benchmarks import perplexity, shipped
from siamnas.config.validate import Condition, Word
from siamnas.spaces.benchmark import DomainBenchmark
from siamnas.spaces.described.language import choice, repeat
from siamnas.spaces.described.space import Described

WIDTHS = {"s": (192, 384, 768), "m": (256, 512, 1024), "l": (320, 640, 1280)}
DEPTHS = {"s": (10, 12), "m": (22, 24), "l": (34, 36)}
HEADS = {"s": (4, 8, 12), "m": (8, 12, 16), "l": (8, 16, 20)}
RATIOS = (2, 3, 4)  # of the width of an MLP to the width of the model
VOCABULARY = 50_254
HEAD = 64  # channels of one head
LIMITED = 0.5  # share of the parameters of the largest network, if nothing is said

Scale = Annotated[str, Condition(f"one of {', '.join(WIDTHS)}", lambda v: v in WIDTHS)]

PARAMS = f"2*{VOCABULARY}*embed + sum({4 * HEAD}*embed*l.heads + 3*l.mlp_ratio*embed**2 + 4*embed for l in layers)"
"""Two embeddings; of every layer four projections of the attention, a gated MLP of three matrices, and two norms."""


def space(name: Word, scale: Scale, constraints: list[Word] | None) -> Described:
    """The transformers of one scale, with their exact number of `params`.

    Args:
        name: of the space.
        scale: s, m or l: 1.9e12, 5.4e23 and 1.5e35 networks.
        constraints: on `params`, such as `params<=95.2e6`; at most half of those of the largest network if None.
    """
    if constraints is None:
        constraints = [f"params<={LIMITED * largest(scale):.6g}"]
    block = {"mlp_ratio": choice(RATIOS), "heads": choice(HEADS[scale])}
    description = {
        "embed": choice(WIDTHS[scale]),
        "layers": repeat(block, *DEPTHS[scale]),
        "bias": choice([True, False]),
    }
    return Described(description, name, {"params": PARAMS}, constraints, network="gpt", classes=VOCABULARY)


@shipped.reads(perplexity.FILE)
def load(name: Word, scale: Scale, constraints: list[Word] | None) -> DomainBenchmark:
    """The transformers of one scale with HW-GPT-Bench's surrogate of their perplexity; arguments as for `space`."""
    return DomainBenchmark(space(name, scale, constraints), perplexity.Perplexity(scale))


def largest(scale: str) -> int:
    """Parameters of the largest network, without biases, which are not counted."""
    width, depth, heads = WIDTHS[scale][-1], DEPTHS[scale][-1], HEADS[scale][-1]
    layer = 4 * HEAD * width * heads + 3 * RATIOS[-1] * width**2 + 4 * width
    return 2 * VOCABULARY * width + depth * layer
