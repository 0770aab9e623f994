"""The selection of architectures of a space that a command measures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from siamnas.candidates import drawn
from siamnas.config.validate import near
from siamnas.errors import InputError
from siamnas.runtime import regular
from siamnas.seeding import stream
from siamnas.spaces.domain import Domain

Names = NDArray[np.str_]
Asked = None | int | str | list[str | int]
"""`archs` of the configuration: None (all), a number of random ones, names, or a file with one per line."""


def chosen(asked: Asked, space: Names | Domain, seed: int) -> list[str]:
    """The names of the selected architectures, in the order of measurement: random, or as they were named.

    Args:
        asked: see `Asked`.
        space: (M,) all names, or a space that has no list.
        seed: of the random order; a number is the beginning of any larger one.

    Raises:
        InputError: there are fewer, there is no such architecture or file, or all are asked for and there is no list.
    """
    if asked is None or isinstance(asked, int):
        return _at_random(asked, space, seed)
    names = _lines(asked) if isinstance(asked, str) else list(map(str, asked))
    return list(dict.fromkeys(_parsed(names, space) if isinstance(space, Domain) else _known(names, space)))


def _at_random(count: int | None, space: Names | Domain, seed: int) -> list[str]:
    """So many names at random; all for None."""
    rng = stream(seed, "measure")
    if not isinstance(space, Domain):
        if count is not None and count > len(space):
            raise InputError(f"archs={count}: must be at most {len(space)}, the number of architectures of the space")
        return space[rng.permutation(len(space))[:count]].tolist()
    if count is None:
        raise InputError(f"archs=null: {space.name} has no list; give a number of random ones, or names")
    rows = drawn.different(space, rng, count)
    if len(rows) < count:
        raise InputError(f"archs={count}: must be at most {len(rows)}, as many architectures as are found")
    return [space.describe(row) for row in rows]


def _known(names: Sequence[str], space: Names) -> Sequence[str]:
    """Names of a list.

    Raises:
        InputError: one is none.
    """
    known = dict.fromkeys(space.tolist())
    for name in names:
        if name not in known:
            raise InputError(f"archs: the space has no architecture {name}{near(name, known)}")
    return names


def _parsed(names: Sequence[str], domain: Domain) -> list[str]:
    """Texts of a domain as it writes them.

    Raises:
        InputError: one is no text of an architecture.
    """
    try:
        return [domain.describe(domain.parse(name)) for name in names]
    except InputError as error:
        raise InputError(f"archs: {error}") from None


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
