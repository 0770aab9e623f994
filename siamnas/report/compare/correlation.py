"""How well a number of architectures goes with their accuracies."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from siamnas.graphs.arrays import FloatArray

TOP = 0.1  # share of the architectures, by accuracy, that `spearman_top` is about


def correlations(values: FloatArray, report: FloatArray) -> dict[str, float]:
    """Of (m,) values with (m,) accuracies: Spearman's and Kendall's of all, Spearman's among the best of them."""
    from scipy import stats

    top = report >= np.quantile(report, 1 - TOP)
    return {
        "spearman": _correlation(stats.spearmanr, values, report),
        "kendall": _correlation(stats.kendalltau, values, report),
        "spearman_top": _correlation(stats.spearmanr, values[top], report[top]),
    }


def _correlation(of: Callable[..., Any], values: FloatArray, report: FloatArray) -> float:
    """One of them; NaN where all values or all accuracies are equal."""
    if np.ptp(values) == 0 or np.ptp(report) == 0:
        return float("nan")
    return float(of(values, report).statistic)


def signed(numbers: Mapping[str, Any]) -> str:
    """Both rank correlations, for a title; a dash where there is none (NaN)."""
    both = (numbers[name] for name in ("spearman", "kendall"))
    rho, tau = ("–" if one != one else f"{one:+.2f}".replace("-", "\u2212") for one in both)
    return f"ρ {rho}  τ {tau}"
