"""How far to believe what is known beforehand: guards against sources that mislead; columns as features or prior means.

Run as: OMP_NUM_THREADS=1 python experiments/transfer/guards.py {graphs,cells,columns} [--seeds 8] [--out guards.csv]

A prototype of the default search in single precision: its kernel matrix is made once for a random 30 % of a space,
which five seeds share, so that a search of 60 evaluations takes .06 CPU seconds. `graphs` and `cells`: the posterior
mean of 60 evaluations of another task is a prior mean, by the GUARDS. `columns`: FLOPs and parameters, or random
columns in their place, are features, or features and prior means, by the USES. `gain` is the mean over 1 to 60
evaluations of log10(percentile + .01), of the search that knows nothing beforehand minus this one; `error` is its
standard error.
"""

import argparse
import csv
import functools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from siamnas.acquisition.improvement import log_expected
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.graphs import features
from siamnas.predictors.gaussian.kernel import matern, scaled
from siamnas.predictors.gaussian.scores import normal
from siamnas.spaces.listed import Space

BUDGET, NOISE = 60, 0.1
SMOOTH, LINEAR, RESIDUAL, LOCAL = np.exp(-1.3), 0.5, 0.3, 0.6  # of the default kernel
FIRST, SHARED, OTHER = 1000, 5, 5000  # first seed, seeds of a part, what a source's seed is larger by
LOOKED, DRAWS, FLOOR = 300, 64, 0.01
DATA_SETS = ("cora", "citeseer", "computers", "arxiv")
SPACES: dict[str, dict[str, tuple[str, ...]]] = {
    "graphs": {f"graph_{name}": ("space=nas_bench_graph", f"space.dataset={name}") for name in DATA_SETS},
    "cells": {name: (f"space={name}",) for name in ("nb201_c10", "nb201_c100", "nb201_img16")},
}
PAIRS = {  # source, target; `inverted` and `random` are sources with the target's values times -1, or in random order
    "graphs": [
        ("graph_citeseer", "graph_cora"),
        ("graph_cora", "graph_citeseer"),
        ("graph_citeseer", "graph_computers"),
        ("graph_computers", "graph_arxiv"),
        ("graph_arxiv", "graph_computers"),
        ("inverted", "graph_arxiv"),
        ("random", "graph_citeseer"),
        ("inverted", "graph_computers"),
    ],
    "cells": [
        ("nb201_c10", "nb201_c100"),
        ("nb201_c100", "nb201_img16"),
        ("inverted", "nb201_c100"),
        ("random", "nb201_img16"),
        ("inverted", "nb201_img16"),
    ],
}
COLUMNS = {"nb201_img16": 0.3, "nb_macro": 0.5, "tiny_nb201": 1.0}  # task -> share of its space
Array = NDArray[Any]
Model = tuple[float, list[float], list[float]]
"""Probability beforehand, and of each prior mean the expected weight and its variance; without any it is 0."""


class Part:
    """A part of a space with its kernel matrix; `columns` (H, M), if given, are features in the place of its own."""

    def __init__(self, space: Space, rows: Array, columns: Array | None = None) -> None:
        table = features.build(space, ("graph", "paths", "onehot"))
        kept = [i for i, name in enumerate(table.names) if columns is None or not name.startswith("log ")]
        x, groups = table.values[rows][:, kept], np.unique(table.groups[kept], return_inverse=True)[1]
        local = np.array([table.sets[i] == "onehot" for i in kept])
        for column in () if columns is None else columns:
            x = np.concatenate([x, ((column - column.mean()) / column.std())[:, None]], axis=1)
            groups, local = np.append(groups, groups.max() + 1), np.append(local, False)
        self.size, count = len(rows), len(np.unique(groups))
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
    """A posterior over a part, with prior means (H, M) by one model."""

    def __init__(self, part: Part, means: Array, model: Model) -> None:
        self.part, self.means, (self.chance, weights, variances) = part, means, model
        self.variances = np.array(variances, dtype=np.float32)
        self.prior = np.array(weights, dtype=np.float32) @ means
        self.factor, self.v = np.zeros((BUDGET, BUDGET)), np.empty((BUDGET, part.size), np.float32)
        self.rows: list[int] = []
        self.variance = np.diagonal(part.kernel) + self.variances @ np.square(means)

    def add(self, row: int) -> None:
        """Evaluate a row."""
        n = len(self.rows)
        across = self.part.kernel[row] + (self.variances * self.means[:, row]) @ self.means
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


def mixed(trust: float, weight: float = 0.6, variance: float = 0.36) -> Callable[[int], list[Model]]:
    """Number of prior means -> nothing of them with 1 - trust; with trust one model of all."""
    return lambda count: [(1 - trust, [0.0] * count, [0.0] * count), *regression(weight, variance, trust)(count)]


def regression(weight: float = 0.6, variance: float = 0.36, chance: float = 1.0) -> Callable[[int], list[Model]]:
    """Number of prior means -> their regression alone."""
    return lambda count: [(chance, [weight / count] * count, [variance / count] * count)]


Guard = tuple[Callable[[int], list[Model]], Weigh, int]
GUARDS: dict[str, Guard] = {  # models, their shares, and how many are evaluated first from the top of the prior mean
    "evidence, trust .5": (mixed(0.5), evidence, 1),
    "evidence, trust .5, 3 far starts": (mixed(0.5), evidence, 0),
    "evidence, trust .2": (mixed(0.2), evidence, 1),
    "evidence, trust .2, 3 from the top": (mixed(0.2), evidence, 3),
    "evidence, trust .2, weight 1 +- .3": (mixed(0.2, 1.0, 0.09), evidence, 1),
    "evidence, trust .2, weight 1 +- .3, 3 from the top": (mixed(0.2, 1.0, 0.09), evidence, 3),
    "leave-one-out, trust .5": (mixed(0.5), leave_one_out, 1),
    "ranking (RGPE)": (mixed(0.5), ranking, 1),
    "no guard: a learnt weight": (regression(), evidence, 1),
}
USES: dict[str, Guard] = {
    "features": (mixed(0.5, 0, 0), evidence, 0),
    "features, learnt weight": (regression(0.0, 0.5), evidence, 0),
    "features, learnt weight of mean .6": (regression(), evidence, 0),
    "features, evidence, trust .5": (mixed(0.5, 0.0, 0.5), evidence, 0),
    "features, evidence, trust .5, mean .6": (mixed(0.5), evidence, 0),
}
NOTHING: Guard = (regression(0.0, 0.0), evidence, 0)


def search(part: Part, values: Array, seed: int, means: Array | None = None, guard: Guard = NOTHING) -> list[int]:
    """Rows in the order of their evaluation."""
    means = np.zeros((1, part.size)) if means is None else means
    models, weigh, top = guard
    processes = [Process(part, means.astype(np.float32), model) for model in models(len(means))]
    order: list[int] = []
    free = np.ones(part.size, dtype=bool)
    start = np.argsort(-means[0], kind="stable")[:top].tolist() if top else part.far(seed)
    while len(order) < BUDGET:
        row = start[len(order)] if len(order) < len(start) else _next(processes, weigh, values[order], order, free)
        order.append(row)
        free[row] = False
        for process in processes:
            process.add(row)
    return order


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


@functools.cache
def benchmark(words: tuple[str, ...]) -> tuple[Space, Array]:
    """A space, and what is searched for."""
    made = build.benchmark(configuration.load(*compose([*words, "predictor=random"])).config)
    return made.space, made.measured.label.astype(np.float64).round(7)


def kept(space: Space, seed: int, share: float) -> tuple[int, Array]:
    """The seed of the part that a seed searches, and its rows."""
    number = FIRST + (seed - FIRST) // SHARED
    drawn = np.random.default_rng(number).permutation(len(space))
    return number, np.sort(drawn[: round(share * len(space))])


@functools.lru_cache(maxsize=2)
def shared(words: tuple[str, ...], number: int, share: float, columns: str) -> tuple[Part, Array]:
    """A part, and its columns (H, M) as normal scores: `own`, `random`, or `` for those of the space as they are."""
    space, _ = benchmark(words)
    _, rows = kept(space, FIRST + (number - FIRST) * SHARED, share)
    found = np.array(list(_different(space, rows)) if columns else [])
    if columns == "random":
        rng = np.random.default_rng(number + 5)
        found = np.array([rng.permutation(column) for column in found])
    return Part(space, rows, {"": None, "none": found[:0]}.get(columns, found)), found


def _different(space: Space, rows: Array) -> Iterator[Array]:
    """FLOPs and parameters, of which one is left out that follows from the other."""
    flops, params = (np.asarray(space.columns[name])[rows].astype(np.float64) for name in ("flops", "params"))
    yield normal(flops[None])[0]
    if np.abs(np.corrcoef(np.log(flops + 1e-9), np.log(params + 1e-9))[0, 1]) <= 0.995:
        yield normal(params[None])[0]


def expected(part: Part, values: Array, seed: int) -> Array:
    """(1, M) what a search of these values leaves as a posterior mean, of variance 1."""
    process = Process(part, np.zeros((1, part.size), np.float32), (1.0, [0.0], [0.0]))
    order = search(part, values, seed)
    for row in order:
        process.add(row)
    mean = process.fit(normal(values[order][None])[0])[0]
    return ((mean - mean.mean()) / mean.std())[None]


Found = Iterator[tuple[str, str, str, Array]]
"""Name of the guard, source or kind of columns, task, and the curve of the logarithm."""


def with_sources(kind: str, seed: int) -> Found:
    """All guards on all pairs."""
    tasks = SPACES[kind]
    space, _ = benchmark(next(iter(tasks.values())))
    number, rows = kept(space, seed, 0.3)
    part, _ = shared(next(iter(tasks.values())), number, 0.3, "")
    values = {name: benchmark(words)[1][rows] for name, words in tasks.items()}
    rng = np.random.default_rng(seed + 77)
    sources = {one for one, _ in PAIRS[kind]} & set(values)
    means = {one: expected(part, values[one], seed + OTHER) for one in sorted(sources)}
    for source, target in PAIRS[kind]:
        own = values[target]
        if source in ("inverted", "random"):
            means[source] = expected(part, -own if source == "inverted" else rng.permutation(own), seed + OTHER)
        yield "", source, target, curve(own, search(part, own, seed))
        for name, guard in GUARDS.items():
            yield name, source, target, curve(own, search(part, own, seed, means[source], guard))


def with_columns(seed: int) -> Found:
    """All uses of true and of random columns."""
    for task, share in COLUMNS.items():
        words = (f"space={task}",)
        space, every = benchmark(words)
        number, rows = kept(space, seed, share)
        own = every[rows]
        alone = curve(own, search(shared(words, number, share, "none")[0], own, seed))
        for kind in ("own", "random"):
            part, columns = shared(words, number, share, kind)
            yield "", kind, task, alone
            for name, guard in USES.items():
                yield name, kind, task, curve(own, search(part, own, seed, columns, guard))


def curve(values: Array, order: list[int]) -> Array:
    """(BUDGET,) log10(percentile + .01) of the best so far."""
    better = len(values) - np.searchsorted(np.sort(values), values[order], side="right")
    return np.log10(100 * np.minimum.accumulate(better) / len(values) + FLOOR)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", choices=[*SPACES, "columns"])
    parser.add_argument("--seeds", type=int, default=8, help="how many, at least 2")
    parser.add_argument("--out", type=Path, help="CSV to write")
    given = parser.parse_args()
    curves: dict[tuple[str, str, str], list[Array]] = defaultdict(list)
    for seed in range(FIRST, FIRST + given.seeds):
        for *key, found in with_columns(seed) if given.kind == "columns" else with_sources(given.kind, seed):
            curves[key[0], key[1], key[2]].append(found)
    rows = []
    for (name, source, task), every in curves.items():
        gain = (np.array(curves["", source, task]) - np.array(every)).mean(axis=1)
        error = gain.std(ddof=1) / np.sqrt(len(gain))
        if name:
            numbers = {"gain": f"{gain.mean():.3f}", "error": f"{error:.3f}"}
            rows.append({"guard": name, "from": source, "task": task, "seeds": str(given.seeds)} | numbers)
            print(" ".join(rows[-1].values()))
    if given.out:
        with given.out.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
