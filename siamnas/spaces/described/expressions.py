"""Arithmetic over the choices of many architectures at once: `2*embed + sum(l.heads * embed for l in layers)`.

An expression is what Python would compute of the choices of one architecture (with `l.heads` for `l["heads"]`), but of
arrays. Nothing but arithmetic is understood, so that a file can hold it.
"""

import ast
import copy
import logging
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError, shown
from siamnas.graphs.arrays import FloatArray
from siamnas.spaces.described import views
from siamnas.spaces.described.encoding import Rows, RowSpace, met

BINARY: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "log": np.log,
    "log2": np.log2,
    "sqrt": np.sqrt,
    "min": lambda *values: np.minimum.reduce(np.broadcast_arrays(*values)),
    "max": lambda *values: np.maximum.reduce(np.broadcast_arrays(*values)),
}
FORM = "a sum must be of the form sum(... for block in blocks)"
LONGEST = 10_000  # characters
LARGEST_POWER = 16
MOST = 3  # options that a message names
log = logging.getLogger(__name__)


class Expression:
    """A number of every architecture.

    Args:
        text: the expression.
        view: the choices whose names it may use.
        key: how the user has named it, for messages.

    Raises:
        InputError: it is none.
    """

    _rows: Rows
    _hold: NDArray[np.bool_]
    _space: RowSpace
    _without_entry: set[str]
    _doubted = False

    def __init__(self, text: str, view: views.View, key: str) -> None:
        self.text, self.key, self._wide = text, key, False  # in a loop over repetitions numbers are (n, repetitions)
        self._loops: dict[tuple[int, int], tuple[views.View, NDArray[np.intp]] | None] = {}
        self._names = dict(view.parts) if isinstance(view, views.Named) else {}
        if len(text) > LONGEST:
            raise InputError(f"{key}: must have at most {LONGEST:,} characters")
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise self._wrong("is no expression") from None

    def __call__(self, rows: Rows, space: RowSpace) -> FloatArray:
        """(n,) its value for rows (n, C).

        Raises:
            InputError: it holds what is no arithmetic, or a name that there is not.
        """
        here = copy.copy(self)  # other threads may ask for other rows
        here._rows, here._hold, here._space, here._without_entry = rows, space.hold(rows), space, set()
        try:
            with np.errstate(all="ignore"):
                found = np.broadcast_to(np.asarray(here._value(self._tree, self._names), np.float64), len(rows)).copy()
            self._doubt(here._without_entry, found)
            return found
        except InputError:
            raise
        except (TypeError, ValueError, OverflowError, ZeroDivisionError):
            raise self._wrong("is no number") from None
        except RecursionError:
            raise self._wrong("is too deep") from None

    def _doubt(self, without_entry: set[str], found: FloatArray) -> None:
        """Say once that a table has no entry for some options, where the column is not a number because of that."""
        if without_entry and np.isnan(found).any() and not self._doubted:
            self._doubted = True
            options = ", ".join(sorted(without_entry))
            log.warning(
                "%s=%s: a table has no entry for %s, which are no numbers then", self.key, shown(self.text), options
            )

    def _wrong(self, why: str) -> InputError:
        return InputError(f"{self.key}={shown(self.text)}: {why}")

    def _value(self, node: ast.expr, names: Mapping[str, Any]) -> Any:
        """Numbers or texts, (n,) or of all architectures; or a part of the choices."""
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as value):
                return value
            case ast.Name(id=name) if name in names:
                return self._array(names[name])
            case ast.Attribute(value=inner, attr=name):
                return self._part(self._value(inner, names), name)
            case ast.Subscript(value=inner, slice=ast.Constant(value=name)):
                return self._part(self._value(inner, names), name)
            case ast.Subscript(value=ast.Dict(keys=keys, values=values), slice=which):
                return self._table(keys, values, self._value(which, names), names)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
                return self._binary(op, self._value(left, names), self._value(right, names))
            case ast.Compare(left=left, ops=[ast.In()], comparators=[right]):
                return self._contains(self._value(right, names), self._value(left, names))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in BINARY:
                return BINARY[type(op)](self._value(left, names), self._value(right, names))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self._value(inner, names)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return ~self._truth(self._value(inner, names))
            case ast.BoolOp(op=op, values=values):
                truths = [self._truth(self._value(value, names)) for value in values]
                return (np.logical_and if isinstance(op, ast.And) else np.logical_or).reduce(truths)
            case ast.IfExp(test=test, body=body, orelse=other):
                truth = self._truth(self._value(test, names))
                return np.where(truth, self._value(body, names), self._value(other, names))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments, names)
        raise self._wrong(self._why(node, names))

    def _why(self, node: ast.expr, names: Mapping[str, Any]) -> str:
        """What is wrong with a part of the expression."""
        part = shown(ast.unparse(node))
        if isinstance(node, ast.Name):
            return f"no choice {part}; there are {', '.join(names)}"
        return f"{part} is no arithmetic of choices"

    def _array(self, value: Any) -> Any:
        """The values of a choice; NaN, or an empty text, where it plays no part."""
        if isinstance(value, views.Text):
            return value.name
        if not isinstance(value, views.Value):
            return value
        found = value.of(self._rows)
        return found[:, None] if self._wide and found.ndim == 1 else found

    def _part(self, whole: Any, name: Any) -> Any:
        """A named or numbered part."""
        parts: Mapping[Any, Any] = {}
        match whole:
            case views.Named(parts=named):
                parts = named
            case views.OneOf():
                parts = dict(zip(whole.names, whole.parts, strict=True))
            case views.Maybe(part=inner):
                return self._part(inner, name)
            case views.Row() | views.Many():
                parts = dict(enumerate(whole.parts))
        if parts.get(name) is None:
            allowed = f"; there are {', '.join(map(str, parts))}" if parts else ""
            raise self._wrong(f"no part {name}{allowed}")
        return self._array(parts[name])

    def _table(self, keys: list[Any], values: list[ast.expr], which: Any, names: Mapping[str, Any]) -> Any:
        """An entry of a table; NaN where there is none."""
        if any(key is None for key in keys):
            raise self._wrong("a table must have keys")
        found: Any = np.nan
        listed = np.asarray(which != which) | (np.asarray(which) == "")  # what is not there has no entry
        for key, value in zip(keys, values, strict=True):
            own = which == self._value(key, names)
            found, listed = np.where(own, self._value(value, names), found), listed | own
        self._without_entry |= {str(one) for one in np.unique(np.broadcast_to(which, listed.shape)[~listed])[:MOST]}
        return found

    def _binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        """Arithmetic of floats: an integer could be so large that it takes for ever."""
        if isinstance(op, ast.Pow) and np.any(np.abs(np.asarray(right, np.float64)) > LARGEST_POWER):
            raise self._wrong(f"powers must be at most {LARGEST_POWER}")
        return BINARY[type(op)](np.asarray(left, np.float64), np.asarray(right, np.float64))

    def _contains(self, whole: Any, name: Any) -> NDArray[np.bool_]:
        """Whether an option was chosen."""
        if not isinstance(whole, views.OneOf) or name not in whole.names:
            raise self._wrong(f"{name!r} is no option there")
        return self._own(self._rows[:, whole.column] == whole.names.index(name))

    def _truth(self, value: Any) -> NDArray[np.bool_]:
        """(n,) whether it is true, or there."""
        if isinstance(value, views.Maybe):
            return self._own(self._there(value.gate))
        if isinstance(value, views.Many):
            return self._length(value) > 0
        if not isinstance(value, (np.ndarray, np.generic, bool, int, float, str)):
            raise self._wrong("a part is no condition; whether an option was chosen is asked by 'option' in choice")
        truth = np.asarray(value, bool) & np.asarray(value == value)  # what is not there is not equal to itself
        return truth if self._wide else np.broadcast_to(truth, len(self._rows))

    def _own(self, values: Any) -> NDArray[Any]:
        """(n,) numbers of all repetitions, as those of each have their shape."""
        return values[:, None] if self._wide else values

    def _there(self, gate: tuple[int, ...]) -> NDArray[np.bool_]:
        """(n,) whether the conditions of a gate hold."""
        return np.logical_and.reduce(self._hold[:, [number + 2 for number in gate]], axis=1)

    def _length(self, value: views.Many) -> FloatArray:
        """(n,) how many repetitions there are."""
        return self._own(np.sum([self._there(gate) for gate in value.gates], axis=0, dtype=np.float64))

    def _call(self, name: str, arguments: list[ast.expr], names: Mapping[str, Any]) -> Any:
        """A function."""
        match name, arguments:
            case "len", [inner] if isinstance(value := self._value(inner, names), views.Many):
                return self._length(value)
            case "sum" | "max" | "min", [ast.GeneratorExp() as loop]:
                return self._reduced(name, loop, names)
        if name == "sum":
            raise self._wrong(FORM)
        if name not in FUNCTIONS or any(isinstance(argument, ast.Starred) for argument in arguments):
            raise self._wrong(f"no function {name}; there are len, sum, {', '.join(FUNCTIONS)}")
        return FUNCTIONS[name](*(np.asarray(self._value(argument, names), np.float64) for argument in arguments))

    def _reduced(self, name: str, loop: ast.GeneratorExp, names: Mapping[str, Any]) -> Any:
        """The sum, maximum or minimum over the repetitions that are there; 0 over none."""
        match loop.generators:
            case [ast.comprehension(target=ast.Name(id=target), iter=over, ifs=tests)]:
                pass
            case _:
                raise self._wrong(FORM)
        whole = self._value(over, names)
        if isinstance(whole, views.Many) and (alike := self._alike(whole, loop)) is not None:
            layer, gates = alike
            return self._reduced_at_once(name, loop.elt, tests, {**names, target: layer}, met(self._hold, gates))
        total, none = np.zeros(len(self._rows)), np.ones(len(self._rows), bool)
        for part, there in self._repetitions(whole):
            scope = {**names, target: part}
            for test in tests:
                there = there & self._truth(self._value(test, scope))
            value = np.broadcast_to(np.asarray(self._value(loop.elt, scope), np.float64), len(total))
            joined = total + value if name == "sum" else np.where(none, value, FUNCTIONS[name](total, value))
            total, none = np.where(there, joined, total), none & ~there
        return total

    def _alike(self, whole: views.Many, loop: ast.GeneratorExp) -> tuple[views.View, NDArray[np.intp]] | None:
        """All repetitions as one layer, and their gates; None where they are not alike, or loops are nested."""
        if self._wide:
            return None
        key = id(loop), id(whole)
        if key not in self._loops:
            nested = any(isinstance(node, ast.GeneratorExp) for node in ast.walk(loop.elt))
            layer = None if nested else views.alike(whole.parts)
            gates = self._space.gates([[gate] for gate in whole.gates])
            self._loops[key] = None if layer is None else (layer, gates)
        return self._loops[key]

    def _reduced_at_once(
        self, name: str, each: ast.expr, tests: list[ast.expr], scope: Mapping[str, Any], there: NDArray[np.bool_]
    ) -> FloatArray:
        """The same where all repetitions are alike, of which those `there` (n, repetitions) count."""
        self._wide = True
        try:
            for test in tests:
                there = there & self._truth(self._value(test, scope))
            value = np.broadcast_to(np.asarray(self._value(each, scope), np.float64), there.shape)
        finally:
            self._wide = False
        if name == "sum":
            return np.where(there, value, 0).sum(axis=1)
        empty = -np.inf if name == "max" else np.inf
        found = getattr(np.where(there, value, empty), name)(axis=1)
        return np.where(there.any(axis=1), found, 0)

    def _repetitions(self, whole: Any) -> Iterator[tuple[views.View, NDArray[np.bool_]]]:
        """The parts of what is repeated, and (n,) where they are there."""
        match whole:
            case views.Many(parts=parts, gates=gates):
                yield from ((part, self._there(gate)) for part, gate in zip(parts, gates, strict=True))
            case views.Row(parts=parts):
                yield from ((part, np.ones(len(self._rows), bool)) for part in parts)
            case views.Cell(nodes=nodes):
                yield from ((part, np.ones(len(self._rows), bool)) for _, parts in nodes for part in parts)
            case views.Maybe(part=inner, gate=gate):
                there = self._there(gate)
                yield from ((part, here & there) for part, here in self._repetitions(inner))
            case _:
                raise self._wrong("a sum must be over what is repeated")
