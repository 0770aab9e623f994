"""Networks of inverted bottlenecks: MnasNet as in Accel-NASBench, and sub-networks of once-for-all supernets."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from torch import Tensor, nn

from siamnas.cells.layers import Classifier, ConvBN
from siamnas.spaces.mobile import mnasnet as mnas
from siamnas.spaces.mobile import ofa

Choices = Mapping[str, Any]
"""Of an architecture: the layers of each stage, each a mapping of its properties."""


class SqueezeExcite(nn.Module):
    """Scales channels by what two 1x1 convolutions make of their means (arXiv 1709.01507).

    Args:
        channels: of the images.
        middle: between the convolutions.
        gate: what makes a scale of the last result.
    """

    def __init__(self, channels: int, middle: int, gate: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(channels, middle, 1), nn.ReLU(), nn.Conv2d(middle, channels, 1), gate)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, H, W) -> the same."""
        return x * self.layers(x.mean(dim=(2, 3), keepdim=True))


class InvertedBottleneck(nn.Module):
    """1x1 expansion (none for a ratio of 1), depthwise convolution, maybe squeeze-excite, 1x1 projection.

    The input is added where it has the shape of the output.

    Args:
        inputs: channels.
        outputs: channels.
        stride: of the depthwise convolution.
        expand: ratio of the expansion.
        kernel: of the depthwise convolution.
        activation: after expansion and depthwise convolution.
        excite: the squeeze-excite.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        stride: int,
        expand: int,
        kernel: int,
        activation: nn.Module,
        excite: SqueezeExcite | None = None,
    ) -> None:
        super().__init__()
        inner = expand * inputs
        widen = [ConvBN(inputs, inner, 1, activation=activation)] if expand > 1 else []
        depthwise = ConvBN(inner, inner, kernel, stride, groups=inner, activation=activation)
        parts = [*widen, depthwise, *([excite] if excite else []), ConvBN(inner, outputs, 1)]
        self.layers = nn.Sequential(*parts)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        return x + self.layers(x) if self.residual else self.layers(x)


def mnasnet(arch: Choices, classes: int) -> Classifier:
    """A network of `space=mnasnet`: images (B, 3, H, W) -> logits (B, classes).

    Args:
        arch: its choices.
        classes: of the images.
    """
    features: list[nn.Module] = [ConvBN(3, mnas.STEM, 3, 2, activation=nn.ReLU())]
    for _, layer, inputs, outputs, stride in _layers(arch, mnas.STEM, mnas.WIDTHS, mnas.STRIDES):
        middle = inputs // mnas.SQUEEZE
        excite = SqueezeExcite(layer["expand"] * inputs, middle, nn.Sigmoid()) if layer["squeeze"] else None
        features.append(
            InvertedBottleneck(inputs, outputs, stride, layer["expand"], layer["kernel"], nn.ReLU(), excite)
        )
    features.append(ConvBN(mnas.WIDTHS[-1], mnas.LAST, 1, activation=nn.ReLU()))
    return Classifier(nn.Sequential(*features), mnas.LAST, classes)


def once_for_all(arch: Choices, classes: int, supernet: ofa.Name) -> Classifier:
    """A sub-network of `space=ofa_mobilenetv3`, with weights of its own: images (B, 3, H, W) -> logits (B, classes).

    Args:
        arch: its choices.
        classes: of the images.
        supernet: its name, see `siamnas.spaces.mobile.ofa.SUPERNETS`.
    """
    own = ofa.SUPERNETS[supernet]
    smooth, (middle, last) = [nn.Hardswish() if one else nn.ReLU() for one in own.smooth], own.last
    features: list[nn.Module] = [ConvBN(3, own.stem, 3, 2, activation=nn.Hardswish())]
    features.append(InvertedBottleneck(own.stem, own.first, 1, 1, 3, smooth[0]))
    for stage, layer, inputs, outputs, stride in _layers(arch, own.first, own.widths, own.strides):
        inner = layer["expand"] * inputs
        excite = (
            SqueezeExcite(inner, int(ofa.squeezed(np.array(inner))), nn.Hardsigmoid()) if own.squeezes[stage] else None
        )
        features.append(
            InvertedBottleneck(inputs, outputs, stride, layer["expand"], layer["kernel"], smooth[stage + 1], excite)
        )
    features += [ConvBN(own.widths[-1], middle, 1, activation=nn.Hardswish()), nn.AdaptiveAvgPool2d(1)]
    features += [nn.Conv2d(middle, last, 1, bias=False), nn.Hardswish()]
    return Classifier(nn.Sequential(*features), last, classes)


def _layers(
    arch: Choices, width: int, widths: tuple[int, ...], strides: tuple[int, ...]
) -> Iterator[tuple[int, Mapping[str, Any], int, int, int]]:
    """Of every layer the number of its stage, its properties, its channels before and after, and its stride."""
    for number, (stage, outputs, stride) in enumerate(zip(arch.values(), widths, strides, strict=True)):
        for place, layer in enumerate(stage):
            yield number, layer, width, outputs, 1 if place else stride
            width = outputs
