"""A network: the operations of a chain, one after the other, between a stem and a classifier."""

from torch import nn

from siamnas.spaces.listed import Space


def build(space: Space, arch: int, classes: int, width: int) -> nn.Module:
    """Architecture number `arch` as a network: images (B, 3, H, W) -> logits (B, classes)."""
    operations = space.operations(arch)[1:-1]  # between input and output
    stem = nn.Conv2d(3, width, 3, padding=1)
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes)]
    return nn.Sequential(stem, *(layer(operation, width) for operation in operations), *head)


def layer(operation: str, width: int) -> nn.Module:
    """conv3x3, conv5x5 or pool; the image keeps its size."""
    if operation == "pool":
        return nn.MaxPool2d(3, stride=1, padding=1)
    size = int(operation[-1])
    convolution = nn.Conv2d(width, width, size, padding=size // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(width), nn.ReLU())
