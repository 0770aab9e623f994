"""Different architectures of a domain, drawn at random, and a list of them that stands for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from siamnas.candidates.window import Window
from siamnas.seeding import stream
from siamnas.spaces.domain import Domain, Rows
from siamnas.spaces.listed import Space

BLOCK = 1024  # architectures that are drawn at once, so that fewer are the first of more
PATIENCE = 8  # blocks without a new architecture, after which there are thought to be no more


@dataclass(frozen=True, kw_only=True, repr=False)
class Sample(Window):
    """Different architectures of a domain as the list that stands for it, for what ranks a whole space."""

    def distinct(self, archs: NDArray[np.bool_] | None = None) -> int:
        """See `Space`."""
        return Space.distinct(self, archs)


def sample(domain: Domain, count: int, card: Mapping[str, str]) -> Sample:
    """A random sample of a domain, always the same; fewer than `count` where there are no more."""
    return listed(domain, different(domain, stream(0, "sample"), count), card)


def listed(domain: Domain, rows: Rows, card: Mapping[str, str]) -> Sample:
    """Architectures (n, ...) of a domain as a list, called by their texts."""
    texts = np.array([domain.describe(row) for row in rows], dtype=np.str_)
    return replace(Sample.of(domain, rows), archs=texts, card=card)


def different(domain: Domain, rng: np.random.Generator, count: int) -> Rows:
    """(n, ...) random architectures, none equal to another; fewer than `count` where no more are found."""
    found: dict[bytes, Rows] = {}
    without = 0
    while len(found) < count and without < PATIENCE:
        before, rows = len(found), domain.sample(rng, BLOCK)
        for key, row in zip(domain.key(rows), rows, strict=True):
            found.setdefault(key, row)
        without = without + 1 if len(found) == before else 0
    return domain.stack(list(found.values())[:count])
