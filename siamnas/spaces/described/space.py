"""A space that is described by its choices."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, Self

import numpy as np

from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.features.base import FeatureSet
from siamnas.runtime import notebook
from siamnas.spaces.described import language, plain, views
from siamnas.spaces.described.encoding import RowSpace
from siamnas.spaces.described.expressions import Expression
from siamnas.spaces.described.feasible import Feasible
from siamnas.spaces.described.features import ChoiceFeatures
from siamnas.spaces.described.free import Choices, FreeColumns, Known, OfFunction, OfView, call, columns_of
from siamnas.spaces.described.graphs import Graphs
from siamnas.spaces.described.limits import SLOW, Constraints, Limits
from siamnas.spaces.described.lowering import lower
from siamnas.spaces.described.size import size
from siamnas.spaces.described.text import Texts
from siamnas.spaces.domain import CLASSES, Domain, Rows

PROBE = 8  # architectures that a free column is tried on at once
TRIES = 32  # children of two parents of which one that fulfils the constraints is taken
NEIGHBOURS, SLOW_NEIGHBOURS = 4, 2  # times as many as are wanted are looked at where there are constraints

Column = str | Callable[[Choices], float]
"""An expression of the choices, see `siamnas.spaces.described.expressions`, or a function of them."""


class Described(Domain):
    """A space described by its choices; an architecture is a row of small integers (C,), see `RowSpace`.

    Without constraints, `sample` draws each choice uniformly.

    Args:
        description: a part, see `siamnas.spaces.described.language`; a mapping names the parts of a chain.
        name: of the space.
        columns: what is known of an architecture without training, by name.
        constraints: `column <= number`, or functions of the choices that are True where an architecture is allowed.
        roles: what the user's layers do where their names do not say it, see `siamnas.graphs.roles.table`.
        network: see `Domain`.
        classes: see `Domain`.

    Raises:
        InputError: the description, a column or a constraint is not allowed.
    """

    def __init__(
        self,
        description: Any,
        name: str = "own",
        columns: Mapping[str, Column] | None = None,
        constraints: Constraints = (),
        roles: Mapping[str, Sequence[str]] | None = None,
        network: str = "",
        classes: int = CLASSES,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise InputError(f"name={name!r}: must be a text")
        self.name, self.network, self.classes = name, network, classes
        self.description = as_whole(description)
        self._lowered = lower(self.description)
        self._rows = RowSpace(self._lowered)
        self.roles = {role: list(names) for role, names in (roles or {}).items()}
        self._graphs = Graphs(self._lowered, self._rows, self.roles)
        self._texts = Texts(self._lowered, name)
        self._features = ChoiceFeatures(self._lowered.columns)
        self.node_types, self.nodes = self._graphs.node_types, self._graphs.nodes
        self.size = size(self.description)
        self.given = columns_of({} if columns is None else columns)
        self.columns = tuple(self.given)
        self._free = FreeColumns({key: self._column(key, column) for key, column in self.given.items()}, self._probe)
        self._free.check(self._probe(PROBE))
        forbidden = self._rows.forbidden if self._lowered.forbidden else None
        self._limits = Limits(self._free, constraints, self.choices, forbidden)
        self.constraints = tuple(constraints)
        self._feasible = Feasible(
            self._drawn,
            self._rows.steps,
            self._limits.violation,
            self._limits.closest,
            f"space {name}",
            self._limits.effort,
        )

    def _column(self, key: str, column: Column) -> Known:
        """A free column."""
        if isinstance(column, OfView):
            return column.of(self._lowered.view)
        if getattr(column, "vectorised", False):
            return self._vectorised(key, column)
        if callable(column):
            return OfFunction(column, self.choices, key, lambda arch: arch.tobytes())
        expression = Expression(str(column), self._lowered.view, f"columns.{key}")
        return lambda rows: expression(rows, self._rows)

    def _vectorised(self, key: str, function: Any) -> Known:
        """A free column of a function that takes arrays."""

        def known(rows: Rows) -> FloatArray:
            found = call(
                function, views.arrays(self._lowered.view, rows, self._rows.holding(rows)), f"columns[{key!r}]"
            )
            try:
                values = np.asarray(found, np.float64)
            except (TypeError, ValueError):
                values = np.zeros(())
            if values.shape != (len(rows),):
                raise InputError(f"columns[{key!r}]: must be {len(rows)} numbers, one for each architecture")
            return values

        return known

    def _probe(self, count: int) -> Rows:
        """Rows that are always the same, without constraints."""
        return self._drawn(np.random.default_rng(0), count)

    def _drawn(self, rng: np.random.Generator, count: int) -> Rows:
        """Rows without constraints."""
        return self._rows.normalised(self._rows.drawn(rng, count))

    def sample(self, rng: np.random.Generator, count: int) -> Rows:
        """See `Domain`."""
        return self._feasible.sample(rng, count) if self._limits else self._drawn(rng, count)

    def within(self, constraints: Sequence[str]) -> Self:
        """See `Domain`."""
        made = copy(self)
        made._limits = self._limits.with_more(constraints)
        made._feasible = self._feasible.within(made._limits)
        return made

    def neighbours(self, arch: Rows, rng: np.random.Generator, most: int) -> Rows:
        """See `Domain`; a choice that comes into play, such as those of one more layer, is random."""
        if not self._limits:
            return self._rows.neighbours(arch, rng, most)
        rows = self._rows.neighbours(arch, rng, most * (SLOW_NEIGHBOURS if self._limits.effort is SLOW else NEIGHBOURS))
        allowed = rows[self._limits.violation(rows) == 0][:most]
        if len(allowed):
            return allowed
        pairs = {row.tobytes(): row for row in self._feasible.pairs(arch[None], rng, most)}
        pairs.pop(arch.tobytes(), None)
        return np.array(list(pairs.values())[:most], arch.dtype).reshape(-1, len(arch))

    def crossover(self, one: Rows, other: Rows, rng: np.random.Generator) -> Rows:
        """See `Domain`."""
        if not self._limits:
            return self._rows.mixed(one, other, rng, 1)[0]
        children = self._rows.mixed(one, other, rng, TRIES)
        violation = self._limits.violation(children)
        child = children[int(violation.argmin())]
        if violation.min() > 0:
            child = self._feasible.led(child[None], rng)[0]
            if self._limits.violation(child[None])[0] > 0:
                return one.copy()
        return child

    @property
    def options(self) -> dict[str, tuple[Any, ...]]:
        """What can be chosen in each column of a row."""
        return {column.name: column.options for column in self._lowered.columns}

    def normalised(self, archs: Rows) -> Rows:
        """(n, C) rows in which choices that play no part are -1, of rows with any numbers of options."""
        return self._rows.normalised(archs)

    def graphs(self, archs: Rows) -> GraphBatch:
        """See `Domain`."""
        return self._graphs.batch(archs, self._free.of(archs))

    def features(self, archs: Rows) -> FeatureSet:
        """See `Domain`; free columns come last, as logarithms where they are above 0."""
        return self._free.appended(self._features.of(archs), archs)

    def key(self, archs: Rows) -> list[bytes]:
        """See `Domain`."""
        return self._graphs.keys(np.asarray(archs))

    def describe(self, arch: Rows) -> str:
        """See `Domain`."""
        return self._texts.describe(arch)

    def parse(self, text: str) -> Rows:
        """See `Domain`."""
        row = self._texts.parse(text)
        if self._limits.violation(row[None])[0] > 0:
            raise InputError(f"{self.name}: {text!r} is not allowed: {self._limits.closest(row[None])}")
        return row

    def choices(self, arch: Rows) -> dict[str, Any]:
        """See `Domain`; in the shape of the description: a dict of values, of lists of what is repeated, and so on."""
        row = arch.tolist()
        return self._lowered.view.read(row, lambda gate: self._texts.holds(gate, row))

    @property
    def definition(self) -> str | None:
        """See `Domain`; see `siamnas.spaces.described.files`."""
        built = {"network": self.network, "classes": self.classes} if self.network else {}
        return plain.definition(self.name, self.description, self.given, self.constraints, self.roles, built)

    def __reduce__(self) -> tuple[Any, ...]:
        built = (self.network, self.classes)
        return Described, (self.description, self.name, self.given, self.constraints, self.roles, *built)

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self._shown().items())
        return f"<Space {self.name!r}: {told}>"

    def _repr_html_(self) -> str:
        return notebook.table([self._shown()], self.name)

    def _shown(self) -> dict[str, str]:
        """A space in a few words."""
        return {
            "architectures": counted(self.size),
            "choices": str(len(self._lowered.columns)),
            "nodes": str(self.nodes),
            "node types": str(len(self.node_types)),
            "free columns": ", ".join(map(repr, self.columns)) or "none",
        }


def as_whole(description: Any) -> language.Part:
    """A description as a part; a mapping is a chain of named parts."""
    if isinstance(description, Mapping):
        return language.chain(**dict(zip(language.as_names(description), description.values(), strict=True)))
    return language.as_part(description)


def counted(number: int | None) -> str:
    """A number of architectures, for people."""
    if number is None:
        return "not counted"
    return f"{number:,}" if number < 10**9 else f"{number:.3g}" if number < 10**300 else f"about 10^{len(str(number))}"
