"""A space of the user's functions: how to draw an architecture, how to change one, and its graph."""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any, Self

import numpy as np

from siamnas.errors import InputError, reason, shown
from siamnas.graphs import canonical, roles
from siamnas.graphs.arrays import type_number
from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.features.base import FeatureSet
from siamnas.runtime import notebook
from siamnas.spaces import from_graphs
from siamnas.spaces.described.feasible import Feasible
from siamnas.spaces.described.free import FreeColumns, OfFunction, call, columns_of
from siamnas.spaces.described.language import MOST_TYPES
from siamnas.spaces.described.limits import Constraints, Limits
from siamnas.spaces.domain import Domain, Rows

PROBE = 256  # architectures that say which operations there are, and how many nodes
TRIES = 3  # times as many changes are tried as neighbours are wanted
MOST_CHILDREN = 32

Arch = Any
Graph = tuple[Sequence[str], Sequence[tuple[int, int]]]
"""Operations on nodes, and edges (from, to)."""


class Sampled(Domain):
    """A space of functions; an architecture is any object of the user's, which is never changed.

    Arguments: see `siamnas.spaces.public.Space.of_sampler`.

    Raises:
        InputError: a function fails, or its answer can't be used.
    """

    def __init__(
        self,
        sample: Callable[[np.random.Generator], Arch],
        mutate: Callable[[Arch, np.random.Generator], Arch],
        graph: Callable[[Arch], Graph],
        crossover: Callable[[Arch, Arch, np.random.Generator], Arch] | None,
        key: Callable[[Arch], str] | None,
        describe: Callable[[Arch], str] | None,
        parse: Callable[[str], Arch] | None,
        choices: Callable[[Arch], Mapping[str, Any]] | None,
        operations: Sequence[str] | None,
        nodes: int | None,
        columns: Mapping[str, Callable[[Arch], float]],
        constraints: Constraints,
        name: str,
        own_roles: Mapping[str, Sequence[str]] | None,
    ) -> None:
        self.name, self.size = name, None
        self._sample, self._mutate, self._graph, self._crossover = sample, mutate, graph, crossover
        self._key, self._describe, self._parse, self._choices = key, describe, parse, choices
        if (describe is None) != (parse is None):
            raise InputError("of_sampler: describe and parse must both be given, or neither")
        drawn = [self._graph_of(arch) for arch in self._drawn(np.random.default_rng(0), PROBE)]
        known = operations or sorted({one for names, _ in drawn for one in names})
        self.node_types = tuple(dict.fromkeys([from_graphs.PADDING, *known]))
        if len(self.node_types) > MOST_TYPES:
            raise InputError(f"of_sampler: has {len(known):,} different operations, must be less than {MOST_TYPES:,}")
        self.nodes = nodes or max(len(names) for names, _ in drawn)
        self._table = roles.table(self.node_types, own_roles)
        self.columns = tuple(columns_of(columns))
        made = {column: OfFunction(function, _self, column, self.describe) for column, function in columns.items()}
        self._free = FreeColumns(made, lambda count: self._drawn(np.random.default_rng(0), count))
        self._limits = Limits(self._free, constraints, _self)
        self._feasible = Feasible(
            self._drawn,
            self._steps,
            self._limits.violation,
            self._limits.closest,
            f"space {name}",
            self._limits.effort,
        )
        self._check(self._drawn(np.random.default_rng(0), 1))

    def _check(self, archs: Rows) -> None:
        """Every function is tried once."""
        self.graphs(archs)
        try:
            self._read(self.describe(archs[0]))
        except InputError as error:
            raise InputError(f"of_sampler: give describe and parse, of which one undoes the other: {error}") from error
        self.choices(archs[0])

    def sample(self, rng: np.random.Generator, count: int) -> Rows:
        """See `Domain`."""
        return self._feasible.sample(rng, count) if self._limits else self._drawn(rng, count)

    def _drawn(self, rng: np.random.Generator, count: int) -> Rows:
        """Architectures without constraints."""
        return self.stack([call(self._sample, rng, "of_sampler: sample") for _ in range(count)])

    def _steps(self, archs: Rows, rng: np.random.Generator) -> Rows:
        """A mutant of each."""
        return self.stack([call(lambda one: self._mutate(one, rng), arch, "of_sampler: mutate") for arch in archs])

    def within(self, constraints: Sequence[str]) -> Self:
        """See `Domain`."""
        made = copy(self)
        made._limits = self._limits.with_more(constraints)
        made._feasible = self._feasible.within(made._limits)
        return made

    def neighbours(self, arch: Rows, rng: np.random.Generator, most: int) -> Rows:
        """See `Domain`; mutants."""
        mutants = self._different(self._steps(self.stack([arch] * (TRIES * most)), rng), arch)
        found = mutants[self._limits.violation(mutants) == 0]
        if self._limits and not len(found):
            found = self._different(self._feasible.pairs(self.stack([arch]), rng, most), arch)
        return found[:most]

    def _different(self, archs: Rows, arch: Rows) -> Rows:
        """Each of the architectures once, and none that is `arch`."""
        different = {self.describe(one): one for one in archs}
        different.pop(self.describe(arch), None)
        return self.stack(list(different.values()))

    def crossover(self, one: Rows, other: Rows, rng: np.random.Generator) -> Rows:
        """See `Domain`."""
        for _ in range(MOST_CHILDREN):
            child = self._child(one, other, rng)
            if self._limits.violation(self.stack([child]))[0] == 0:
                return child
        return one

    def _child(self, one: Rows, other: Rows, rng: np.random.Generator) -> Rows:
        """A child of two architectures, whatever the constraints."""
        if self._crossover is None:
            return self._steps(self.stack([one if rng.random() < 0.5 else other]), rng)[0]
        mix = self._crossover
        return call(lambda parents: mix(parents[0], parents[1], rng), (one, other), "of_sampler: crossover")

    def graphs(self, archs: Rows) -> GraphBatch:
        """See `Domain`."""
        drawn = [self._graph_of(arch) for arch in archs]
        number = {name: i for i, name in enumerate(self.node_types)}
        types = np.zeros((len(drawn), self.nodes), type_number(len(self.node_types)))
        adjacency = np.tile(np.eye(self.nodes, dtype=np.float32), (len(drawn), 1, 1))
        for seat, (names, edges) in enumerate(drawn):
            if len(names) > self.nodes or (unknown := [name for name in names if name not in number]):
                what = f"{len(names)} nodes" if len(names) > self.nodes else f"the operation {unknown[0]}"
                raise InputError(
                    f"of_sampler: a graph has {what}; give operations and nodes, for the largest there are"
                )
            types[seat, : len(names)] = [number[name] for name in names]
            for begin, end in edges:
                adjacency[seat, begin, end] = 1
        return GraphBatch(
            node_types=self.node_types,
            types=types,
            adjacency=adjacency,
            columns=self._free.of(archs),
            table=self._table,
        )

    def _graph_of(self, arch: Arch) -> tuple[list[str], list[tuple[int, int]]]:
        """The checked graph of an architecture."""
        made = call(self._graph, arch, "of_sampler: graph")
        try:
            names, edges = made
            names, edges = list(map(str, names)), [(int(begin), int(end)) for begin, end in edges]
        except (TypeError, ValueError):
            raise InputError(f"of_sampler: graph must return operations and edges, not {shown(repr(made))}") from None
        matrix = np.zeros((len(names), len(names)), np.float32)
        for begin, end in edges:
            if not (0 <= begin < len(names) and 0 <= end < len(names)):
                raise InputError(f"of_sampler: graph: edge {(begin, end)} must join two of {len(names)} nodes, from 0")
            matrix[begin, end] = 1
        from_graphs.check_acyclic(matrix, f"of_sampler: graph of {shown(repr(arch))}")
        return names, edges

    def features(self, archs: Rows) -> FeatureSet:
        """See `Domain`; the free columns, since choices are not known."""
        none = FeatureSet(np.zeros((len(archs), 0)), (), np.zeros(0, np.int64))
        return self._free.appended(none, archs)

    def key(self, archs: Rows) -> list[bytes]:
        """See `Domain`."""
        if self._key is not None:
            return [str(call(self._key, arch, "of_sampler: key")).encode() for arch in archs]
        return [form.tobytes() for form in canonical.forms(self.graphs(archs).pruned)]

    def describe(self, arch: Rows) -> str:
        """See `Domain`."""
        return repr(arch) if self._describe is None else str(call(self._describe, arch, "of_sampler: describe"))

    def parse(self, text: str) -> Rows:
        """See `Domain`."""
        arch = self._read(text)
        if self._limits.violation(archs := self.stack([arch]))[0] > 0:
            raise InputError(f"{self.name}: {shown(text)!r} is not allowed: {self._limits.closest(archs)}")
        return arch

    def _read(self, text: str) -> Arch:
        """The architecture of a text, whatever the constraints."""
        try:
            arch = ast.literal_eval(text) if self._parse is None else self._parse(text)
            if self.describe(arch) == text:
                return arch
        except Exception as error:  # of the user's
            raise InputError(f"{self.name}: no architecture {shown(text)!r}: {reason(error)}") from error
        raise InputError(f"{self.name}: no architecture {shown(text)!r}")

    def choices(self, arch: Rows) -> dict[str, Any]:
        """See `Domain`."""
        told = arch if self._choices is None else call(self._choices, arch, "of_sampler: choices")
        return dict(told) if isinstance(told, Mapping) else {"architecture": told}

    @property
    def definition(self) -> str | None:
        """See `Domain`; functions have none."""
        return None

    def stack(self, archs: Sequence[Rows]) -> Rows:
        """See `Domain`; (n,) objects."""
        found = np.empty(len(archs), object)
        for seat, arch in enumerate(archs):
            found[seat] = arch
        return found

    def __repr__(self) -> str:
        return f"<Space {self.name!r}: {', '.join(f'{name} {value}' for name, value in self._shown().items())}>"

    def _repr_html_(self) -> str:
        return notebook.table([self._shown()], self.name)

    def _shown(self) -> dict[str, str]:
        """A space in a few words."""
        return {
            "architectures": "drawn by a function",
            "nodes": str(self.nodes),
            "node types": str(len(self.node_types)),
            "free columns": _listed(self.columns),
        }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names)) or "none"


def _self(arch: Arch) -> Arch:
    """What functions of the user's are told of an architecture: itself."""
    return arch
