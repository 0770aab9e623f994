"""What an evaluation tells where it tells more than one number."""

from collections.abc import Iterable, Mapping
from typing import Any


class Told(float):
    """Several numbers by name; where one number is expected it is the first of them.

        value["ms"]

    Args:
        numbers: name -> finite number.

    Attributes:
        numbers: the same.
    """

    numbers: dict[str, float]

    def __new__(cls, numbers: Mapping[str, float]) -> "Told":
        """See the class."""
        made = super().__new__(cls, next(iter(numbers.values())))
        made.numbers = dict(numbers)
        return made

    def __getitem__(self, name: str) -> float:
        """One of the numbers."""
        return self.numbers[name]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Told | Mapping):
            return self.numbers == (other.numbers if isinstance(other, Told) else other)
        return float(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = float.__hash__

    def __repr__(self) -> str:
        return repr(self.numbers)

    def __str__(self) -> str:
        return ", ".join(f"{name} {number:.6g}" for name, number in self.numbers.items())

    def __reduce__(self) -> tuple[Any, ...]:
        return Told, (self.numbers,)


class Missing(float):
    """What stands for an evaluation that has failed because some of its numbers are missing: NaN.

    Args:
        names: of what is missing.

    Attributes:
        names: the same.
    """

    names: tuple[str, ...]

    def __new__(cls, names: tuple[str, ...]) -> "Missing":
        """See the class."""
        made = super().__new__(cls, "nan")
        made.names = names
        return made

    @property
    def why(self) -> str:
        """Why the evaluation has failed."""
        return f"no finite number for {', '.join(self.names)}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Missing, (self.names,)


def named(values: Iterable[float]) -> list[Mapping[str, float] | None]:
    """The numbers of values; None for evaluations that failed."""
    return [value.numbers if isinstance(value, Told) else None for value in values]


def text(value: float) -> str:
    """A value for people, with six digits."""
    return str(value) if isinstance(value, Told) else f"{value:.6g}"
