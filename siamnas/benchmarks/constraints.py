"""Which architectures a search may choose from: limits on what is known of them for free, such as `flops<=35`."""

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from siamnas.config.validate import Condition
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.columns import PRICED, check_column

# The longer ones first: `<` would match the beginning of `<=`.
OPERATORS: dict[str, Callable[[FloatArray, float], NDArray[np.bool_]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
COMPARISON = re.compile(
    rf"\s*(?P<column>[A-Za-z_][\w.]*)\s*(?P<sign>{'|'.join(OPERATORS)})\s*(?P<limit>[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?)\s*",
    re.ASCII,
)

Constraints = list[
    Annotated[str, Condition("a column, <=, >=, < or >, and a number, such as flops<=35", lambda v: bool(parse(v)))]
]


class Constraint(NamedTuple):
    """`column sign limit`, in the unit of the column."""

    column: str
    sign: str
    limit: float

    @property
    def text(self) -> str:
        """As it is written; the number is short where that is exact."""
        short = f"{self.limit:g}"
        return f"{self.column}{self.sign}{short if float(short) == self.limit else repr(self.limit)}"


def parse(text: str) -> Constraint | None:
    """The parts of a constraint; None where it is none, or its number is beyond all floats."""
    found = COMPARISON.fullmatch(text)
    if found is None or not math.isfinite(limit := float(found["limit"])):
        return None
    return Constraint(found["column"], found["sign"], limit)


def check_together(constraints: Iterable[Constraint], key: str) -> None:
    """Check that some number keeps all constraints on a column.

    Args:
        constraints: on any columns.
        key: begins the message.

    Raises:
        InputError: none does, as of `gb<=1` and `gb>=2`.
    """
    each = list(constraints)
    for low in (one for one in each if one.sign.startswith(">")):
        for high in (one for one in each if one.sign.startswith("<") and one.column == low.column):
            touching = low.sign == ">=" and high.sign == "<="
            if low.limit > high.limit or low.limit == high.limit and not touching:
                raise InputError(f"{key}: no number keeps both {low.text} and {high.text}")


def within(columns: Mapping[str, FloatArray], constraints: Sequence[str], size: int) -> IntArray:
    """Indices of the architectures that fulfil all constraints; one whose value is not known (NaN) does not.

    Args:
        columns: (M,) columns that are free.
        constraints: each a text for `parse`.
        size: M.

    Raises:
        InputError: there is no such column, it is not free, or no architecture is left.
    """
    keep = np.arange(size)
    check_together(filter(None, map(parse, constraints)), "space.constraints")
    for text in constraints:
        key, constraint = f"space.constraints={text}", parse(text)
        if constraint is None:
            raise InputError(f"{key}: must be a column, {', '.join(OPERATORS)} and a number, such as flops<=35")
        _check(constraint.column, key, columns)
        values = columns[constraint.column][keep]
        fulfilled = OPERATORS[constraint.sign](values, constraint.limit)
        if not fulfilled.any():
            # Of those that the constraints before have left, which are all for the first.
            known = values[~np.isnan(values)]
            has = f"is from {known.min():g} to {known.max():g}" if known.size else "is not known"
            raise InputError(f"{key}: no architecture is left; {constraint.column} of these {len(keep):,} {has}")
        keep = keep[fulfilled]
    return keep


def _check(name: str, key: str, columns: Mapping[str, FloatArray]) -> None:
    """See `within`."""
    if name not in columns and PRICED.fullmatch(name):
        raise InputError(f"{key}: {name} is measured at a cost, so no constraint can be made of it")
    if not columns:
        raise InputError(f"{key}: nothing is known of these architectures for free; leave the constraints out")
    check_column(name, key, columns)
