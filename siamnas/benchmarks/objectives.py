"""Several objectives, and limits on what is measured: what every evaluation tells, and what is better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks.constraints import OPERATORS, Constraint, check_together, parse
from siamnas.benchmarks.pareto import nondominated
from siamnas.errors import InputError, literal, shown
from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.columns import check_column

FREE = " free"  # ends what is known of an architecture before it is trained
DIRECTIONS = ("min", "max", f"min{FREE}", f"max{FREE}")
MOST = 3  # objectives: the gain of a front of more takes too long
LONGEST = 100  # characters of a name
SINGLE = "value"  # the only objective where there are but limits

Columns = Mapping[str, FloatArray]


@dataclass(frozen=True)
class Objective:
    """What is to be large or small.

    Attributes:
        name: of what is told, or of a free column.
        maximise: whether larger is better.
        free: whether it is a free column of the space, so that nobody has to tell it.
    """

    name: str
    maximise: bool
    free: bool

    @property
    def sign(self) -> int:
        """What makes a larger value a better one."""
        return 1 if self.maximise else -1


@dataclass(frozen=True)
class Limit:
    """What has to be kept.

    Attributes:
        constraint: on what is told, or on a free column.
        free: as of `Objective`.
    """

    constraint: Constraint
    free: bool

    @property
    def name(self) -> str:
        """Of what is limited."""
        return self.constraint.column

    @property
    def sign(self) -> int:
        """What makes a larger value one that is rather allowed."""
        return 1 if self.constraint.sign.startswith(">") else -1

    def kept(self, values: FloatArray) -> NDArray[np.bool_]:
        """Where values, of any shape, keep it; NaN does not."""
        return OPERATORS[self.constraint.sign](values, self.constraint.limit)


@dataclass(frozen=True)
class Objectives:
    """What a search is for, where an evaluation tells more than one number.

    Attributes:
        aims: the objectives, the first one first.
        limits: on the same, or on more that is told.
    """

    aims: tuple[Objective, ...]
    limits: tuple[Limit, ...]

    @property
    def _all(self) -> tuple[Objective | Limit, ...]:
        return (*self.aims, *self.limits)

    @cached_property
    def told(self) -> tuple[str, ...]:
        """The names of what every evaluation tells: measured objectives, then what is but limited."""
        return tuple(dict.fromkeys(one.name for one in self._all if not one.free))

    @cached_property
    def signs(self) -> NDArray[np.int64]:
        """(T,) what makes a larger told number a better one, or one that is rather allowed."""
        found = {one.name: one.sign for one in reversed(self._all)}
        return np.array([found[name] for name in self.told])

    @property
    def free(self) -> tuple[str, ...]:
        """The free columns that are read."""
        return tuple(dict.fromkeys(one.name for one in self._all if one.free))

    def table(self, values: Sequence[Mapping[str, float] | None]) -> FloatArray:
        """(T, n) what was told, by name; NaN for evaluations that failed, which are None."""
        nothing = [np.nan] * len(self.told)
        rows = [nothing if value is None else [value[name] for name in self.told] for value in values]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.told)).T

    def labels(self, values: Sequence[Mapping[str, float] | None]) -> FloatArray:
        """(T, n) the same, higher is better."""
        return self.signs[:, None] * self.table(values)

    def worth(self, numbers: Columns) -> FloatArray:
        """(n, A) the objectives, higher is better; NaN where one is not known.

        Args:
            numbers: (n,) of each name, told or free.
        """
        return np.stack([aim.sign * numbers[aim.name] for aim in self.aims], axis=1)

    def feasible(self, numbers: Columns) -> NDArray[np.bool_]:
        """(n,) whether all limits are kept; False for evaluations that failed."""
        found = ~np.isnan(self.worth(numbers)).any(axis=1)
        return np.logical_and.reduce([found, *(limit.kept(numbers[limit.name]) for limit in self.limits)])

    def numbers(self, told: FloatArray, free: Columns) -> dict[str, FloatArray]:
        """(n,) of each name.

        Args:
            told: (T, n), see `table`.
            free: (n,) of each free column; nothing is known of one that is not there.
        """
        unknown = np.full(told.shape[1], np.nan)
        return {name: free.get(name, unknown) for name in self.free} | dict(zip(self.told, told, strict=True))

    def front(self, numbers: Columns) -> NDArray[np.int64]:
        """Seats of the feasible ones that none is better than, the best in the first objective first."""
        seats, worth = np.flatnonzero(self.feasible(numbers)), self.worth(numbers)
        seats = seats[nondominated(worth[seats])]
        return seats[np.argsort(-worth[seats, 0], kind="stable")]

    @property
    def _known(self) -> list[Limit]:
        """The limits on free columns."""
        return [limit for limit in self.limits if limit.free]

    @property
    def free_limits(self) -> list[str]:
        """The limits on free columns, as they are written."""
        return [limit.constraint.text for limit in self._known]

    def allowed(self, columns: Columns, size: int) -> NDArray[np.bool_]:
        """(M,) which architectures keep the limits on free columns; NaN keeps none.

        Args:
            columns: (M,) of each free column.
            size: M.

        Raises:
            InputError: none does.
        """
        kept = [limit.kept(columns[limit.name]) for limit in self._known]
        found = np.logical_and.reduce([np.ones(size, bool), *kept])
        if not found.any():
            raise InputError(f"constraints: no architecture keeps {', '.join(self.free_limits)}")
        return found

    def check_columns(self, columns: Sequence[str]) -> None:
        """Check that what is free is a column of the space.

        Raises:
            InputError: it is not.
        """
        for aim in self.aims:
            if aim.free:
                check_column(aim.name, f"objectives.{aim.name}", columns)
        for limit in self.limits:
            if limit.free:
                check_column(limit.name, f"constraints={limit.name}", columns)


def objectives(given: Mapping[str, str], constraints: Sequence[str], maximise: bool = True) -> Objectives | None:
    """What a search is for; None where it is one number.

    Args:
        given: name -> one of `DIRECTIONS`.
        constraints: such as `memory<=8`, or `params<=2 free` of a free column.
        maximise: whether larger is better where there are constraints alone.

    Raises:
        InputError: names what is not allowed.
    """
    if not given and not constraints:
        return None
    named = dict(given) or {SINGLE: "max" if maximise else "min"}
    aims = tuple(_objective(name, direction) for name, direction in named.items())
    if len(aims) > MOST:
        raise InputError(f"objectives={', '.join(named)}: must be at most {MOST}")
    if all(aim.free for aim in aims):
        raise InputError(f"objectives={', '.join(named)}: one of them must be told, not {FREE.strip()}")
    found = Objectives(aims, tuple(_limit(text) for text in constraints))
    check_together((limit.constraint for limit in found.limits), "constraints")
    return found


def _objective(name: Any, direction: Any) -> Objective:
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > LONGEST:
        raise InputError(f"objectives: {literal(name)}: must be the name of what is told, a text")
    if direction not in DIRECTIONS:
        raise InputError(f"objectives.{shown(name)}={literal(direction)}: must be one of {', '.join(DIRECTIONS)}")
    return Objective(name, direction.startswith("max"), direction.endswith(FREE))


def _limit(text: Any) -> Limit:
    constraint = parse(text.removesuffix(FREE)) if isinstance(text, str) else None
    if constraint is None:
        raise InputError(
            f"constraints: {literal(text)}: must be a name, {', '.join(OPERATORS)} and a number, such as memory<=8"
        )
    return Limit(constraint, text.endswith(FREE))
