"""Is one method better than another? Tests over repeats that share their identity, and so their random numbers."""

import itertools
from typing import TYPE_CHECKING

import numpy as np

from siamnas.spaces.space import FloatArray

if TYPE_CHECKING:
    import pandas as pd

DRAWS = 10_000  # bootstrap resamples
LEVEL = 0.95  # of the interval
SEED = 0
KEYS = ["benchmark", "n", "k"]
COLUMNS = [*KEYS, "method_a", "method_b", "pairs", "difference", "low", "high", "wilcoxon_p", "holm_p"]


def compare(repeats: "pd.DataFrame") -> "pd.DataFrame":
    """All pairs of methods of a benchmark at the same N and K, over the repeats that both have.

    Args:
        repeats: columns `benchmark`, `method`, `n`, `k`, `identity` and `best`.

    Returns:
        Columns `COLUMNS`, in the unit of `best`: `difference` is the mean of a - b over `pairs` repeats, `low` and
        `high` its 95 % percentile bootstrap interval over repeats, `wilcoxon_p` the two-sided signed-rank test (1 where
        all are equal), `holm_p` the same corrected for the number of pairs at this N and K. Rows with fewer than two
        common repeats are left out.
    """
    import pandas as pd

    rows = []
    for (benchmark, n, k), cell in repeats.groupby(KEYS, sort=False):
        wide = cell.pivot(index="identity", columns="method", values="best")
        unit = _unit(wide.to_numpy())
        methods = [method for method in cell["method"].unique() if wide[method].notna().sum() > 1]
        found = []
        for a, b in itertools.combinations(reversed(methods), 2):
            difference = (wide[a] - wide[b]).dropna().to_numpy()
            if len(difference) > 1:
                low, high = interval(difference)
                found.append(
                    (benchmark, n, k, a, b, len(difference), difference.mean(), low, high, wilcoxon(difference, unit))
                )
        adjusted = holm(np.array([row[-1] for row in found]))
        rows += [(*row, p) for row, p in zip(found, adjusted, strict=True)]
    return pd.DataFrame(rows, columns=COLUMNS)


def interval(difference: FloatArray) -> tuple[float, float]:
    """The percentile bootstrap interval of the mean of (n,) values; the same every time."""
    means = _weights(len(difference)) @ difference
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def wilcoxon(difference: FloatArray, unit: float = 1.0) -> float:
    """Two-sided p of the signed-rank test on (n,) differences of values of the size of `unit`; 1 where all are 0."""
    from scipy import stats

    # Differences that only rounding tells apart are ties; pairs without a difference take part with half a sign each.
    difference = np.round(difference / unit, 9)
    if not difference.any():
        return 1.0
    return float(stats.wilcoxon(difference, zero_method="zsplit").pvalue)


def holm(p: FloatArray) -> FloatArray:
    """Holm's step-down correction of (m,) p values."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _unit(values: FloatArray) -> float:
    """The power of ten at or above the largest of some values; 1 where all are 0."""
    largest = float(np.nanmax(np.abs(values)))
    return 10.0 ** np.ceil(np.log10(largest)) if largest else 1.0


_drawn: dict[int, FloatArray] = {}


def _weights(n: int) -> FloatArray:
    """(DRAWS, n) share of each of n values in every resample."""
    if n not in _drawn:
        _drawn[n] = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), size=DRAWS) / n
    return _drawn[n]
