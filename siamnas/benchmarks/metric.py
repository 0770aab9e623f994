"""What is measured of an architecture: its name, which direction is better, and how its values are written."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

PERCENT = "%"
DIGITS = 4  # significant ones of a value that is no share
SMALL, LARGE = 1e-4, 1e7  # beyond these, powers of ten are shorter
LEAST = -300  # power of ten


@dataclass(frozen=True)
class Metric:
    """What is measured by training an architecture.

    Attributes:
        name: for people, for example `test_200_mean`.
        maximise: whether larger is better.
        unit: `%` for what is kept as a fraction and shown in percent, such as an accuracy; else empty.
    """

    name: str
    maximise: bool = True
    unit: str = PERCENT

    @classmethod
    def of(cls, meta: Mapping[str, Any]) -> "Metric":
        """That of a result; before metrics had names, all were accuracies."""
        return cls(**meta["metric"]) if "metric" in meta else cls(meta["report_name"])

    @property
    def sign(self) -> int:
        """What makes a larger value a better one."""
        return 1 if self.maximise else -1

    @property
    def noun(self) -> str:
        """`accuracy` for the columns of the shipped tables, such as `test_200_mean`; else the name."""
        return "accuracy" if re.match(r"(test|valid)_(\d+_|mean$)", self.name) else self.name

    @property
    def remark(self) -> str:
        """What must be said after the name where smaller is better; else empty."""
        return "" if self.maximise else "smaller is better"

    @property
    def scale(self) -> float:
        """What a value is multiplied by to be shown."""
        return 100.0 if self.unit == PERCENT else 1.0

    def regret(self, optimum: float, value: float) -> float:
        """How far a value is from the optimum; a mean may round to just beyond it, which is no regret."""
        return max(optimum - value if self.maximise else value - optimum, 0.0)

    def no_better(self, values: Any, other: float) -> Any:
        """Where values, of any shape, are not better than another; False where there is none (NaN)."""
        return self.sign * values <= self.sign * other

    def best(self, values: "pd.Series") -> Any:
        """The index of the best of some values, the first of equal ones."""
        return values.idxmax() if self.maximise else values.idxmin()

    def text(self, value: float, like: float | None = None, sign: str = "") -> str:
        """A value without its unit: percent with two decimals, or four significant digits.

        Args:
            value: in the unit that results are kept in.
            like: another value whose decimals, and power of ten, it gets.
            sign: `+` to write the sign of positive values too.
        """
        own = value if like is None else like
        if self.unit == PERCENT:
            return f"{100 * value:{sign}z.2f}"
        if not own or not math.isfinite(own):
            return f"{value:{sign}.{DIGITS}g}"
        power = max(int(f"{own:.{DIGITS - 1}e}".partition("e")[2]), LEAST)
        if SMALL <= abs(own) < LARGE:
            return f"{value:{sign}z.{max(DIGITS - 1 - power, 0)}f}"
        if own == value:
            return f"{value:{sign}.{DIGITS - 1}e}"
        return f"{value / 10.0**power:{sign}z.{DIGITS - 1}f}e{power:+03d}"

    def spread(self, mean: float, std: float, repeats: int) -> str:
        """A mean with the standard deviation, where there is one; both with the decimals of the larger."""
        like = max(mean, std, key=abs)
        return f"{self.text(mean, like)} ± {self.text(std, like)}" if repeats > 1 else self.text(mean)
