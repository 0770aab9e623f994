"""Architectures of a space as PyTorch networks, by the name of a config of the group `network`."""

from collections.abc import Callable, Iterable

from torch import nn

from siamnas.config.compose import compose, plain
from siamnas.experiment import build
from siamnas.spaces.listed import Space


def networks(
    space: Space, network: str, classes: int = 10, overrides: Iterable[str] = ()
) -> Callable[[int], nn.Module]:
    """A function from the number of an architecture to its network, with new weights at every call.

    Images are (B, 3, H, W), 32x32 as published, and logits (B, classes). Seed torch for the weights.

    Args:
        space: the architectures.
        network: `nb201`, `nb201_reduced`, `nano`, `nb_macro`, or a config of your own, see `docs/extend.md`.
        classes: of the images.
        overrides: words such as `network.cells=1`.

    Raises:
        InputError: an option is not allowed; the function itself: there is no such architecture, or it can't be built.
    """
    cfg, _ = compose([f"network={network}", *overrides])
    return build.networks(plain(cfg), space, classes)
