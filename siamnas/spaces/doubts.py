"""What a table or a folder says that may be a mistake: it is used as it stands, and one line says so."""

import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import FloatArray, IntArray

GAP = 10  # times that the least percentage is above the largest fraction, where a column seems to hold both
SMALLER = re.compile(r"loss|err(or)?|mae|r?mse|nll|perplexity|ppl|latency|energy|flops|macs|params|seconds|time|ms")
log = logging.getLogger(__name__)


def twice(types: NDArray[np.uint8], edges: NDArray[np.uint8]) -> IntArray:
    """Two rows of the same operations and edges; none where all differ."""
    own = edges if len(edges) == len(types) else np.zeros((len(types), 0), np.uint8)
    rows = np.ascontiguousarray(np.concatenate([types, own], axis=1))
    _, first, seats = np.unique(rows.view(f"V{rows.shape[1]}")[:, 0], return_index=True, return_inverse=True)
    again = np.flatnonzero(first[seats] != np.arange(len(rows)))
    return np.array([first[seats[again[0]]], again[0]] if again.size else [], np.int64)


def of_graphs(file: Path, rows: list[int], said: str, trained: Mapping[str, FloatArray]) -> None:
    """Say that two architectures are the same, and what was measured otherwise.

    Args:
        file: of the table, or the folder.
        rows: see `twice`.
        said: what they are called.
        trained: name -> (M,) columns that are known after a training.
    """
    if not rows:
        return
    one, other = rows
    differ = [f"{name} {values[one]:g} and {values[other]:g}" for name, values in trained.items()
              if not np.array_equal(values[one], values[other], equal_nan=True)]  # fmt: skip
    more = f", with {', '.join(sorted(differ))}" if differ else ""
    log.warning("%s: %s are the same architecture%s", file, said, more)


def of_direction(file: Path, matrices: NDArray[Any]) -> None:
    """Say that all edges lead from a later node to an earlier one, as in a matrix that is transposed."""
    edges = matrices.any(axis=0) & ~np.eye(matrices.shape[1], dtype=bool)
    if edges.any() and not np.triu(edges).any():
        log.warning("%s: all edges lead from a later node to an earlier one: is the matrix transposed?", file)


def of_values(name: str, maximise: bool, values: FloatArray, row: Callable[[int], str] = "row {}".format) -> None:
    """Say that fractions seem to be among percentages, that accuracies are none, or that the direction is unusual.

    Args:
        name: of the metric.
        maximise: whether larger is better.
        values: (M,) that are reported.
        row: what an architecture is called, by its number.
    """
    accuracy = maximise and "acc" in name.lower()
    of_metric(name, maximise)
    beyond = np.flatnonzero((values < 0) | (values > 100)) if accuracy else np.array([], int)
    if beyond.size:
        at = int(beyond[0])
        log.warning("%s: is %g in %s: must an accuracy not be from 0 to 100?", name, values[at], row(at))
    low = (values > 0) & (values <= 1)
    high = (values > 1) & (values <= 100)
    apart = low.any() and high.any() and (values >= 0).all() and (values <= 100).all()
    if apart and (accuracy or values[high].min() > GAP * values[low].max()):
        at = int(np.flatnonzero(low)[0])
        log.warning(
            "%s: %d values are not above 1, such as %g in %s, among others up to %g: are there fractions among "
            "percentages?", name, int(low.sum()), values[at], row(at), values.max(),
        )  # fmt: skip


def of_metric(name: str, maximise: bool) -> None:
    """Say that the direction of a metric is not the one that its name says."""
    words = re.split(r"[^a-z]+", name.lower())
    smaller = any(map(SMALLER.fullmatch, words)) and not {"neg", "negative", "minus"} & set(words)
    if maximise and smaller:
        log.warning("%s: larger is better, as space.maximise=true says: is that so?", name)
    if not maximise and not smaller and any(word.startswith("acc") for word in words):
        log.warning("%s: smaller is better, as space.maximise=false says: is that so?", name)
