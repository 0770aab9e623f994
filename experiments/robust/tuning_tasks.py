"""Eleven tasks on which the default search is tuned, and how recipes of it are compared: see recipes.py."""

import csv
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import siamnas
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.spaces.listed import Space

COUNTS = (20, 40, 60, 100)
FLOOR = 0.01  # of the percentile under the logarithm
DATA_SETS = ("cora", "citeseer", "computers", "arxiv")
SHIPPED: tuple[
    dict[str, tuple[str, ...]], ...
] = (  # task -> words that choose its space; those of one line have the same graphs
    {f"graph_{name}": ("space=nas_bench_graph", f"space.dataset={name}") for name in DATA_SETS},
    {name: (f"space={name}",) for name in ("nb201_c10", "nb201_c100", "nb201_img16")},
    {"nb_macro": ("space=nb_macro",)},
    {"tiny_nb201": ("space=tiny_nb201",)},
)
STAGES = 7
Edges = list[tuple[int, int]]
Values = NDArray[np.float64]
Found = dict[str, Values]


@dataclass(frozen=True)
class Tables:
    """Graphs, and the values of each task that is defined on them."""

    nodes: list[list[str]]
    edges: list[Edges]
    tasks: dict[str, Values]

    def part(self, rows: NDArray[np.int64]) -> Space:
        """Some of the graphs as a space."""
        return siamnas.Space.of_graphs([self.nodes[row] for row in rows], [self.edges[row] for row in rows])


def chain(nodes: list[str]) -> Edges:
    """Each node leads to the next."""
    return [(node, node + 1) for node in range(len(nodes) - 1)]


def accel(path: Path, slots: bool) -> Tables:
    """Accel-NASBench: seven stages of equal blocks; a stage is one node (`slots`), or as many as it has blocks."""
    trained: dict[tuple[tuple[str, ...], ...], list[float]] = {}
    with lzma.open(path, "rt", newline="") as file:
        table = list(csv.DictReader(file))
    for row in table:
        network = tuple(tuple(row[f"{key}{stage}"] for key in ("e", "k", "l", "se")) for stage in range(STAGES))
        trained.setdefault(network, []).append(float(row["top1"]))
    nodes = [["input", *(name for stage in network for name in _blocks(stage, slots)), "output"] for network in trained]
    means = np.array(list(map(np.mean, trained.values())))
    return Tables(nodes, list(map(chain, nodes)), {"accel_slots" if slots else "accel_chain": means})


def _blocks(stage: tuple[str, ...], slots: bool) -> list[str]:
    expansion, kernel, layers, excite = stage
    if slots:
        return [f"e{expansion}k{kernel}l{layers}s{excite}"]
    return [f"e{expansion}k{kernel}s{excite}"] * int(layers)


def shipped(tasks: dict[str, tuple[str, ...]]) -> Tables:
    """A space that comes with siamnas, with nothing but its graphs."""
    made = {
        task: build.benchmark(configuration.load(*compose([*words, "predictor=random"])).config)
        for task, words in tasks.items()
    }
    space = next(iter(made.values())).space
    archs = range(len(space))
    # Means have noise in the last digits, which would make optima out of equal values.
    values = {task: benchmark.measured.label.astype(np.float64).round(7) for task, benchmark in made.items()}
    return Tables([list(space.operations(arch)) for arch in archs], [list(space.edges(arch)) for arch in archs], values)


def strictly_better(values: Values) -> NDArray[np.int64]:
    """(M,) how many values are larger than each one."""
    return len(values) - np.searchsorted(np.sort(values), values, side="right")


def percentiles(values: Values, order: list[int], counts: list[int]) -> list[float]:
    """Of the best found after each of some numbers of evaluations."""
    better = strictly_better(values)[order]
    return [100 * better[:count].min() / len(values) for count in counts]


def sources(table: Path | None) -> Iterator[Tables]:
    """The tables of all tasks, those that take longest first."""
    for tasks in SHIPPED:
        yield shipped(tasks)
    if table is not None:
        yield accel(table, slots=False)
        yield accel(table, slots=True)


def logarithms(found: Values) -> Values:
    """Of percentiles, of the same shape."""
    return np.log10(found + FLOOR)


def difference(first: Found, other: Found) -> str:
    """What `other` is better by in the mean logarithm over all counts; see the head of this file."""
    pairs = zip(first.values(), other.values(), strict=True)
    better = np.array([(logarithms(one) - logarithms(two)).mean(axis=1) for one, two in pairs])  # (tasks, seeds)
    error = better.mean(axis=0).std(ddof=1) / np.sqrt(better.shape[1])
    without = [np.delete(better, task, axis=0).mean() for task in range(len(better))]
    return f"{better.mean():+.3f} +- {error:.3f} [{min(without):+.3f}, {max(without):+.3f}]"
