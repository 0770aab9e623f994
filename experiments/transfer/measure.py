"""What evaluations of another task are worth, and what they cost where they mislead.

Run as: OMP_NUM_THREADS=1 python experiments/transfer/measure.py [PAIR ...] [--seeds 10] [--out table.csv]

A source is the 60 evaluations of a default search on another task of the same space (its seed: `seed + 4000`); the
target is searched with it and alone, from the same seed, one evaluation at a time. `inverted` and `random` stand for a
source with the target's values times -1, or in random order. A seed has a random part of the space, of `--share`.

`evaluations` are those to a regret of .2 points of accuracy (at most 60), alone and with the source, means over seeds.
`gain` is the mean over 1 to 60 evaluations of log10(percentile + .01), alone minus with the source, above 0 where the
source helps, and `error` its standard error over the seeds; the percentile is the share of the part that is strictly
better than the best found, in %. `cost` is by how much more or less evaluations the search with the source
reaches the mean logarithm that the search alone has after 20 and after 40.
"""

import argparse
import csv
import functools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import siamnas
from siamnas.benchmarks.metric import Metric
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.search import transfer_sources
from siamnas.search.codes import GivenCodes
from siamnas.spaces.listed import Space as Listed

BUDGET, REGRET, FLOOR = 60, 0.2, 0.01
COUNTS = (5, 10, 20, 30, 60)
GRAPH = ("cora", "citeseer", "computers", "arxiv")
CELLS = ("nb201_c10", "nb201_c100", "nb201_img16")
MISLEADING = ("inverted", "random")
PAIRS: list[tuple[str, str]] = [
    *((one, other) for other in GRAPH for one in (*GRAPH, *MISLEADING) if one != other),
    ("nb201_c10", "nb201_c100"),
    ("nb201_c100", "nb201_img16"),
    *((one, other) for other in CELLS[1:] for one in MISLEADING),
]
Values = NDArray[np.float64]


@functools.cache
def table(task: str) -> tuple[Listed, Values]:
    """The space of a task, and the accuracies in percent."""
    words = ("space=nas_bench_graph", f"space.dataset={task}") if task in GRAPH else (f"space={task}",)
    made = build.benchmark(configuration.load(*compose([*words, "predictor=random"])).config)
    # Means have noise in the last digits, which would make optima out of equal values.
    return made.space, (100 * made.measured.label.astype(np.float64)).round(5)


@functools.lru_cache(maxsize=2)
def part(kind: tuple[str, ...], seed: int, share: float) -> tuple[siamnas.Space, NDArray[np.int64]]:
    """A random part of the space of some tasks, and the numbers of its architectures."""
    space, _ = table(kind[0])
    kept = np.sort(np.random.default_rng(seed).permutation(len(space))[: round(share * len(space))])
    operations, edges = [space.operations(arch) for arch in kept], [space.edges(arch) for arch in kept]
    return siamnas.Space.of_graphs(operations, edges, [str(space.archs[arch]) for arch in kept]), kept


@functools.cache
def words(transfers: bool) -> dict[str, Any]:
    """The configuration of a search with or without a source."""
    given = [f"search={'transfer' if transfers else 'active'}", f"search.n={BUDGET}", "repeats=1"]
    return configuration.load(*compose(["predictor=gp", *given, *(["search.sources=[]"] if transfers else [])])).config


def search(space: Listed, values: Values, seed: int, told: dict[str, float] | None = None) -> list[int]:
    """Architectures in the order of their evaluation; as `siamnas.Search(learn_from=[told])` asks for them."""
    prior = GivenCodes(None, len(space))
    prior.sources = transfer_sources.given([told] if told else [], space, maximise=True)
    made = build.search(words(bool(told)), space, prior, Metric("value", unit=""), range(seed, seed + 1))
    while (archs := made.ask()) is not None:
        made.tell(archs, values[archs])
    return [int(arch) for arch in made.evaluated[0][0]]


class Seed:
    """All searches of a seed; what several pairs need is searched once.

    Args:
        seed: see the head of this file.
        share: the same.
    """

    def __init__(self, seed: int, share: float) -> None:
        self.seed, self.share = seed, share
        self._alone: dict[tuple[str, str], tuple[Values, list[int]]] = {}

    def pair(self, source: str, target: str) -> tuple[Values, list[int], list[int]]:
        """The values of the part, and the searches alone and with the source."""
        space, kept = self._part(target)
        values, alone = self._search("", target, self.seed)
        told, order = self._search(source, target if source in MISLEADING else source, self.seed + 4000)
        known = {str(space.archs[arch]): float(told[arch]) for arch in order}
        return values, alone, search(space, values, self.seed, known)

    def _part(self, task: str) -> tuple[siamnas.Space, NDArray[np.int64]]:
        return part(GRAPH if task in GRAPH else CELLS, self.seed, self.share)

    def _search(self, kind: str, task: str, seed: int) -> tuple[Values, list[int]]:
        """A search without a source on the values of a task, or on what misleads instead."""
        key = (kind if kind in MISLEADING else str(seed), task)
        if key not in self._alone:
            space, kept = self._part(task)
            values = table(task)[1][kept]
            if kind == "inverted":
                values = -values
            elif kind == "random":
                values = np.random.default_rng(seed).permutation(values)
            self._alone[key] = values, search(space, values, seed)
        return self._alone[key]


def curves(values: Values, order: list[int]) -> tuple[Values, int]:
    """(BUDGET,) percentiles of the best so far, and the evaluations to a regret of REGRET."""
    better = len(values) - np.searchsorted(np.sort(values), values[order], side="right")
    near = np.flatnonzero(values[order] >= values.max() - REGRET)
    return 100 * np.minimum.accumulate(better) / len(values), int(near[0]) + 1 if len(near) else BUDGET


def cost(alone: Values, other: Values, count: int) -> float:
    """Evaluations of the other (seeds, BUDGET) for the mean logarithm of the first at `count`, less 1 and relative."""
    first, second = np.log10(alone + FLOOR).mean(axis=0), np.log10(other + FLOOR).mean(axis=0)
    reached = np.flatnonzero(second <= first[count - 1] + 1e-9)
    return (int(reached[0]) + 1 if len(reached) else BUDGET) / count - 1


def row(source: str, target: str, found: list[tuple[tuple[Values, int], tuple[Values, int]]]) -> dict[str, str]:
    """One line of the CSV, from what `curves` says of each seed."""
    alone, other = (np.array([pair[i][0] for pair in found]) for i in range(2))
    gain = (np.log10(alone + FLOOR) - np.log10(other + FLOOR)).mean(axis=1)
    until = np.array([[pair[i][1] for i in range(2)] for pair in found]).mean(axis=0)
    line = {"source": source, "target": target, "seeds": str(len(found))}
    line |= {"evaluations_alone": f"{until[0]:.1f}", "evaluations": f"{until[1]:.1f}"}
    line |= {"gain": f"{gain.mean():.3f}", "error": f"{gain.std(ddof=1) / np.sqrt(len(gain)):.3f}"}
    line |= {f"cost_{count}": f"{cost(alone, other, count):+.2f}" for count in (20, 40)}
    for name, values in (("alone", alone), ("with", other)):
        line |= {f"{name}_{count}": f"{values[:, count - 1].mean():.3f}" for count in COUNTS}
    return line


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pairs", nargs="*", help="such as citeseer:cora (default: all)")
    parser.add_argument("--seeds", type=int, default=10, help="how many, at least 2")
    parser.add_argument("--first", type=int, default=2000)
    parser.add_argument("--share", type=float, default=0.3, help="of each space that a seed has")
    parser.add_argument("--out", type=Path, help="CSV to write, after every seed")
    given = parser.parse_args()
    pairs = [(pair.partition(":")[0], pair.partition(":")[2]) for pair in given.pairs] or PAIRS
    found: dict[tuple[str, str], list[tuple[tuple[Values, int], tuple[Values, int]]]] = {pair: [] for pair in pairs}
    for seed in range(given.first, given.first + given.seeds):
        searches = Seed(seed, given.share)
        for pair in pairs:
            values, alone, other = searches.pair(*pair)
            found[pair].append((curves(values, alone), curves(values, other)))
        print(f"seed {seed}: done", flush=True)
        if seed > given.first and given.out:
            rows = [row(source, target, found[source, target]) for source, target in pairs]
            with given.out.open("w", newline="") as file:
                writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
    for source, target in pairs:
        print(" ".join(row(source, target, found[source, target]).values()))


if __name__ == "__main__":
    main()
