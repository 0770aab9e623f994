"""Columns of a table -> graphs. Equal texts are parsed once, so that half a million rows take seconds."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError, shown
from siamnas.graphs.arrays import IntArray
from siamnas.runtime import strict_json
from siamnas.runtime.names import alike
from siamnas.spaces.from_graphs import MOST_TYPES, PADDING, check_acyclic

QUOTES = "\"'“”„‘’"
WORD = re.compile(r"[^\s,]+")
ITEM = re.compile(rf"""\s*(?:"([^"]*)"|'([^']*)'|([^\s,\[\]{{}}{QUOTES}]+))\s*(?:,|(?=\s)|$)""")  # of a list
MARK = re.compile(r"[-=>.…|;:/\\~<]+")  # between names, or in the place of some
MISSING = re.compile(r"None|null|[Nn]a[Nn]|[Tt]rue|[Ff]alse|[-+]?\d*\.\d*")  # no name but in quotes
BRACKETS = {"[": "]", "(": ")"}
INNERMOST = re.compile(r"[\[({]([^\[\](){}]*)[\])}]")
EDGE = re.compile(r"(?<![\w.-])([0-9]+) *(?:->|[-,>: ]) *([0-9]+)(?![\w.-])")
BETWEEN = " ,;[](){}|\t\r\n"  # what may stand between edges
LONGEST = 9  # digits of the number of a node
NOT_A_DIGIT, BINARY, MATRIX = re.compile(r"\D"), re.compile(r"[01]"), re.compile(r"[^0-9\s,;\[\]()]")


def operations(column: NDArray[Any], node_types: Sequence[str] | None, key: str) -> tuple[tuple[str, ...], IntArray]:
    """The F node types, and (M, V) the number of that of every node, -1 behind the last one.

    Args:
        column: (M,) texts, names between blanks or a list in JSON; or (M, V) names, or numbers of `node_types`.
        node_types: names that may occur; None for those that do.
        key: how the user has named the column, for messages.

    Raises:
        InputError: a name is unknown, or there are too many.
    """
    if column.ndim == 2 and column.dtype.kind in "iu":
        return _numbered(column, node_types, key)
    if column.ndim != 1 and (column.ndim != 2 or column.dtype.kind not in "UO"):
        raise InputError(f"{key}: must be texts, or (M, V) names or numbers, not {column.dtype} {column.shape}")
    rows, seats = (
        (list(map(_trimmed, column)), None) if column.ndim == 2 else _each(column, lambda text: _names(text, key))
    )
    types = sorted({name for row in rows for name in row}) if node_types is None else list(node_types)
    if odd := [name for name in types if not name or not name.isprintable()]:
        raise InputError(f"{key}: {odd[0]!r}: must be the name of an operation")
    if (look := alike(types)) is not None:
        raise InputError(f"{key}: two operations look alike, {shown(repr(look))}")
    if not 1 <= len(types) <= MOST_TYPES:
        raise InputError(f"{key}: must have 1 to {MOST_TYPES} different node types, has {len(types)}")
    number = {name: i for i, name in enumerate(types)}
    found = np.full((len(rows), max(map(len, rows))), -1)
    for row, names in zip(found, rows, strict=True):
        if unknown := [name for name in names if name not in number]:
            raise InputError(
                f"{key}: unknown operation {shown(repr(unknown[0]))}; space.node_types has {', '.join(types)}"
            )
        row[: len(names)] = [number[name] for name in names]
    return tuple(types), found if seats is None else found[seats]


def _trimmed(row: NDArray[Any]) -> list[str]:
    """Names of operations without the empty ones behind the last."""
    names = list(map(str, row))
    while names and not names[-1]:
        names.pop()
    return names


def _names(text: str, key: str) -> list[str]:
    """Names of operations between blanks, or in a list, where they may have blanks.

    Raises:
        InputError: there is none, or something else is among them.
    """
    text = text.strip()
    names: Any = None
    with suppress(ValueError):
        names = strict_json.loads(text) if text.startswith("[") else None
    if not isinstance(names, list):
        names = _listed(text) if text[:1] in (*BRACKETS, "{") else _worded(text)
    if not names or not all(type(name) in (str, int) for name in names):
        raise InputError(f"{key}: {shown(text)!r}: must be names of operations, such as in conv out")
    return list(map(str, names))


def _listed(text: str) -> list[str]:
    """The names in a list or tuple as Python or numpy prints it; none where it is something else."""
    names, inside = [], text[1:-1]
    at = 0 if text[-1:] == BRACKETS.get(text[0]) else len(inside)
    while at < len(inside) and (item := ITEM.match(inside, at)):
        name = next(part for part in item.groups() if part is not None)
        if item[3] and (MISSING.fullmatch(name) or MARK.fullmatch(name) or _is_torn(name)):
            return []
        names.append(name)
        at = item.end()
    return [] if inside[at:].strip() else names


def _worded(text: str) -> list[str]:
    """The names between blanks and commas; none where a word is a mark, or a piece of something else."""
    words = [word.strip(QUOTES) for word in WORD.findall(text.strip(QUOTES))]
    odd = (not word or set(QUOTES) & set(word) or MARK.fullmatch(word) or _is_torn(word) for word in words)
    return [] if any(odd) else words


def _numbered(column: NDArray[Any], node_types: Sequence[str] | None, key: str) -> tuple[tuple[str, ...], IntArray]:
    """See `operations`, of numbers."""
    if node_types is None:
        raise InputError(f"space.node_types=null: must name the node types that the numbers in {key} stand for")
    behind = column < 0
    if column.min() < -1 or column.max() >= len(node_types) or (behind[:, :-1] & ~behind[:, 1:]).any():
        raise InputError(f"{key}: must be from 0 to {len(node_types) - 1}, or -1 behind the last node")
    return tuple(node_types), column.astype(np.int64)


def padded(types: tuple[str, ...], found: IntArray, key: str) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """The node types and (M, V) numbers where smaller graphs are padded with `none`."""
    if (found >= 0).all():
        return types, found.astype(np.uint8)
    if PADDING not in types:
        types = (*types, PADDING)
    if len(types) > MOST_TYPES:
        raise InputError(f"{key}: must have at most {MOST_TYPES} node types with {PADDING}, which pads smaller graphs")
    return types, np.where(found < 0, types.index(PADDING), found).astype(np.uint8)


def adjacency(column: NDArray[Any], sizes: IntArray, most: int, key: str, listed: bool) -> NDArray[np.float32]:
    """A + I, (V, V) where all graphs share it, else (M, V, V).

    Args:
        column: (M,) texts with a matrix row by row (`0110...` or a list in JSON) or, if `listed`, with edges
            (`0-1 0-2` or a list in JSON); or (M, V, V).
        sizes: (M,) numbers of nodes.
        most: V.
        key: how the user has named the column, for messages.
        listed: see `column`.

    Raises:
        InputError: names the row that has no such matrix, an edge to a node that is not there, or a cycle.
    """
    if column.ndim != 1:
        if column.shape[1:] != (most, most) or column.dtype.kind not in "biuf" or ((column != 0) & (column != 1)).any():
            form = f"zeros and ones, {most} x {most} for every architecture"
            raise InputError(f"{key}: must be texts, or {form}, not {column.dtype} {column.shape}")
        matrices, inverse = np.unique(column.astype(bool), axis=0, return_inverse=True)
        seats: IntArray = inverse.reshape(-1)
        made = np.zeros((len(matrices), most, most), bool)
        made[:, : matrices.shape[1], : matrices.shape[2]] = matrices
    else:
        texts, seats = _each(column, str)
        first = np.unique(seats, return_index=True)[1]
        read = _edges if listed else _matrices
        made = read(texts, sizes[first], most, lambda seat: f"{key}, row {first[seat]}")
    _check(made, seats, sizes, key)
    found = made.astype(np.float32) + np.eye(most, dtype=np.float32)
    return found[0] if len(found) == 1 else found[seats]


def _check(made: NDArray[np.bool_], seats: IntArray, sizes: IntArray, key: str) -> None:
    """No cycle, and no edge beyond the nodes of any row."""
    left = np.ones(made.shape[:2], bool)  # nodes that something leads to which is left, until none is
    for _ in range(made.shape[1]):
        left &= (made & left[:, :, None]).any(axis=1)
    if (cyclic := np.flatnonzero(left.any(axis=1))).size:
        check_acyclic(made[cyclic[0]].astype(np.float32), f"{key}, row {int((seats == cyclic[0]).argmax())}")
    used = np.where(made.any(axis=1) | made.any(axis=2), np.arange(1, made.shape[1] + 1), 0).max(axis=1)
    if (beyond := np.flatnonzero(used[seats] > sizes)).size:
        row = int(beyond[0])
        raise InputError(f"{key}, row {row}: an edge must join two of its {sizes[row]} nodes, from 0")


def _edges(texts: list[str], sizes: IntArray, most: int, said: Callable[[int], str]) -> NDArray[np.bool_]:
    """(U, V, V) of texts with pairs of node numbers."""
    made = np.zeros((len(texts), most, most), bool)
    for seat, text in enumerate(texts):
        digits = [number for pair in EDGE.findall(text) for number in pair]
        other = EDGE.sub("", text).strip(BETWEEN)
        beyond = any(len(number) > LONGEST or int(number) >= sizes[seat] for number in digits)
        if other or beyond or not text.strip() or _is_torn(text) or _is_transposed(text):
            nodes = f"node numbers from 0 to {sizes[seat] - 1}"
            raise InputError(f"{said(seat)}: {shown(text)!r}: must be pairs of {nodes}, such as 0-1 0-2")
        numbers = list(map(int, digits))
        made[seat, numbers[::2], numbers[1::2]] = True
    return made


def _is_torn(text: str) -> bool:
    """Whether a bracket is open, as where a cell was cut off."""
    return any(text.count(one) != text.count(other) for one, other in ("()", "[]", "{}"))


def _is_transposed(text: str) -> bool:
    """Whether some of several lists are no pairs, as where one has all beginnings and another all ends."""
    groups = [len(re.findall(r"\d+", group)) for group in INNERMOST.findall(text)]
    return len(groups) > 1 and any(count not in (0, 2) for count in groups)


def _matrices(texts: list[str], sizes: IntArray, most: int, said: Callable[[int], str]) -> NDArray[np.bool_]:
    """(U, V, V) of texts with the zeros and ones of a matrix, row by row."""
    digits = [NOT_A_DIGIT.sub("", text) for text in texts]
    sides = np.sqrt([len(text) for text in digits]).astype(int)
    made = np.zeros((len(texts), most, most), bool)
    for side in np.unique(sides).tolist():
        seats = np.flatnonzero(sides == side)
        for seat in seats.tolist():
            if (
                MATRIX.search(texts[seat])
                or len(digits[seat]) != side * side
                or not sizes[seat] <= side <= most
                or BINARY.sub("", digits[seat])
            ):
                size = sizes[seat]
                raise InputError(
                    f"{said(seat)}: {shown(texts[seat])!r}: must be {size} x {size} zeros and ones, row by row"
                )
        ones = np.frombuffer("".join(digits[seat] for seat in seats).encode(), np.uint8) == ord("1")
        made[seats, :side, :side] = ones.reshape(len(seats), side, side)
    return made


def _each(column: NDArray[Any], parse: Callable[[str], Any]) -> tuple[list[Any], IntArray]:
    """What the different texts of a column say, in the order in which they come, and (M,) the seat of each row."""
    seats: dict[Any, int] = {}
    found = np.array([seats.setdefault(text, len(seats)) for text in column.tolist()])
    return [parse(str(text)) for text in seats], found
