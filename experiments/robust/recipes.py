"""How good recipes of the Gaussian process are on eleven tasks: the percentile of the best architecture found.

Run as: OMP_NUM_THREADS=1 python experiments/robust/recipes.py [RECIPE ...] [--accel TABLE] [--out ablation.csv]

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
import itertools
from collections.abc import Iterator
from operator import index
from pathlib import Path

import numpy as np
from tuning_tasks import COUNTS, Found, Values, difference, logarithms, percentiles, sources

import siamnas
from siamnas.runtime import csv_rows
from siamnas.spaces.listed import Space

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
Recipes = dict[str, tuple[str, ...]]


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
        csv_rows.write(given.out, list(itertools.chain(*table.values())))


if __name__ == "__main__":
    main()
