"""What evaluations of another task are worth, and what they cost where they mislead.

Run as: OMP_NUM_THREADS=1 python experiments/transfer/gains.py [PAIR ...] [--seeds 2000:2050]   (again to go on)

A source is the 60 evaluations of a default search on another task of the same space (its seed: `seed + 4000`); the
target is searched with it and alone, from the same seed, one evaluation at a time. `inverted` and `random` stand for a
source with the target's values times -1, or in random order, `synflow` for the SynFlow of all untrained networks of the
part. Every seed has another random part of the space.

`runs.csv` has a row for each pair and seed: how many evaluations are needed to a regret of .2 points of accuracy, until
1, .3 and .1 % of the part are strictly better than the best found, and to an optimum, alone and with the source (60 if
never); and `gain`, the mean over 1 to 60 evaluations of log10(percentile + .01), alone minus with the source.
`table.csv` has the means, and two ratios of evaluations, with the source : alone, below 1 where it helps, with 95 %
bootstrap intervals over the seeds: `ratio` of those to 1, .3 and .1 % together, `regret_ratio` of those to the regret;
`optimum_N` is the share of searches that have found an optimum after N.
"""

import argparse
import functools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import siamnas
from siamnas.benchmarks.metric import Metric
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.runtime import csv_rows
from siamnas.search import transfer_sources
from siamnas.search.codes import GivenCodes
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space as Listed

BUDGET, REGRET, FLOOR, DRAWS = 60, 0.2, 0.01, 2000
LEVELS = (1.0, 0.3, 0.1)  # percentiles
COUNTS = (5, 10, 20, 30)
GRAPH = ("cora", "citeseer", "computers", "arxiv")
CELLS = ("nb201_c10", "nb201_c100", "nb201_img16")
MISLEADING = ("inverted", "random")
SCORE = "synflow"
PAIRS: list[tuple[str, str]] = [
    *((one, other) for other in GRAPH for one in (*GRAPH, *MISLEADING) if one != other),
    ("nb201_c10", "nb201_c100"),
    ("nb201_c100", "nb201_img16"),
    *((one, other) for other in CELLS[1:] for one in (*MISLEADING, SCORE)),
]
HERE = Path(__file__).parent
Values = NDArray[np.float64]
Order = NDArray[np.int64]
Row = dict[str, str]
Found = Iterator[tuple[str, str, Values, Order, Order]]
"""Of one seed: source, target, values, and what was evaluated alone and with the source."""


@functools.cache
def benchmark(task: str) -> Benchmark:
    """The space of a task and its tables."""
    words = ("space=nas_bench_graph", f"space.dataset={task}") if task in GRAPH else (f"space={task}",)
    return build.benchmark(configuration.load(*compose([*words, "predictor=random"])).config)


@functools.cache
def table(task: str) -> tuple[Listed, Values]:
    """The space of a task, and the accuracies in percent."""
    made = benchmark(task)
    # Means have noise in the last digits, which would make optima out of equal values.
    return made.space, (100 * made.measured.label.astype(np.float64)).round(5)


def kept(task: str, seed: int, share: float) -> NDArray[np.int64]:
    """The architectures that a seed has."""
    count = len(table(task)[0])
    return np.sort(np.random.default_rng(seed).permutation(count)[: round(share * count)])


def space_of(task: str, rows: NDArray[np.int64], columns: dict[str, Values] | None = None) -> siamnas.Space:
    """Some architectures of a task; with columns in the place of its own, of which they have none."""
    space, _ = table(task)
    operations, edges = [space.operations(arch) for arch in rows], [space.edges(arch) for arch in rows]
    return siamnas.Space.of_graphs(operations, edges, [str(space.archs[arch]) for arch in rows], columns)


@functools.cache
def configured(*words: str) -> dict[str, Any]:
    """The configuration of a search."""
    return configuration.load(*compose(["predictor=gp", f"search.n={BUDGET}", "repeats=1", *words])).config


def search(
    space: Listed, values: Values, seeds: range, told: Sequence[Mapping[str, float]] = (), words: Sequence[str] = ()
) -> NDArray[np.int64]:
    """(seeds, N) architectures in the order of their evaluation; as `siamnas.Search` asks for them.

    Args:
        space: where.
        values: of its architectures.
        seeds: one for each search.
        told: what other searches have evaluated, each to be learnt from by one of these in turn; nothing if empty.
        words: of the configuration.
    """
    prior = GivenCodes(None, len(space))
    sources = transfer_sources.given(told, space, maximise=True)
    prior.sources = [[own for (own,) in sources]] if told else []
    config = configured(*(["search=transfer", "search.sources=[]"] if told else []), *words)
    made = build.search(config, space, prior, Metric("value", unit=""), seeds)
    while (archs := made.ask()) is not None:
        made.tell(archs, values[archs])
    return np.asarray(made.evaluated[0])


def source_of(space: Listed, values: Values, order: Order) -> dict[str, float]:
    """What a search has evaluated."""
    return {str(space.archs[arch]): float(values[arch]) for arch in order}


class Seed:
    """All searches of a seed; what several pairs need is searched once.

    Args:
        seed: see the head of this file.
        share: the same.
    """

    def __init__(self, seed: int, share: float) -> None:
        self.seed, self.share = seed, share
        self._spaces: dict[str, tuple[siamnas.Space, NDArray[np.int64]]] = {}
        self._done: dict[tuple[str, str], tuple[Values, Order]] = {}

    def pair(self, source: str, target: str) -> tuple[Values, Order, Order]:
        """The values of the part, and the searches alone and with the source."""
        space, _ = self._part(target)
        values, alone = self._search("", target, self.seed)
        known = [source_of(space, *self._known(source, target))]
        return values, alone, search(space, values, range(self.seed, self.seed + 1), known)[0]

    def _known(self, source: str, target: str) -> tuple[Values, Order]:
        """The values that the source is about, and which of them it has evaluated."""
        if source == SCORE:
            values: Values = np.asarray(benchmark(target).measured.columns[SCORE], dtype=float)[self._part(target)[1]]
            return values, np.flatnonzero(np.isfinite(values)).astype(np.int64)
        return self._search(source, target if source in MISLEADING else source, self.seed + 4000)

    def _part(self, task: str) -> tuple[siamnas.Space, NDArray[np.int64]]:
        first = (GRAPH if task in GRAPH else CELLS)[0]
        if first not in self._spaces:
            rows = kept(first, self.seed, self.share)
            self._spaces[first] = space_of(first, rows), rows
        return self._spaces[first]

    def _search(self, kind: str, task: str, seed: int) -> tuple[Values, Order]:
        """A search without a source on the values of a task, or on what misleads instead."""
        key = (kind if kind in MISLEADING else str(seed), task)
        if key not in self._done:
            space, rows = self._part(task)
            values = table(task)[1][rows]
            if kind == "inverted":
                values = -values
            elif kind == "random":
                values = np.random.default_rng(seed).permutation(values)
            self._done[key] = values, search(space, values, range(seed, seed + 1))[0]
        return self._done[key]


def needed(values: Values, order: Order) -> tuple[dict[str, int], Values]:
    """Evaluations to the regret, the LEVELS and an optimum (see above), and the curve of the logarithm."""
    better = len(values) - np.searchsorted(np.sort(values), values[order], side="right")
    percentiles = 100 * np.minimum.accumulate(better) / len(values)
    reached = {"regret": np.maximum.accumulate(values[order]) >= values.max() - REGRET}
    reached |= {f"{level:g}": percentiles <= level for level in (*LEVELS, 0)}
    counts = {name: int(own.argmax()) + 1 if own.any() else BUDGET for name, own in reached.items()}
    return counts, np.log10(percentiles + FLOOR)


def line(share: float, seed: int, source: str, target: str, values: Values, *orders: Order) -> Row:
    """A row of `runs.csv`."""
    (alone, before), (other, after) = (needed(values, order) for order in orders)
    told = {"share": f"{share:g}", "source": source, "target": target, "seed": str(seed)}
    told |= {f"alone_{name}": str(count) for name, count in alone.items()}
    told |= {f"with_{name}": str(count) for name, count in other.items()}
    return told | {"gain": f"{(before - after).mean():.4f}"}


def ratio(alone: Values, other: Values) -> tuple[float, float, float]:
    """The ratio of the means of evaluations (seeds,), and its interval."""
    drawn = np.random.default_rng(0).integers(len(alone), size=(DRAWS, len(alone)))
    low, high = np.percentile(other[drawn].mean(axis=1) / alone[drawn].mean(axis=1), [2.5, 97.5])
    return float(other.mean() / alone.mean()), float(low), float(high)


def summary(runs: list[Row]) -> Row:
    """A row of `table.csv`, from those of its pair."""
    column = {name: np.array([float(row[name]) for row in runs]) for name in runs[0] if "_" in name or name == "gain"}
    together = {way: np.sum([column[f"{way}_{level:g}"] for level in LEVELS], axis=0) for way in ("alone", "with")}
    first = {name: runs[0][name] for name in ("share", "source", "target")} | {"seeds": str(len(runs))}
    found = first | {"gain": f"{column['gain'].mean():.3f}"}
    found |= {"error": f"{column['gain'].std(ddof=1) / np.sqrt(len(runs)):.3f}"}
    counts = {"ratio": together, "regret_ratio": {way: column[f"{way}_regret"] for way in ("alone", "with")}}
    for name, ways in counts.items():
        three = ratio(ways["alone"], ways["with"])
        found |= {name + end: f"{one:.2f}" for end, one in zip(("", "_low", "_high"), three, strict=True)}
    found |= {f"regret_{way}": f"{column[f'{way}_regret'].mean():.1f}" for way in ("alone", "with")}
    for way in ("alone", "with"):
        found |= {f"optimum_{count}_{way}": f"{(column[f'{way}_0'] <= count).mean():.2f}" for count in COUNTS}
    return found


def main(kind: str, pairs: list[tuple[str, str]], found: Callable[[int, float, list[tuple[str, str]]], Found]) -> None:
    """Add to `{kind}runs.csv` what is missing, and write `{kind}table.csv`.

    Args:
        kind: what the names of the files begin with.
        pairs: source and target of all.
        found: seed, share and pairs -> their searches.
    """
    parser = argparse.ArgumentParser(description="See the head of the file.")
    parser.add_argument("pairs", nargs="*", help="such as citeseer:cora (default: all)")
    parser.add_argument("--seeds", default="2000:2050")
    parser.add_argument("--share", type=float, default=0.15, help="of each space that a seed has")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the tables")
    given = parser.parse_args()
    wanted = [(pair.partition(":")[0], pair.partition(":")[2]) for pair in given.pairs] or pairs
    path = given.out / f"{kind}runs.csv"
    done = {(row["share"], row["source"], row["target"], row["seed"]) for row in csv_rows.read(path)}
    for seed in range(*map(int, given.seeds.split(":"))):
        missing = [pair for pair in wanted if (f"{given.share:g}", *pair, str(seed)) not in done]
        for row in [line(given.share, seed, *own) for own in found(seed, given.share, missing)]:
            csv_rows.add(path, row)
    groups = defaultdict(list)
    for row in csv_rows.read(path):
        groups[row["share"], row["source"], row["target"]].append(row)
    csv_rows.write(given.out / f"{kind}table.csv", [summary(rows) for rows in groups.values()])


def searched(seed: int, share: float, pairs: list[tuple[str, str]]) -> Found:
    """All pairs of a seed."""
    searches = Seed(seed, share)
    return ((*pair, *searches.pair(*pair)) for pair in pairs)


if __name__ == "__main__":
    main("", PAIRS, searched)
