"""How good recipes of the Gaussian process are on eleven tasks: the percentile of the best architecture found.

Run as: OMP_NUM_THREADS=1 python experiments/robust/measure.py [RECIPE ...] [--accel TABLE] [--out ablation.csv]

Nine tasks are on spaces that siamnas ships, of which nothing but the graphs is used. The other two need TABLE, the
accel_nasbench.csv.xz of Accel-NASBench (a row per network: e0, k0, l0, se0, ..., se6, top1; afzalxo/Accel-NASBench).
A seed has a random part of each space, of `--share`; every recipe sees the same parts. Evaluations are one at a time.

The percentile is the share of the part that is strictly better, in %. A row of the CSV has its mean over the
seeds at 20, 40, 60 and 100 evaluations, and that of log10(percentile + .01). The recipes are shown beside the first one
by the difference of the mean logarithm, above 0 where they are better: the mean over the tasks, its standard error over
the seeds, and the smallest and largest with one task left out. RECIPES says what a recipe is;
`KEY=VALUE;KEY=VALUE`, changes of predictor=gp, is one, too.
"""

import argparse
import csv
import itertools
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from operator import index
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
KERNEL = "predictor.kernel"
RECIPES = {  # option of the group predictor, and what differs from it
    "gp_2026": ("gp_2026",),
    "gp": ("gp",),
    "no linear term": ("gp", f"{KERNEL}.linear=0"),
    "no residual": ("gp", f"{KERNEL}.residual=0"),
    "less noise": ("gp", "predictor.prior.noise=[-4.0,1.0]"),
    "upper confidence bound": ("gp", "acquisition=ucb"),
    "random start": ("gp", "search.initial_design.kind=random"),
    "five far starts": ("gp", "search.initial_design.count=5"),
}
Edges = list[tuple[int, int]]
Values = NDArray[np.float64]
Found = dict[str, Values]
Recipes = dict[str, tuple[str, ...]]


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


def search(space: Space, values: Values, seed: int, recipe: tuple[str, ...], budget: int) -> list[int]:
    """Architectures in the order of their evaluation."""
    predictor, *overrides = recipe
    searching = siamnas.Search(space, predictor, budget, seed=seed, overrides=overrides)
    order: list[int] = []
    while archs := searching.ask(1):
        asked = list(map(index, archs))
        searching.tell(archs, [float(values[arch]) for arch in asked])
        order += asked
    return order


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


def measure(table: Path | None, recipes: Recipes, seeds: range, share: float, counts: list[int]) -> dict[str, Found]:
    """Recipe -> task -> (seeds, counts) percentiles."""
    found: dict[str, dict[str, list[list[float]]]] = {name: {} for name in recipes}
    for tables in sources(table):
        for seed in seeds:
            drawn = np.random.default_rng(seed).permutation(len(tables.nodes))
            kept = np.sort(drawn[: round(share * len(drawn))])
            space = tables.part(kept)
            for (name, recipe), (task, values) in itertools.product(recipes.items(), tables.tasks.items()):
                order = search(space, values[kept], seed, recipe, max(counts))
                found[name].setdefault(task, []).append(percentiles(values[kept], order, counts))
        print(f"{', '.join(tables.tasks)}: done", flush=True)
    return {name: {task: np.array(rows) for task, rows in tasks.items()} for name, tasks in found.items()}


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


def rows(name: str, recipe: tuple[str, ...], found: Found, seeds: range, counts: list[int]) -> Iterator[dict[str, str]]:
    """A row of the CSV for each task, and one for the mean over all."""
    for task, values in {**found, "mean": np.concatenate(list(found.values()))}.items():
        row = {"recipe": name, "words": " ".join(recipe), "task": task, "seeds": f"{seeds[0]}-{seeds[-1]}"}
        for key, numbers in (("percentile", values), ("log10", logarithms(values))):
            means = zip(counts, numbers.mean(axis=0), strict=True)
            row |= {f"{key}_{count}": f"{mean:.4f}" for count, mean in means}
        yield row


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipes", nargs="*", help="see RECIPES (default: all)")
    parser.add_argument("--accel", type=Path, help="table of Accel-NASBench")
    parser.add_argument("--seeds", type=int, default=20, help="how many, at least 2")
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--share", type=float, default=0.3, help="of each space that a seed has")
    parser.add_argument("--budget", type=int, default=max(COUNTS))
    parser.add_argument("--out", type=Path, help="CSV to write")
    given = parser.parse_args()
    recipes = {name: RECIPES.get(name) or ("gp", *name.split(";")) for name in given.recipes or RECIPES}
    seeds, counts = range(given.first, given.first + given.seeds), [n for n in COUNTS if n <= given.budget]
    found = measure(given.accel, recipes, seeds, given.share, counts)
    table = {name: list(rows(name, recipe, found[name], seeds, counts)) for name, recipe in recipes.items()}
    for name, lines in table.items():
        means = " ".join(value for key, value in lines[-1].items() if key.startswith(("percentile", "log10")))
        print(f"{name:24}{means}  {difference(found[next(iter(found))], found[name])}")
    if given.out:
        with given.out.open("w", newline="") as file:
            writer = csv.DictWriter(file, next(iter(table.values()))[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(itertools.chain(*table.values()))


if __name__ == "__main__":
    main()
