"""Shares of repeats, with how far they can be trusted."""

import math
from typing import TYPE_CHECKING

from siamnas.runtime.table import DASH

if TYPE_CHECKING:
    import pandas as pd

Z = 1.959963984540054  # 95 % of a normal distribution lie within so many standard deviations


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of `count` repeats (Wilson 1927); it holds near 0 and 1, too. NaN for NaN."""
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * math.sqrt(max(share * (1 - share), 0.0) / count + Z**2 / (4 * count**2))
    return (middle, middle) if share != share else (max(middle - half, 0.0), min(middle + half, 1.0))


def text(share: float, count: int) -> str:
    """In percent with the interval: `93 [86, 97]`; a dash where there is none (NaN)."""
    if share != share:
        return DASH
    low, high = wilson(share, count)
    return f"{100 * share:.0f} [{100 * low:.0f}, {100 * high:.0f}]"


def with_intervals(table: "pd.DataFrame", share: str, count: str) -> "pd.DataFrame":
    """A table of shares with the columns `<share>_low` and `<share>_high`; `count` is the column of the repeats."""
    ends = [wilson(*pair) for pair in zip(table[share].tolist(), table[count].tolist(), strict=True)]
    return table.assign(**{f"{share}_{end}": [own[i] for own in ends] for i, end in enumerate(("low", "high"))})
