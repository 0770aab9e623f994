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
SMALL = 1e-4  # below it, powers of ten are shorter


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
            like: another value whose decimals it gets.
            sign: `+` to write the sign of positive values too.
        """
        return format(self.scale * value, sign + self._spec(value if like is None else like))

    def spread(self, mean: float, std: float, repeats: int) -> str:
        """A mean with the standard deviation, where there is one."""
        return f"{self.text(mean)} ± {self.text(std, like=mean)}" if repeats > 1 else self.text(mean)

    def _spec(self, value: float) -> str:
        if self.unit == PERCENT:
            return ".2f"
        if not value or not math.isfinite(value):
            return ".4g"
        if abs(value) < SMALL:
            return f".{DIGITS - 1}e"
        return f".{max(DIGITS - 1 - math.floor(math.log10(abs(value))), 0)}f"
