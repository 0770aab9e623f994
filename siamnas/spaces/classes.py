"""Which architectures of a space are equal but for the numbers of their nodes and for what is dead."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from siamnas.spaces.canonical import forms
from siamnas.spaces.live import Live

if TYPE_CHECKING:
    from siamnas.spaces.space import Space


def of(space: "Space") -> NDArray[np.int64]:
    """(M,) the number of the first architecture of the class of each one.

    Equal are two architectures when nothing is left to tell them apart: dead nodes are removed, identities spliced, and
    nodes numbered in one way. Sums and concatenations have no order; x + x is not x.
    """
    return space.classes


def of_live(live: Live) -> NDArray[np.int64]:
    """See `of`."""
    rows = np.ascontiguousarray(forms(live))
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).reshape(-1)
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    return first[place].astype(np.int64)
