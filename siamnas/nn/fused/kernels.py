"""The C functions of `training.c` and `ranking.c` with their signatures, compiled for one kind of graph.

A call with a wrong number or kind of arguments raises `TypeError` or `ctypes.ArgumentError` instead of reading and
writing memory at random. (`None` alone passes as any pointer, so pointers are made by `floats` and `integers`.)
"""

import ctypes
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from siamnas.nn.fused import compile as compiling

FOLDER = Path(__file__).parent
Library = ctypes.CDLL


LONG, INT, FLOAT = ctypes.c_long, ctypes.c_int, ctypes.c_float
FLOATS, INTEGERS = ctypes.POINTER(ctypes.c_float), ctypes.POINTER(ctypes.c_int)
_SIZES = (LONG, INT, INT, INT)  # R, K, D, C
_GRAPH = (FLOATS, LONG)  # A and its stride from one repeat to the next
_QKV = (FLOATS, LONG) * 3  # each contiguous within a repeat

SIGNATURES: dict[str, dict[str, tuple[Any, ...]]] = {
    "training": {
        "group_train": (*_SIZES, *_GRAPH, *[FLOATS] * 3, FLOAT, *[FLOATS] * 3),
        "group_infer": (*_SIZES, *_GRAPH, *[FLOATS] * 4),
        "group_grad": (*_SIZES, *_GRAPH, *[FLOATS] * 3, FLOAT, *[FLOATS] * 6),
        "attention": (LONG, INT, *_GRAPH, *_QKV, *[FLOATS] * 2),
        "attention_grad": (LONG, INT, *_GRAPH, *_QKV, *[FLOATS] * 5),
    },
    "ranking": {
        "rank": (LONG, LONG, LONG, INT, INTEGERS, LONG, *[FLOATS] * 7, INT, FLOATS),
    },
}
"""Arguments of every function of each source; all of them return nothing."""

_switched_off = False


def floats(tensor: Tensor) -> ctypes.c_float:
    """The first number of a float32 tensor, as the kernels take it; the tensor must be kept until they return.

    This is on the way of every call, some of which take a few microseconds: who calls it knows the tensor's type.
    """
    return FLOAT.from_address(tensor.data_ptr())


def integers(tensor: Tensor) -> ctypes.c_int:
    """The first number of an int32 tensor, see `floats`."""
    return INT.from_address(tensor.data_ptr())


@contextmanager
def plain_pytorch() -> Iterator[None]:
    """Within it, everything runs as its definition in PyTorch, in the processes forked meanwhile too."""
    global _switched_off
    before, _switched_off = _switched_off, True
    try:
        yield
    finally:
        _switched_off = before


def available() -> bool:
    """Whether `load` has kernels to give: there is a working C compiler, and they are not switched off."""
    return not _switched_off and compiling.load("probe", "int siamnas_probe(void) { return 1; }\n") is not None


def load(source: str, support: np.ndarray, lanes: int, weighted: bool) -> Library | None:
    """The kernels for one kind of graph.

    Args:
        source: "training" or "ranking".
        support: (V, V) bool array of edges that can occur, self loops included.
        lanes: length of the innermost axis: architectures for training, channels for ranking.
        weighted: the edges differ between architectures; else all of them are there, with weight 1.

    Returns:
        A library with the functions of `SIGNATURES[source]`; None inside `plain_pytorch` and where there is no working
        C compiler.
    """
    return None if _switched_off else _load(source, support.tobytes(), len(support), lanes, weighted)


@functools.lru_cache(maxsize=256)
def _load(source: str, support: bytes, nodes: int, lanes: int, weighted: bool) -> Library | None:
    header = _header(np.frombuffer(support, dtype=bool).reshape(nodes, nodes), lanes, weighted)
    text = header + (FOLDER / "kernels.h").read_text() + (FOLDER / f"{source}.c").read_text()
    library = compiling.load(source, text)
    if library is not None:
        for name, arguments in SIGNATURES[source].items():
            # With a list of parameters `ctypes` counts the arguments; with types alone it would let more of them pass.
            parameters = tuple((1, f"argument {i + 1}") for i in range(len(arguments)))
            setattr(library, name, ctypes.CFUNCTYPE(None, *arguments)((name, library), parameters))
    return library


def _header(support: np.ndarray, lanes: int, weighted: bool) -> str:
    """The constants and the two sums over neighbours that the kernels expect, written out for this graph."""
    nodes = len(support)
    lines = [f"#define V {nodes}", f"#define LANES {lanes}", "#define EACH(i, n) for (int i = 0; i < (n); i++)"]
    for name, edges in (("SUPPORT", support), ("NEIGHBOURS", support | support.T)):
        lines.append(f"static const int {name}[] = {{{', '.join(str(int(flag)) for flag in edges.ravel())}}};")
    for name, edges in (("along", support), ("against", support.T)):
        arguments = "const float *restrict x, int stride, const float *restrict A, float *restrict out"
        lines.append(f"static inline void {name}({arguments}) {{")
        for i in range(nodes):
            terms = []
            for j in np.flatnonzero(edges[i]):
                place = i * nodes + j if name == "along" else j * nodes + i
                terms.append(f"x[{j} * stride + l]" + (f" * A[{place} * LANES + l]" if weighted else ""))
            lines.append(f"    EACH(l, LANES) out[{i} * LANES + l] = {' + '.join(terms) or '0.f'};")
        lines.append("}")
    return "\n".join([*lines, ""])
