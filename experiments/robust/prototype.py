"""Recipes of the default search that siamnas has no options for, on the tasks of recipes.py.

Run as: OMP_NUM_THREADS=1 python experiments/robust/prototype.py --accel TABLE [RECIPE ...] [--seeds 15] [--out FILE]

The search is that of `predictor=gp` (docs/default.md), one evaluation at a time on random parts of the spaces, in
single precision; what recipes share is computed once. All eleven tasks of a seed take about 1 CPU second. `default`
chooses what `siamnas.Search` does, but for rounding. Each class below is a recipe; its docstring says what it changes.
`--out` has a row per recipe, task and seed, and `--show FILE` prints again what such a file says; see recipes.py.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from prototype_model import BUDGET, Part, Process, Values
from scipy import stats
from tuning_tasks import COUNTS, difference, logarithms, percentiles, sources

from siamnas.acquisition.improvement import log_expected
from siamnas.graphs.arrays import FloatArray
from siamnas.predictors.gaussian.scores import normal
from siamnas.runtime import csv_rows

CLOSE = 400  # rows of the largest upper bounds, among which the acquisition is computed
UPPER = 1.75  # of gp_2026's upper confidence bound


class Recipe:
    """The default."""

    hyper: dict[str, float] = {}

    def __init__(self, part: Part) -> None:
        self.process = Process(part, **self.hyper)

    def add(self, row: int) -> None:
        """One more evaluation."""
        self.process.add(row)

    def targets(self, labels: Values) -> Values:
        """(n,) what is learnt."""
        return np.asarray(normal(labels[None])[0], np.float64)

    def worth(self, labels: Values) -> Values:
        """(U,) what it is worth to evaluate each row."""
        y = self.targets(labels)
        return self.by(self.process, y)

    def by(self, process: Process, y: Values) -> Values:
        """(U,) the acquisition function by one process, -inf where it is certainly small."""
        mean, spread = process.mean(y), process.spread()
        bound = mean + 2 * spread
        close = np.argpartition(bound, -CLOSE)[-CLOSE:] if len(bound) > CLOSE else np.arange(len(bound))
        found = np.full(len(mean), -np.inf)
        found[close] = self.acquisition(mean[close], spread[close], mean[process.rows], y, process)
        return found

    def acquisition(self, mean: FloatArray, spread: Values, known: FloatArray, y: Values, process: Process) -> Values:
        """(m,) the logarithm of the expected improvement, from `known` (n,) the means of what was evaluated."""
        return np.asarray(log_expected(mean, spread, float(known.max())))


class Former(Recipe):
    """gp_2026."""

    hyper = {"linear": 0, "residual": 0, "noise": float(np.exp(-4))}

    def acquisition(self, mean: FloatArray, spread: Values, known: FloatArray, y: Values, process: Process) -> Values:
        """The upper confidence bound."""
        return mean + UPPER * spread


class Raised(Recipe):
    """The improvement is on the best target, not on the largest mean of what was evaluated."""

    def acquisition(self, mean: FloatArray, spread: Values, known: FloatArray, y: Values, process: Process) -> Values:
        """See above."""
        return np.asarray(log_expected(mean, spread, float(y.max())))


class Special(Recipe):
    """The noise is taken for what is special to an architecture: the improvement is that of targets on the best one."""

    def acquisition(self, mean: FloatArray, spread: Values, known: FloatArray, y: Values, process: Process) -> Values:
        """See above."""
        return np.asarray(log_expected(mean, np.sqrt(np.square(spread) + process.noise), float(y.max())))


class Falling(Recipe):
    """The noise is 2 / n between .1 and .02, set every five evaluations."""

    def worth(self, labels: Values) -> Values:
        """See above."""
        if len(labels) % 5 == 0:
            self.process.set_noise(float(np.clip(2 / len(labels), 0.02, 0.1)))
        return super().worth(labels)


class Believed(Recipe):
    """The noise is that of the largest evidence among .01 to .25, with a prior about .1, set every five evaluations."""

    first = 15

    def worth(self, labels: Values) -> Values:
        """See above."""
        if len(labels) % 5 == 0 and len(labels) >= self.first:
            process, y, found = self.process, self.targets(labels), {}
            for noise in (0.01, 0.02, 0.04, 0.1, 0.25):
                process._factor[: len(y), : len(y)] = np.linalg.cholesky(process.covariances() + noise * np.eye(len(y)))
                found[noise] = process.evidence(y) - np.log(noise / 0.1) ** 2 / 2
            process.set_noise(max(found, key=lambda noise: found[noise]))
        return super().worth(labels)


class BelievedLate(Believed):
    """The same from 40 evaluations on."""

    first = 40


class Calibrated(Recipe):
    """The spread is multiplied by what the evaluations are off by, as `predictor.calibration=5` says."""

    def acquisition(self, mean: FloatArray, spread: Values, known: FloatArray, y: Values, process: Process) -> Values:
        """See above."""
        off = process.left_out(y)
        return super().acquisition(mean, spread * np.sqrt((5 + off @ off) / (5 + len(off))), known, y, process)


class Portfolio(Recipe):
    """From 30 evaluations on every third one is by gp_2026."""

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.former = Former(part)

    def add(self, row: int) -> None:
        """See above."""
        super().add(row)
        self.former.add(row)

    def worth(self, labels: Values) -> Values:
        """See above."""
        other = len(labels) >= 30 and len(labels) % 3 == 0
        return self.former.worth(labels) if other else super().worth(labels)


class StretchedLate(Recipe):
    """From 40 evaluations on, targets are the mean of normal scores and of values in units of the upper 40 %."""

    def targets(self, labels: Values) -> Values:
        """See above."""
        scores = super().targets(labels)
        if len(labels) < 40:
            return scores
        unit = (np.quantile(labels, 0.9) - np.median(labels)) / 1.28 or 1.0
        return (scores + np.clip((labels - np.median(labels)) / unit, -2.5, 4)) / 2


class FallingStretched(Falling, StretchedLate):
    """Noise that falls, and stretched targets late."""


class BelievedStretched(BelievedLate, StretchedLate):
    """Noise by evidence and stretched targets, both late."""


class ShortLate(Recipe):
    """From 40 evaluations on the residual has variance .5 and half the length scale."""

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.late = Process(part, residual=0.5, scale=0.3)

    def add(self, row: int) -> None:
        """See above."""
        super().add(row)
        self.late.add(row)

    def worth(self, labels: Values) -> Values:
        """See above."""
        return self.by(self.process if len(labels) < 40 else self.late, self.targets(labels))


RECIPES: dict[str, type[Recipe]] = {
    "default": Recipe,
    "gp_2026": Former,
    "raised incumbent": Raised,
    "noise is special": Special,
    "noise falls": Falling,
    "noise by evidence": Believed,
    "noise by evidence late": BelievedLate,
    "calibrated spread": Calibrated,
    "portfolio with gp_2026": Portfolio,
    "stretched targets late": StretchedLate,
    "noise falls and stretched late": FallingStretched,
    "noise by evidence and stretched late": BelievedStretched,
    "short residual late": ShortLate,
}


def search(part: Part, values: Values, recipe: type[Recipe], seed: int) -> list[int]:
    """Architectures in the order of their evaluation."""
    made, rng, order = recipe(part), np.random.default_rng(seed), part.start()
    left = np.bincount(part.kind, minlength=len(part.rows))
    for turn in range(BUDGET):
        if turn >= len(order):
            worth = np.where(left > 0, made.worth(values[order]), -np.inf)
            equal = np.flatnonzero(np.isin(part.kind, np.flatnonzero(worth >= worth.max())))
            order.append(int(rng.choice(equal[~np.isin(equal, order)])))
        row = int(part.kind[order[turn]])
        left[row] -= 1
        made.add(row)
    return order


def measured(table: Path | None, recipes: list[str], seeds: range, share: float) -> Iterator[dict[str, Any]]:
    """A row per recipe, task and seed."""
    for tables in sources(table):
        for seed in seeds:
            drawn = np.random.default_rng(seed).permutation(len(tables.nodes))
            kept = np.sort(drawn[: round(share * len(drawn))])
            part = Part(tables, kept, seed)
            for (task, values), name in ((item, name) for item in tables.tasks.items() for name in recipes):
                order = search(part, values[kept], RECIPES[name], seed)
                found = zip(COUNTS, percentiles(values[kept], order, list(COUNTS)), strict=True)
                row = {"recipe": name, "task": task, "seed": seed}
                yield row | {f"percentile_{count}": f"{value:.5g}" for count, value in found}


def main() -> None:
    """Measure, write and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipes", nargs="*", default=[], help=f"default: all ({', '.join(RECIPES)})")
    parser.add_argument("--accel", type=Path, help="table of Accel-NASBench")
    parser.add_argument("--seeds", type=int, default=15, help="how many, at least 2")
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--share", type=float, default=0.3, help="of each space that a seed has")
    parser.add_argument("--out", type=Path, help="CSV to write")
    parser.add_argument("--show", type=Path, help="CSV to print, instead of measuring")
    given = parser.parse_args()
    if given.show:
        with given.show.open(newline="") as file:
            rows = list(csv.DictReader(file))
    else:
        names, seeds = given.recipes or list(RECIPES), range(given.first, given.first + given.seeds)
        rows = list(measured(given.accel, names, seeds, given.share))
    if given.out:
        csv_rows.write(given.out, rows)
    show(rows)


def show(rows: list[dict[str, Any]]) -> None:
    """Means over tasks and seeds, and what each recipe is better by than the first, with 95 % intervals over seeds."""
    found: dict[str, dict[str, Values]] = {}
    for name, task in dict.fromkeys((row["recipe"], row["task"]) for row in rows):
        own = [row for row in rows if (row["recipe"], row["task"]) == (name, task)]
        numbers = np.array([[float(row[f"percentile_{count}"]) for count in COUNTS] for row in own])
        found.setdefault(name, {})[task] = numbers
    first = next(iter(found.values()))
    for name, by_task in found.items():
        means = " ".join(f"{value:.4f}" for value in np.concatenate(list(by_task.values())).mean(axis=0))
        late = ({task: values[:, 2:] for task, values in one.items()} for one in (first, by_task))
        print(f"{name}: {means}; log {difference(first, by_task)}, at 60 and 100 {difference(*late)}")
        if by_task is not first:
            pairs = [(first[task], own) for task, own in by_task.items()]
            print("  percentile", *intervals(np.array([one - other for one, other in pairs])))
            print("  log       ", *intervals(np.array([logarithms(one) - logarithms(other) for one, other in pairs])))


def intervals(better: Values) -> list[str]:
    """Of differences (tasks, seeds, counts) the means and their 95 % intervals (Student's t over seeds)."""
    by_seed = better.mean(axis=0)
    mean, error = by_seed.mean(axis=0), by_seed.std(axis=0, ddof=1) / np.sqrt(len(by_seed))
    half = stats.t.ppf(0.975, len(by_seed) - 1) * error
    return [f"{m:+.4f} [{m - h:+.4f}, {m + h:+.4f}]" for m, h in zip(mean, half, strict=True)]


if __name__ == "__main__":
    main()
