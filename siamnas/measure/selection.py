"""The selection of architectures of a space that a command measures."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from siamnas.config.validate import near
from siamnas.errors import InputError
from siamnas.runtime import regular
from siamnas.seeding import stream


def chosen(asked: None | int | str | list[str | int], archs: NDArray[np.str_], seed: int) -> list[int]:
    """The numbers of the selected architectures, in the order of measurement: random, or as they were named.

    Args:
        asked: `archs` of the configuration: None (all), a number of random ones, names, or a file with one per line.
        archs: (M,) names.
        seed: of the random order; a number is the beginning of any larger one.

    Raises:
        InputError: there are fewer, or there is no such architecture or file.
    """
    if asked is None or isinstance(asked, int):
        if asked is not None and asked > len(archs):
            raise InputError(f"archs={asked}: must be at most {len(archs)}, the number of architectures of the space")
        return stream(seed, "measure").permutation(len(archs))[:asked].tolist()
    names = _lines(asked) if isinstance(asked, str) else list(map(str, asked))
    numbers = {str(arch): i for i, arch in enumerate(archs)}
    for name in names:
        if name not in numbers:
            raise InputError(f"archs: the space has no architecture {name}{near(name, numbers)}")
    return [numbers[name] for name in dict.fromkeys(names)]


def _lines(path: str) -> list[str]:
    """The names in a file."""
    try:
        lines = regular.text(Path(path).expanduser()).splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"archs={path}: cannot be read as a file of names: {reason}") from error
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise InputError(f"archs={path}: must hold at least one name")
    return names
