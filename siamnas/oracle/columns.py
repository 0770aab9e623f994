"""Estimation Codes that cost nothing: the free columns of a space without a list."""

from functools import cached_property

import numpy as np

from siamnas.graphs import features
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.base import Prior
from siamnas.spaces.listed import Space


class ColumnCodes(Prior):
    """The free columns of architectures, standardised, as their Estimation Codes.

    Args:
        space: the architectures; its `reference` says in which unit columns are, and which of them tell nothing apart.

    Attributes:
        coded: (M,) False for those that may not be chosen.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self.coded = np.ones(len(space), dtype=np.bool_)

    @cached_property
    def values(self) -> FloatArray:
        """(M, L) all codes."""
        if not (names := tuple(self._space.columns)):
            return np.empty((len(self._space), 0))
        return features.build(self._space, ("columns",), names).values

    @property
    def code_length(self) -> int:  # type: ignore[override]
        """See `Prior`."""
        return self.values.shape[1]

    @property
    def code_name(self) -> str:  # type: ignore[override]
        """See `Prior`."""
        return ",".join(self._space.columns) if self.code_length else "none"

    def codes(self, archs: IntArray) -> FloatArray:
        """See `Prior`."""
        return self.values[archs]

    def survey(self, columns: tuple[str, ...]) -> FloatArray:
        """See `Prior`; the only thing to survey is the code."""
        return self.values
