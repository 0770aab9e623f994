"""Free columns and constraints of the rows of a description."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siamnas.benchmarks.constraints import OPERATORS, Constraint, check_together, parse
from siamnas.config.validate import near
from siamnas.errors import InputError, shown
from siamnas.graphs.arrays import FloatArray
from siamnas.spaces.described.free import Choices, Known, call, is_slow, named

Constraints = Sequence[str | Callable[[Choices], Any]]


@dataclass(frozen=True)
class Effort:
    """How often constraints are looked at.

    Attributes:
        probe: draws that tell how rare what is allowed is.
        rare: share of all below which drawing again and again is too slow.
        store: architectures from which walks begin where it is rare.
        lead: steps on which one is led there.
        tries: neighbours that are looked at in one of these steps.
    """

    probe: int
    rare: float
    store: int
    lead: int
    tries: int


FAST = Effort(probe=2048, rare=0.02, store=256, lead=400, tries=8)
SLOW = Effort(probe=512, rare=0.2, store=48, lead=200, tries=4)
"""For functions of the user's, which are called for one architecture at a time."""


class Limits:
    """What architectures must fulfil, and how far they are from it.

    Args:
        columns: free columns by name.
        constraints: `column <= number`, or functions of the choices of an architecture that are True where it is
            allowed.
        choices: of one architecture.
        forbidden: (n,) how many forbidden combinations of choices architectures have; None if there are none.

    Raises:
        InputError: a constraint is none, or there is no such column.
    """

    def __init__(
        self,
        columns: Mapping[str, Known],
        constraints: Constraints,
        choices: Callable[[Any], Choices],
        forbidden: Callable[[Any], Any] | None = None,
    ) -> None:
        if isinstance(constraints, str) or not isinstance(constraints, Sequence):
            raise InputError(f"constraints={shown(repr(constraints))}: must be a list, such as ['params<=7e9']")
        self.columns, self.given, self.choices, self.forbidden = columns, tuple(constraints), choices, forbidden
        self.parsed: list[Constraint] = []
        self.functions = [one for one in constraints if callable(one)]
        for text in constraints:
            if callable(text):
                continue
            key, constraint = f"constraints={text}", parse(text) if isinstance(text, str) else None
            if constraint is None:
                raise InputError(f"{key}: must be a column, {', '.join(OPERATORS)} and a number, or a function")
            if constraint.column not in columns:
                known = f"; choose one of {', '.join(columns)}" if columns else ", there is none"
                raise InputError(f"{key}: no column {constraint.column}{near(constraint.column, list(columns))}{known}")
            self.parsed.append(constraint)
        check_together(self.parsed, "constraints")

    def __bool__(self) -> bool:
        return bool(self.parsed or self.functions or self.forbidden)

    def with_more(self, constraints: Constraints) -> "Limits":
        """The same, and others."""
        return Limits(self.columns, (*self.given, *constraints), self.choices, self.forbidden)

    @property
    def effort(self) -> Effort:
        """How often they can be looked at."""
        of_functions = any(is_slow(self.columns[one.column]) for one in self.parsed)
        return SLOW if self.functions or of_functions else FAST

    def violation(self, archs: Any) -> FloatArray:
        """(n,) 0 where all constraints are fulfilled, else by how much they are not, relative to their limits."""
        total = np.zeros(len(archs))
        values = {name: self.columns[name](archs) for name in {one.column for one in self.parsed}}
        for column, sign, limit in self.parsed:
            excess = np.abs(values[column] - limit) / max(abs(limit), 1e-12)
            broken = ~OPERATORS[sign](values[column], limit)
            # Even what lies on a limit that it must not reach is broken.
            total += np.where(broken, np.nan_to_num(excess, nan=np.inf) + 1e-9, 0)
        if self.forbidden:
            total += self.forbidden(archs)
        for function in self.functions:
            total += [self._told(function, arch) for arch in archs]
        return total

    def closest(self, archs: Any) -> str:
        """What the architecture that violates them least has."""
        best = archs[int(np.argmin(self.violation(archs)))][None]
        told = []
        for name in dict.fromkeys(one.column for one in self.parsed):
            must = " and ".join(f"{one.sign} {one.limit:g}" for one in self.parsed if one.column == name)
            told.append(f"{name} is {float(self.columns[name](best)[0]):.6g}, must be {must}")
        if self.forbidden and self.forbidden(best)[0]:
            told.append("a combination is forbidden")
        broken = [function for function in self.functions if self._told(function, best[0])]
        return "; ".join(told + [f"{named(function)} is not True" for function in broken])

    def _told(self, function: Callable[[Choices], Any], arch: Any) -> float:
        """1 where a function does not allow an architecture."""
        said = call(function, self.choices(arch), "constraint")
        plain = said.item() if hasattr(said, "item") and np.size(said) == 1 else said
        if not isinstance(plain, bool):  # a number that is 0 or negative where it is allowed looks like the opposite
            raise InputError(f"constraint {named(function)}: must return True or False, not {shown(repr(said))}")
        return float(not plain)
