"""How far to believe a source, and how to begin: guards against sources that mislead.

Run as: OMP_NUM_THREADS=1 python experiments/transfer/guards.py {graphs,cells} [--seeds 10] [--out guards.csv]

A prototype of `search=transfer` in single precision, whose kernel matrix is made once for the part of a seed (see
`gains.py`). The seeds begin at 1000: on these was chosen. The posterior mean of the 60 evaluations of a source is a
prior mean, by each of the GUARDS. `gain`, `error` and `ratio` are those of `gains.py`, against the search alone.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gains import BUDGET, CELLS, GRAPH, LEVELS, benchmark, kept, needed, ratio, table
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from siamnas.acquisition.improvement import log_expected
from siamnas.graphs import features
from siamnas.predictors.gaussian.kernel import matern, scaled
from siamnas.predictors.gaussian.scores import normal
from siamnas.runtime import csv_rows
from siamnas.spaces.listed import Space

NOISE = 0.1
SMOOTH, LINEAR, RESIDUAL, LOCAL = np.exp(-1.3), 0.5, 0.3, 0.6  # of the default kernel
FIRST, OTHER = 1000, 4000  # first seed, what a source's seed is larger by
LOOKED, DRAWS = 300, 64
PAIRS = {  # source, target; `inverted` and `random` are sources with the target's values times -1, or in random order
    "graphs": [
        ("citeseer", "cora"),
        ("cora", "citeseer"),
        ("computers", "arxiv"),
        ("arxiv", "computers"),
        ("inverted", "arxiv"),
        ("inverted", "computers"),
        ("inverted", "cora"),
        ("random", "citeseer"),
        ("random", "arxiv"),
    ],
    "cells": [
        ("nb201_c10", "nb201_c100"),
        ("nb201_c100", "nb201_img16"),
        ("inverted", "nb201_img16"),
        ("random", "nb201_img16"),
    ],
}
Array = NDArray[Any]
Model = tuple[float, float, float]
"""Probability beforehand of a hypothesis, and the mean and the variance of the weight of the prior mean under it."""


class Part:
    """A part of a space with its kernel matrix."""

    def __init__(self, space: Space, rows: Array) -> None:
        table = features.build(space, ("graph", "paths", "onehot"))
        x, groups = table.values[rows], table.groups
        local = np.array([name == "onehot" for name in table.sets])
        self.size, count = len(rows), int(groups.max()) + 1
        self.x = scaled(x, groups, np.full(count, 1 / count)).astype(np.float32)
        own = (x[:, local] / (LOCAL * np.sqrt(local.sum()))).astype(np.float32)
        self.kernel = _matern(self.x * np.sqrt(SMOOTH).astype(np.float32)) + LINEAR * (self.x @ self.x.T)
        self.kernel += RESIDUAL * _matern(own)

    def far(self, seed: int) -> list[int]:
        """Three architectures far from each other, the first one at random."""
        found = [int(np.random.default_rng(seed).integers(self.size))]
        nearest = np.full(self.size, np.inf)
        while len(found) < 3:
            nearest = np.minimum(nearest, np.square(self.x - self.x[found[-1]]).sum(axis=1))
            found.append(int(nearest.argmax()))
        return found


def _matern(z: Array) -> Array:
    norms = np.square(z).sum(axis=1)
    return matern(np.maximum(norms[:, None] + norms - 2 * z @ z.T, 0)).astype(np.float32)


class Process:
    """A posterior over a part, with a prior mean (M,) by one model."""

    def __init__(self, part: Part, expected: Array, model: Model) -> None:
        self.chance, weight, variance = model
        self.part, self.along, self.prior = (
            part,
            np.float32(np.sqrt(variance)) * expected,
            np.float32(weight) * expected,
        )
        self.factor, self.v = np.zeros((BUDGET, BUDGET)), np.empty((BUDGET, part.size), np.float32)
        self.rows: list[int] = []
        self.variance = np.diagonal(part.kernel) + np.square(self.along)

    def add(self, row: int) -> None:
        """Evaluate a row."""
        n = len(self.rows)
        across = self.part.kernel[row] + self.along[row] * self.along
        along = self.v[:n, row].astype(np.float64)
        self.factor[n, :n] = along
        self.factor[n, n] = np.sqrt(max(float(across[row]) + NOISE - float(along @ along), 1e-9))
        self.v[n] = (across - along.astype(np.float32) @ self.v[:n]) / np.float32(self.factor[n, n])
        self.variance = self.variance - self.v[n] ** 2
        self.rows.append(row)

    def fit(self, y: Array) -> tuple[Array, Array]:
        """Posterior mean and variance; `evidence` is set."""
        lower: Array = self.factor[: len(y), : len(y)]
        solved = solve_triangular(lower, y - self.prior[self.rows], lower=True)
        self.evidence = -(solved @ solved) / 2 - np.log(np.diagonal(lower)).sum()
        return self.prior + solved.astype(np.float32) @ self.v[: len(y)], np.maximum(self.variance, 1e-12)

    def left_out(self, y: Array) -> tuple[Array, Array]:
        """Mean and variance of each target, given the others."""
        lower = solve_triangular(self.factor[: len(y), : len(y)], np.eye(len(y)), lower=True)
        inverse = lower.T @ lower
        own = np.diagonal(inverse)
        return y - inverse @ (y - self.prior[self.rows]) / own, 1 / own


Weigh = Callable[[Sequence[Process], Array], Array]


def evidence(processes: Sequence[Process], y: Array) -> Array:
    """Shares by the marginal likelihood."""
    return _shares([np.log(one.chance) + one.evidence for one in processes])


def leave_one_out(processes: Sequence[Process], y: Array) -> Array:
    """Shares by the density of each target given the others."""
    pairs = [(one.chance, *one.left_out(y)) for one in processes]
    return _shares([np.log(p) - (np.log(v) / 2 + (y - m) ** 2 / (2 * v)).sum() for p, m, v in pairs])


def ranking(processes: Sequence[Process], y: Array) -> Array:
    """Shares by who orders the left-out targets best, over draws of what is predicted (RGPE, Feurer et al. 2018)."""
    rng, wrong = np.random.default_rng(len(y)), []
    for one in processes:
        mean, variance = one.left_out(y)
        drawn = mean + np.sqrt(np.maximum(variance - NOISE, 1e-6)) * rng.standard_normal((DRAWS, len(y)))
        wrong.append(((drawn[:, :, None] < drawn[:, None]) != (y[:, None] < y[None])).sum(axis=(1, 2)))
    best = np.array(wrong) == np.min(wrong, axis=0)
    return np.asarray((best / best.sum(axis=0)).mean(axis=1))


def _shares(logs: Sequence[float]) -> Array:
    return np.exp(np.array(logs) - logsumexp(logs))


def mixed(trust: float = 0.2, weight: float = 1.0, variance: float = 0.09) -> list[Model]:
    """The prior mean says nothing, or has a weight."""
    return [(1 - trust, 0.0, 0.0), (trust, weight, variance)]


TOP, TOPS, ANY, FAR = "top", "top where the first was better", "random", "far"  # what is evaluated first
START = (TOP, ANY, TOPS, TOPS)
Guard = tuple[list[Model], Weigh, tuple[str, ...]]
GUARDS: dict[str, Guard] = {
    "3 from the top": (mixed(), evidence, (TOP, TOP, TOP)),
    "3 far": (mixed(), evidence, (FAR, FAR, FAR)),
    "1 from the top, 1 random": (mixed(), evidence, (TOP, ANY)),
    "1 from the top, 2 random": (mixed(), evidence, (TOP, ANY, ANY)),
    "2 from the top, 1 random": (mixed(), evidence, (TOP, ANY, TOP)),
    "as it is": (mixed(), evidence, START),
    "an inverted source is a hypothesis": ([*mixed(), (0.1, -1.0, 0.09)], evidence, START),
    "trust .5": (mixed(0.5), evidence, START),
    "weight .6 +- .6": (mixed(0.2, 0.6, 0.36), evidence, START),
    "leave-one-out densities": (mixed(), leave_one_out, START),
    "ranking (RGPE)": (mixed(), ranking, START),
    "a learnt weight alone": ([(1.0, 0.6, 0.36)], evidence, START),
}
ALONE: Guard = ([(1.0, 0.0, 0.0)], evidence, (FAR, FAR, FAR))


def search(part: Part, values: Array, seed: int, expected: Array | None = None, guard: Guard = ALONE) -> Array:
    """Rows in the order of their evaluation."""
    expected = np.zeros(part.size, np.float32) if expected is None else expected.astype(np.float32)
    models, weigh, start = guard
    processes = [Process(part, expected, model) for model in models]
    order: list[int] = []
    free = np.ones(part.size, dtype=bool)
    lines = {FAR: part.far(seed), ANY: np.random.default_rng(seed).permutation(part.size)[:4].tolist()}
    lines[TOP] = lines[TOPS] = np.argsort(-expected, kind="stable")[:8].tolist()
    while len(order) < BUDGET:
        kind = start[len(order)] if len(order) < len(start) else ""
        if kind == TOPS and not values[order[0]] > values[order[1]]:
            kind = ""
        left = [row for row in lines.get(kind, []) if free[row]]
        row = left[0] if left else _next(processes, weigh, values[order], order, free)
        order.append(row)
        free[row] = False
        for process in processes:
            process.add(row)
    return np.array(order)


def _next(processes: Sequence[Process], weigh: Weigh, told: Array, order: list[int], free: Array) -> int:
    """The largest expected improvement, among the most promising."""
    y = normal(told[None])[0]
    fits = [process.fit(y) for process in processes]
    shares = weigh(processes, y)
    mean = sum(share * m for share, (m, _) in zip(shares, fits, strict=True))
    second = sum(share * (v + m * m) for share, (m, v) in zip(shares, fits, strict=True))
    spread = np.sqrt(np.maximum(second - mean * mean, 1e-12))
    hope = np.where(free, mean + 2 * spread, -np.inf)
    some = np.argpartition(-hope, min(LOOKED, len(hope) - 1))[:LOOKED]
    worth = log_expected(mean[None, some], spread[None, some], np.array([[mean[order].max()]]))[0]
    return int(some[np.where(free[some], worth, -np.inf).argmax()])


def expected(part: Part, values: Array, seed: int) -> Array:
    """(M,) what a search of these values leaves as a posterior mean, of variance 1."""
    process = Process(part, np.zeros(part.size, np.float32), (1.0, 0.0, 0.0))
    order = search(part, values, seed)
    for row in order:
        process.add(row)
    mean = process.fit(normal(values[order][None])[0])[0]
    return (mean - mean.mean()) / mean.std()


def searched(kind: str, seed: int, share: float) -> Iterator[tuple[str, str, str, Array, Array, Array]]:
    """Guard, source, task, values, and what was evaluated alone and with the source."""
    tasks = GRAPH if kind == "graphs" else CELLS
    rows = kept(tasks[0], seed, share)
    part = Part(benchmark(tasks[0]).space, rows)
    values = {name: table(name)[1][rows] for name in tasks}
    alone = {name: search(part, own, seed) for name, own in values.items()}
    means = {one: expected(part, values[one], seed + OTHER) for one in {one for one, _ in PAIRS[kind]} & set(values)}
    for source, target in PAIRS[kind]:
        own = values[target]
        if source in ("inverted", "random"):
            told = -own if source == "inverted" else np.random.default_rng(seed + OTHER).permutation(own)
            means[source] = expected(part, told, seed + OTHER)
        for name, guard in GUARDS.items():
            yield name, source, target, own, alone[target], search(part, own, seed, means[source], guard)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description="See the head of the file.")
    parser.add_argument("kind", choices=PAIRS)
    parser.add_argument("--seeds", type=int, default=10, help="how many, at least 2")
    parser.add_argument("--share", type=float, default=0.15, help="of each space that a seed has")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("guards.csv"), help="what is replaced in")
    given = parser.parse_args()
    found: dict[tuple[str, str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for seed in range(FIRST, FIRST + given.seeds):
        for *key, values, alone, other in searched(given.kind, seed, given.share):
            (before, first), (after, second) = needed(values, alone), needed(values, other)
            counts = [float(sum(own[f"{level:g}"] for level in LEVELS)) for own in (before, after)]
            found[key[0], key[1], key[2]].append((float((first - second).mean()), counts[0], counts[1]))
    rows = [row for row in csv_rows.read(given.out) if (row["from"], row["task"]) not in PAIRS[given.kind]]
    for (name, source, task), every in found.items():
        gain, alone, other = np.array(every).T
        error = gain.std(ddof=1) / np.sqrt(len(gain))
        row = {"guard": name, "from": source, "task": task, "seeds": str(given.seeds), "gain": f"{gain.mean():.3f}"}
        rows.append(row | {"error": f"{error:.3f}", "ratio": f"{ratio(alone, other)[0]:.2f}"})
    csv_rows.write(given.out, rows)


if __name__ == "__main__":
    main()
