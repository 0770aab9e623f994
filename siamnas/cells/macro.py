"""The network of NAS-Bench-Macro (arXiv 2103.11922): a chain of mobile blocks in stages."""

from collections.abc import Sequence

from torch import Tensor, nn

from siamnas.cells.layers import Classifier, ConvBN
from siamnas.config.validate import Size, Sizes
from siamnas.errors import InputError
from siamnas.spaces.listed import Space
from siamnas.spaces.macro import DIGITS

BLOCKS = {"mb3_k3": (3, 3), "mb6_k5": (6, 5)}  # expansion and kernel


class MobileBlock(nn.Module):
    """1x1 expansion, depthwise convolution, 1x1 projection, each with batch norm (MobileNetV2).

    The input is added where it has the shape of the output.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int, kernel: int) -> None:
        super().__init__()
        inner = expansion * inputs
        self.layers = nn.Sequential(
            ConvBN(inputs, inner, 1, activation=nn.ReLU()),
            ConvBN(inner, inner, kernel, stride, groups=inner, activation=nn.ReLU()),
            ConvBN(inner, outputs, 1),
        )
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        return x + self.layers(x) if self.residual else self.layers(x)


def network(layers: Sequence[str], stages: Sequence[int], stem: int, last: int, classes: int) -> Classifier:
    """Stem, stages whose first layer halves the image and doubles the channels, a 1x1 convolution, classifier.

    Args:
        layers: `identity` (a 1x1 convolution with batch norm where a stage begins), `mb3_k3` or `mb6_k5`.
        stages: layers of each; 2, 3 and 3 in the benchmark.
        stem: channels of the stem; 32 in the benchmark.
        last: channels of the last convolution; 1280 in the benchmark.
        classes: of the images.
    """
    features: list[nn.Module] = [ConvBN(3, stem, 3, activation=nn.ReLU())]
    width, rest = stem, iter(layers)
    for stage in stages:
        for layer in range(stage):
            outputs, stride = (width, 1) if layer else (2 * width, 2)
            features.append(_layer(next(rest), width, outputs, stride))
            width = outputs
    features.append(ConvBN(width, last, 1, activation=nn.ReLU()))
    return Classifier(nn.Sequential(*features), last, classes)


def build(space: Space, arch: int, classes: int, stages: Sizes, stem: Size, last: Size) -> Classifier:
    """Architecture `arch` of a space of chains, see `network`.

    Raises:
        InputError: it is no chain of known layers from `input` to `output`, or not as long as the stages.
    """
    name, nodes = space.archs[arch], space.operations(arch)
    chain = [(node, node + 1) for node in range(len(nodes) - 1)]
    if space.edges(arch) != chain or nodes[0] != "input" or nodes[-1] != "output":
        raise InputError(f"{name}: must be a chain from input to output")
    layers = nodes[1:-1]
    if len(layers) != sum(stages):
        raise InputError(f"network.stages={stages}: must sum to {len(layers)}, the layers of {name}")
    if unknown := [layer for layer in layers if layer not in DIGITS]:
        raise InputError(f"{name}: unknown layer {unknown[0]!r}; must be one of {', '.join(DIGITS)}")
    return network(layers, stages, stem, last, classes)


def _layer(name: str, inputs: int, outputs: int, stride: int) -> nn.Module:
    """The module of a layer."""
    if name in BLOCKS:
        return MobileBlock(inputs, outputs, stride, *BLOCKS[name])
    return nn.Identity() if stride == 1 else ConvBN(inputs, outputs, 1, stride)
