"""Estimation Codes that the user brings: an array, or a function for the few architectures that need one."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from siamnas.benchmarks.codes import LARGEST_NUMBER, as_float32
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.base import Prior
from siamnas.runtime.arguments import array

Compute = Callable[[list[int]], Sequence[Sequence[float]] | FloatArray]
"""Indices of architectures -> their codes, (m, L); NaN for one that has none."""


class Memory(Protocol):
    """Where computed codes are kept."""

    @property
    def codes(self) -> Mapping[int, Sequence[float]]:
        """Index -> code, of all that were computed."""

    def add_codes(self, codes: dict[int, list[float]]) -> None:
        """Keep new ones."""


def named(prior: Prior | None, length: int) -> str:
    """What tells Estimation Codes from others, for a journal.

    Args:
        prior: where they come from; None for a function of the user's.
        length: L of what that function returns.
    """
    if prior is None:
        return f"a function, {length} numbers each"
    return prior.digest if isinstance(prior, GivenCodes) else prior.code_name


def numbers(codes: Any, shape: str) -> FloatArray:
    """Estimation Codes as an array.

    Args:
        codes: as they were given.
        shape: that they should have, for messages.

    Raises:
        InputError: they are no numbers, or no rows of one length.
    """
    return array(f"codes: must be {shape} numbers, a row per architecture", codes)


class GivenCodes(Prior):
    """Prior knowledge from an array.

    Args:
        codes: (M, L); NaN rows for architectures without a code; None for no codes at all.
        size: M.

    Attributes:
        values: (M, L).

    Raises:
        InputError: the array has another shape, or holds something else than numbers of 32 bits.
    """

    def __init__(self, codes: FloatArray | None, size: int) -> None:
        values = np.empty((size, 0)) if codes is None else numbers(codes, f"({size}, L)")
        if values.ndim != 2 or len(values) != size:
            raise InputError(f"codes: must be of shape ({size}, L), a row per architecture, not {values.shape}")
        self.values = as_float32(values, "codes")
        self.code_length = values.shape[1]
        self.code_name = "given" if self.code_length else "none"
        self.coded = np.logical_not(np.isnan(values).any(axis=1))

    @property
    def digest(self) -> str:
        """Of their values; `none` where there are none."""
        content = f"{self.values.shape} ".encode() + np.ascontiguousarray(self.values).tobytes()
        return hashlib.sha256(content).hexdigest() if self.code_length else self.code_name

    def codes(self, archs: IntArray) -> FloatArray:
        """See `Prior`."""
        return self.values[archs]

    def survey(self, columns: tuple[str, ...]) -> FloatArray:
        """See `Prior`; the only thing to survey is the code."""
        return self.values


class ComputedCodes(Prior):
    """Prior knowledge from a function, which is called once for each architecture that needs a code.

    Args:
        compute: see `Compute`.
        length: L.
        size: M.
        memory: what was computed before, and where it is remembered.
    """

    def __init__(self, compute: Compute, length: int, size: int, memory: Memory) -> None:
        self._compute = compute
        self._memory = memory
        self.code_length = length
        self.code_name = "computed"
        # Which have none shows only when they are computed; until then none is left out.
        self.coded = np.ones(size, dtype=np.bool_)

    def codes(self, archs: IntArray) -> FloatArray:
        """See `Prior`.

        Raises:
            InputError: the function has returned something else than (m, L) numbers.
        """
        missing = [arch for arch in dict.fromkeys(archs.ravel().tolist()) if arch not in self._memory.codes]
        if missing:
            computed = numbers(self._compute(list(missing)), f"({len(missing)}, {self.code_length})")
            if computed.shape != (len(missing), self.code_length):
                raise InputError(
                    f"codes: must return ({len(missing)}, {self.code_length}) numbers for {len(missing)} architectures "
                    f"(code_length={self.code_length}), not {computed.shape}"
                )
            # One infinite number would spoil the weights; its architecture counts as one without a code.
            computed[abs(computed) > LARGEST_NUMBER] = np.nan
            # Remembered before it is used: after a kill no code is computed twice.
            self._memory.add_codes(dict(zip(missing, computed.tolist(), strict=True)))
        known = self._memory.codes
        codes = [[known[arch] for arch in row] for row in archs.tolist()]
        return np.array(codes, dtype=np.float32).reshape(*archs.shape, self.code_length)

    def survey(self, columns: tuple[str, ...]) -> FloatArray:
        """See `Prior`."""
        return self.codes(np.arange(len(self.coded))[None])[0]
