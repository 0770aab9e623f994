"""Estimation Codes that the user brings: an array, or a function for the few architectures that need one."""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from siamnas.benchmarks.codes import LARGEST_NUMBER, as_float32
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.base import Prior

Compute = Callable[[list[int]], Sequence[Sequence[float]] | FloatArray]
"""Indices of architectures -> their codes, (m, L); NaN for one that has none."""
Remember = Callable[[dict[int, list[float]]], None]
"""Called with new codes: index -> code."""


def named(prior: Prior | None, length: int) -> str:
    """What tells Estimation Codes from others, for a journal.

    Args:
        prior: where they come from; None for a function of the user's.
        length: L of what that function returns.
    """
    if prior is None:
        return f"a function, {length} numbers each"
    return prior.digest if isinstance(prior, GivenCodes) else prior.code_name


class GivenCodes(Prior):
    """Prior knowledge from an array.

    Args:
        codes: (M, L); NaN rows for architectures without a code; None for no codes at all.
        size: M.

    Raises:
        InputError: the array has another shape, or holds something else than numbers of 32 bits.
    """

    def __init__(self, codes: FloatArray | None, size: int) -> None:
        values = np.empty((size, 0)) if codes is None else np.asarray(codes, dtype=np.float64)
        if values.ndim != 2 or len(values) != size:
            raise InputError(f"codes: must be of shape ({size}, L), a row per architecture, not {values.shape}")
        self._values = as_float32(values, "codes")
        self.code_length = values.shape[1]
        self.code_name = "given" if self.code_length else "none"
        self.coded = np.logical_not(np.isnan(values).any(axis=1))

    @property
    def digest(self) -> str:
        """Of their values; `none` where there are none."""
        content = f"{self._values.shape} ".encode() + np.ascontiguousarray(self._values).tobytes()
        return hashlib.sha256(content).hexdigest() if self.code_length else self.code_name

    def codes(self, archs: IntArray) -> FloatArray:
        """See `Prior`."""
        return self._values[archs]

    def survey(self, columns: tuple[str, ...]) -> FloatArray:
        """See `Prior`; the only thing to survey is the code."""
        return self._values


class ComputedCodes(Prior):
    """Prior knowledge from a function, which is called once for each architecture that needs a code.

    Args:
        compute: see `Compute`.
        length: L.
        size: M.
        known: codes that were computed before, index -> code.
        remember: see `Remember`.
    """

    def __init__(
        self, compute: Compute, length: int, size: int, known: dict[int, list[float]], remember: Remember
    ) -> None:
        self._compute = compute
        self._known = {arch: np.array(code, dtype=np.float32) for arch, code in known.items()}
        self._remember = remember
        self.code_length = length
        self.code_name = "computed"
        # Which have none shows only when they are computed; until then none is left out.
        self.coded = np.ones(size, dtype=np.bool_)

    def codes(self, archs: IntArray) -> FloatArray:
        """See `Prior`.

        Raises:
            InputError: the function has returned something else than (m, L) numbers.
        """
        missing = [arch for arch in dict.fromkeys(archs.ravel().tolist()) if arch not in self._known]
        if missing:
            computed = np.asarray(self._compute(missing), dtype=np.float64)
            if computed.shape != (len(missing), self.code_length):
                raise InputError(
                    f"codes: must return ({len(missing)}, {self.code_length}) numbers for {len(missing)} architectures "
                    f"(code_length={self.code_length}), not {computed.shape}"
                )
            # One infinite number would spoil the weights; its architecture counts as one without a code.
            computed[abs(computed) > LARGEST_NUMBER] = np.nan
            # Remembered before it is used: after a kill no code is computed twice.
            self._remember(dict(zip(missing, computed.tolist(), strict=True)))
            self._known |= zip(missing, computed.astype(np.float32), strict=True)
        return np.stack([np.stack([self._known[arch] for arch in row]) for row in archs.tolist()])

    def survey(self, columns: tuple[str, ...]) -> FloatArray:
        """See `Prior`."""
        return self.codes(np.arange(len(self.coded))[None])[0]
