"""Pairs of cells as programs around DARTS write them: `Genotype(normal=[('sep_conv_3x3', 0), ...], ...)`."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from siamnas.errors import InputError, shown
from siamnas.spaces.darts.cost import CELLS, NODES, OPERATIONS, SOURCES

WORD = "Genotype"
CONCATENATED = list(range(SOURCES, SOURCES + NODES))

Choices = Mapping[str, Mapping[str, str]]
"""Cell -> edge `from->to` -> operation."""


def write(choices: Choices) -> str:
    """The text of the choices of an architecture."""
    told = []
    for cell in CELLS:
        edges = sorted(
            (*reversed([int(node) for node in edge.split("->")]), name) for edge, name in choices[cell].items()
        )
        told.append(f"{cell}={[(name, begin) for _, begin, name in edges]}, {cell}_concat={CONCATENATED}")
    return f"{WORD}({', '.join(told)})"


def read(text: str) -> Choices:
    """The choices that a text stands for.

    Raises:
        InputError: it stands for none.
    """
    try:
        call = ast.parse(text.strip(), mode="eval").body
        given = {word.arg: word.value for word in call.keywords}  # type: ignore[attr-defined]
        pairs = {cell: ast.literal_eval(given[cell]) for cell in CELLS}
        complete = all(_takes_all(given[f"{cell}_concat"]) for cell in CELLS if f"{cell}_concat" in given)
    except (SyntaxError, ValueError, TypeError, AttributeError, KeyError, RecursionError, MemoryError, OverflowError):
        raise _wrong(text, f"must be {WORD}(normal=[('sep_conv_3x3', 0), ...], reduce=[...])") from None
    if not complete:
        raise _wrong(text, f"its nodes {CONCATENATED} must be concatenated")
    return {cell: _cell(pairs[cell], text) for cell in CELLS}


def _takes_all(value: ast.expr) -> bool:
    """Whether all nodes are concatenated, by a list or by `range(2, 6)`."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "range":
        nodes: Sequence[int] = range(*map(ast.literal_eval, value.args))
    else:
        nodes = ast.literal_eval(value)
    return len(nodes) == NODES and list(nodes) == CONCATENATED


def _cell(pairs: Any, text: str) -> Mapping[str, str]:
    """Edge -> operation, of a list of pairs (operation, node that it takes), two for every node."""
    if not isinstance(pairs, list | tuple) or len(pairs) != 2 * NODES:
        raise _wrong(text, f"a cell must be {2 * NODES} pairs, two for each node")
    found: dict[str, str] = {}
    for number, pair in enumerate(pairs):
        end = SOURCES + number // 2
        if not isinstance(pair, list | tuple) or len(pair) != 2 or pair[0] not in OPERATIONS:
            raise _wrong(text, f"{pair}: its operation must be one of {', '.join(OPERATIONS)}")
        if pair[1] not in range(end) or f"{pair[1]}->{end}" in found:
            raise _wrong(text, f"node {end} must take two different ones of the nodes before it")
        found[f"{pair[1]}->{end}"] = pair[0]
    return found


def _wrong(text: str, why: str) -> InputError:
    return InputError(f"{shown(text)!r}: {why}")
