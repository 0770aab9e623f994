"""Rows of choices -> graphs with operations on their nodes."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from siamnas.config.validate import near
from siamnas.errors import InputError, shown
from siamnas.graphs import canonical, roles
from siamnas.graphs.arrays import FloatArray, Types, type_number
from siamnas.graphs.batch import GraphBatch
from siamnas.spaces.described.encoding import Rows, RowSpace, met
from siamnas.spaces.described.lowered import ABSENT, INPUT, OUTPUT, START, SUM, Lowered


class Graphs:
    """How rows become graphs.

    Args:
        lowered: the description.
        rows: its rows.
        own: roles of the user's node types, see `siamnas.graphs.roles.table`.

    Attributes:
        chain: whether all graphs are chains.
    """

    def __init__(self, lowered: Lowered, rows: RowSpace, own: Mapping[str, list[str]] | None = None) -> None:
        self.lowered, self.rows = lowered, rows
        self.node_types = lowered.types
        self.nodes = len(lowered.nodes)
        self.table = _table(lowered, own)
        spliced = self.table.identity | {INPUT, OUTPUT}
        self._live = np.array([name not in spliced for name in self.node_types])
        self._cut = np.array([name in self.table.zero for name in self.node_types])
        self._operations()
        self._edges()
        self.chain = not len(self._from) and bool((self._shared == np.eye(self.nodes) + np.eye(self.nodes, k=1)).all())

    def _operations(self) -> None:
        """Of every node the columns its type depends on, and a table of types with a seat for every option and none."""
        number = {name: i for i, name in enumerate(self.node_types)}
        width = max(len(node.columns) for node in self.lowered.nodes) or 1
        self._columns = np.zeros((self.nodes, width), np.intp)
        self._strides = np.zeros((self.nodes, width), np.intp)
        self._begins = np.zeros(self.nodes, np.intp)
        tables: list[int] = []
        for seat, node in enumerate(self.lowered.nodes):
            self._begins[seat] = len(tables)
            stride = 1
            for place, column in reversed(list(enumerate(node.columns))):
                self._columns[seat, place], self._strides[seat, place] = column, stride
                stride *= self.rows.sizes[column]
            tables += [number[name] for name in node.types]
        self._types = np.array(tables, type_number(len(self.node_types)))
        self._gated = np.flatnonzero([bool(node.gate) for node in self.lowered.nodes])
        self._gates = self.rows.gates([[self.lowered.nodes[node].gate] for node in self._gated])

    def _edges(self) -> None:
        """The adjacency that all graphs share, and the edges that depend on choices."""
        self._shared = np.eye(self.nodes, dtype=np.float32)
        moving = [(arrow, end) for end, arrow in self.lowered.arrows if arrow.gate]
        for end, arrow in self.lowered.arrows:
            if not arrow.gate:
                self._shared[arrow.begin, end] = 1
        self._from = np.array([arrow.begin for arrow, _ in moving], np.intp)
        self._to = np.array([end for _, end in moving], np.intp)
        self._unless = np.array([arrow.unless for arrow, _ in moving], bool)
        self._arrows = self.rows.gates([[arrow.gate] for arrow, _ in moving])

    def batch(self, rows: Rows, columns: Mapping[str, FloatArray]) -> GraphBatch:
        """The graphs of rows (n, C)."""
        hold = self.rows.hold(rows)
        return GraphBatch(
            node_types=self.node_types,
            types=self.types(rows, hold),
            adjacency=self.adjacency(hold),
            columns=columns,
            table=self.table,
        )

    def types(self, rows: Rows, hold: NDArray[np.bool_]) -> Types:
        """(n, V) node types."""
        seats = np.broadcast_to(self._begins, (len(rows), self.nodes)).copy()
        for columns, strides in zip(self._columns.T, self._strides.T, strict=True):
            if strides.any():
                seats += np.maximum(rows[:, columns], 0) * strides
        types = np.asarray(self._types[seats])
        if len(self._gated):
            types[:, self._gated] = np.where(met(hold, self._gates), types[:, self._gated], 0)
        return types

    def adjacency(self, hold: NDArray[np.bool_]) -> NDArray[np.float32]:
        """(V, V) if all graphs share it, else (n, V, V)."""
        if not len(self._from):
            return self._shared
        found = np.tile(self._shared, (len(hold), 1, 1))
        found[:, self._from, self._to] = met(hold, self._arrows) ^ self._unless
        return found

    def keys(self, rows: Rows) -> list[bytes]:
        """Equal keys, isomorphic graphs."""
        if not self.chain:
            return [form.tobytes() for form in canonical.forms(self.batch(rows, {}).pruned)]
        types = self.types(rows, self.rows.hold(rows))
        marks = np.zeros(self.nodes, np.int16)
        marks[list(self.table.fixed)] = len(self.node_types)
        live, cut = self._live[types] | (marks > 0), np.logical_or.reduce(self._cut[types], axis=1)
        seen = zip(types + marks, live, cut, strict=True)
        return [b"cut" if none else line[there].tobytes() for line, there, none in seen]


def _table(lowered: Lowered, own: Mapping[str, list[str]] | None) -> roles.Roles:
    """What the node types do: our own by their names, the user's by theirs, and all other layers are operations."""
    known = roles.by_name(sorted(lowered.texts))
    identity = (known.identity | {ABSENT, SUM}) - {INPUT, OUTPUT}
    given = {
        "identity": sorted(identity),
        "zero": sorted(known.zero),
        "weightless": sorted(known.weightless | {START}),
        "input": [INPUT],
        "output": [OUTPUT],
    }
    said = {name for names in given.values() for name in names}
    given["operation"] = [name for name in lowered.types if name not in said]
    if own:
        roles.table(lowered.types, own)  # refuses what it can't be
        theirs = {name for names in own.values() for name in names}
        for name in sorted(theirs - set(lowered.types)):
            raise InputError(f"roles: no layer is called {shown(name)}{near(name, list(lowered.types))}")
        given = {role: [name for name in names if name not in theirs] for role, names in given.items()}
        given = {role: [*given[role], *own.get(role, ())] for role in given}
    return roles.table(lowered.types, given, fixed=lowered.starts)
