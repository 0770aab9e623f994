"""Small benchmarks for the tests, in the real NAS-Bench-201 encoding, and short ways to search on them."""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from siamnas.acquisition.base import Acquisition
from siamnas.acquisition.random import Random
from siamnas.benchmarks.measurements import Measured
from siamnas.benchmarks.metric import Metric
from siamnas.jobs.evaluation import evaluate
from siamnas.jobs.store import RESULT
from siamnas.oracle.base import Oracle
from siamnas.oracle.table import TableOracle
from siamnas.predictors.base import Predictor, Stage
from siamnas.search.base import Search
from siamnas.search.topk import TopK
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space
from siamnas.training.training_set import TrainingSet

ROOT = Path(__file__).resolve().parents[1]


class Outcome(NamedTuple):
    """Of a command line."""

    code: int
    out: str
    err: str


QUICK = ("predictor=random", "logger=none", "repeats=3")  # a job that takes no time


def results(folder: Path) -> list[Path]:
    """The result files below a folder."""
    return sorted(folder.rglob(RESULT))


def python(folder: Path, packages: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Python in a folder, with the packages of another."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        timeout=300,
    )


OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
NODE_TYPES = (
    "skip_connect", "zeros", "none", "split_2", "split_3", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3", "output",
)  # fmt: skip
EDGES = ((0, 1), (0, 3), (0, 6), (1, 2), (2, 4), (2, 7), (3, 5), (4, 5), (5, 8), (6, 9), (7, 9), (8, 9))
SLOTS = (1, 3, 4, 6, 7, 8)  # the nodes that hold the operations 0->1, 0->2, 1->2, 0->3, 1->3, 2->3
VALUES = np.array([0.0, 0.5, 0.7, 1.0, 0.3])  # what an operation is worth in the made-up label
PROXY_EPOCHS = 50


def arch(operations: np.ndarray) -> str:
    """Six operation indices in the benchmark's own notation."""
    a, b, c, d, e, f = (OPERATIONS[i] for i in operations)
    return f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|"


def tiny_benchmark(size: int = 200, seed: int = 0, noise: float = 0.01, uncoded: int = 0) -> Benchmark:
    """A random subset of the NAS-Bench-201 cells with made-up, but learnable, labels and codes.

    Args:
        size: M, at most 15,625; all architectures differ.
        seed: fixes the subset, the noise and the codes.
        noise: standard deviation of the label's noise, as a fraction.
        uncoded: how many architectures have no Estimation Code.
    """
    rng = np.random.default_rng(seed)
    numbers = rng.choice(5**6, size, replace=False)
    operations = numbers[:, None] // 5 ** np.arange(5, -1, -1) % 5  # (M, 6)
    types = np.tile(np.array([NODE_TYPES.index("split_3"), 0, 3, 0, 0, 2, 0, 0, 0, 8], dtype=np.uint8), (size, 1))
    names = ["zeros" if name == "none" else name for name in OPERATIONS]
    types[:, SLOTS] = np.array([NODE_TYPES.index(name) for name in names], dtype=np.uint8)[operations]
    adjacency = np.eye(10, dtype=np.float32)
    adjacency[tuple(np.array(EDGES).T)] = 1
    worth = VALUES[operations] @ np.array([0.1, 0.15, 0.1, 0.3, 0.15, 0.2])  # in [0, 1]
    label = np.clip(0.2 + 0.5 * worth**0.5 + noise * rng.standard_normal(size), 0, 1)
    report = np.clip(label + noise * rng.standard_normal(size), 0, 1)
    epochs = np.arange(1, PROXY_EPOCHS + 1)
    losses = 2.3 / epochs**0.2 - 0.8 * worth[:, None] + 0.05 * rng.standard_normal((size, PROXY_EPOCHS))
    losses[rng.choice(size, uncoded, replace=False)] = np.nan
    space = Space(
        name="tiny",
        node_types=NODE_TYPES,
        types=types,
        adjacency=adjacency,
        archs=np.array([arch(row) for row in operations]),
        columns={
            "flops": 7.8 + 35.4 * (operations == 3).sum(1) + 3.9 * (operations == 2).sum(1),
            "params": 0.08 + 0.243 * (operations == 3).sum(1) + 0.028 * (operations == 2).sum(1),
        },
    )
    seconds = np.where(np.isnan(losses[:, 0]), np.nan, rng.uniform(1, 3, size))
    measured = Measured(
        metric=Metric("valid_200_mean"),
        label=label,
        label_name="test_200_mean",
        report=report,
        code=losses[:, :3].astype(np.float32),
        code_name="mote",
        code_seconds=seconds,
        train_seconds=rng.uniform(1000, 3000, size),
        columns={f"proxy_loss_{epoch}": losses[:, epoch - 1] for epoch in epochs},
        column_seconds={f"proxy_loss_{epoch}": seconds * epoch / 3 for epoch in epochs},
    )
    return Benchmark(space, measured)


def remeasured(benchmark: Benchmark, **changes: Any) -> Benchmark:
    """The same space with some of its measurements changed, for example `label=...`."""
    return Benchmark(benchmark.space, dataclasses.replace(benchmark.measured, **changes))


def without_codes(benchmark: Benchmark) -> Benchmark:
    """The same benchmark without Estimation Codes."""
    return remeasured(benchmark, code=np.empty((len(benchmark.space), 0), np.float32), code_name="none")


def own_edges(space: Space, seed: int = 0) -> Space:
    """The same architectures, each with an adjacency of its own: some edges are missing."""
    nodes = space.adjacency.shape[-1]
    keep = np.random.default_rng(seed).random((len(space), nodes, nodes)) < 0.8
    adjacency = np.where(keep | np.eye(nodes, dtype=bool), space.adjacency, 0).astype(np.float32)
    return dataclasses.replace(space, adjacency=adjacency)


def told(benchmark: Benchmark, archs: np.ndarray, coded: bool = True) -> tuple[TrainingSet, np.ndarray]:
    """A training set of architectures (R, n), with their codes or without, and their true labels."""
    codes = benchmark.measured.code[archs] if coded else np.empty((*archs.shape, 0))
    return TrainingSet(archs, codes), benchmark.measured.label[archs]


def fit(predictor: Predictor, benchmark: Benchmark, archs: np.ndarray, **stage: Any) -> None:
    """Fit a predictor on the true labels of architectures (R, n); `stage` as for `Stage`."""
    predictor.stage = Stage(**stage)
    predictor.fit(*told(benchmark, archs, predictor.coded))


def draw(size: int, count: int, repeats: int, seed: int = 0) -> np.ndarray:
    """(R, count) different architectures in every row."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.choice(size, count, replace=False) for _ in range(repeats)])


def tiny_search(
    predictor: Predictor,
    benchmark: Benchmark,
    acquisition: Acquisition | None = None,
    oracle: Oracle | None = None,
    **fields: Any,
) -> tuple[TopK, Oracle]:
    """The search of the paper with small numbers, and its oracle.

    Args:
        predictor: not yet fitted.
        benchmark: of its space.
        acquisition: all at random if None.
        oracle: the table of the benchmark if None.
        fields: of `TopK`: n, k, rerank, depth.
    """
    oracle = oracle or TableOracle(benchmark, len(predictor.seeds))
    fields = {"n": 10, "k": 5, "rerank": 20, "depth": 30, **fields}
    return TopK(predictor, acquisition or Random(), oracle, benchmark.measured.metric, **fields), oracle


def run(search: Search, oracle: Oracle, watch: Callable[[np.ndarray], None] = lambda archs: None) -> Search:
    """The loop of ask and tell to the end of the search; `watch` is called with everything that is asked."""
    while (archs := search.ask()) is not None:
        watch(archs)
        search.tell(archs, oracle.query(archs))
    return search


def searched(
    predictor: Predictor, benchmark: Benchmark, acquisition: Acquisition | None = None, **fields: Any
) -> dict[str, Any]:
    """The arrays of `siamnas.jobs.evaluation.evaluate` after a whole search; arguments as for `tiny_search`."""
    search, oracle = tiny_search(predictor, benchmark, acquisition, **fields)
    run(search, oracle)
    return evaluate(search, oracle, benchmark)
