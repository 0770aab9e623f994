"""Predictors compared as predictors: Kendall's tau and top-k recall by the size of the training set, and calibration.

Run as: OMP_NUM_THREADS=1 python experiments/predictors/run.py --out experiments/predictors   (again to go on)

Every seed draws a random training set of each size and 1,000 other architectures of the same space. `tau` is Kendall's
tau-b of scores and labels of these, `recall` the share of their best 5 % that are among the 5 % of the best scores.

Where a predictor has a spread, `cover_50` to `cover_95` are the shares of labels inside its central intervals, and
`crps` is the continuous ranked probability score of its normal distribution (lower is better), in units of the standard
deviation of the targets. The spread is the one that users are told (`Predictor.calibrated_spread`). A Gaussian process
predicts normal scores of ranks, so labels are compared by their normal scores among the training labels. The same with
`plain` in their names are of the spread before its correction (`Predictor.spread`).
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats
from scipy.special import ndtri

from siamnas.acquisition.state import State
from siamnas.config.compose import compose
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.table import TableOracle
from siamnas.predictors.calibration import Predictions
from siamnas.referee import statistics, tasks
from siamnas.referee.tasks import ListArena
from siamnas.report.compare.tests import reach
from siamnas.report.read.catalogue import METHODS, SPACES
from siamnas.runtime import drawing, files
from siamnas.runtime.line_labels import name_ends

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SIZES = (10, 20, 40, 100, 200, 400)
OTHERS, BEST = 1000, 0.05
LEVELS = (0.5, 0.8, 0.95)
MOST = 3  # panels side by side
REFERENCE = "gp"
PREDICTORS = ("gp", "gp_2026", "nasbowl", "bananas", "forest", "boosting")
TASKS = tuple(name for name, task in tasks.TASKS.items() if not task.noise and name not in tasks.DESCRIBED)
CALIBRATION = [f"{name}{end}" for end in ("", "_plain") for name in ("cover_50", "cover_80", "cover_95", "crps")]
COLUMNS = ["task", "predictor", "n", "seed", "tau", "recall", *CALIBRATION]


class Learner:
    """One predictor on one task, of some seeds."""

    def __init__(self, task: str, predictor: str, seeds: range) -> None:
        arena = tasks.arena(tasks.of(task))
        assert isinstance(arena, ListArena)
        words = [*arena.task.words, f"predictor={predictor}", "trainer=fast", "logger=none"]
        self.config, self.benchmark, self.seeds = configuration.load(*compose(words)).config, arena.benchmark, seeds
        self.labels = arena.metric.sign * self.benchmark.measured.label
        self.orders = self._state().orders

    def _state(self) -> State:
        oracle = TableOracle(self.benchmark, len(self.seeds))
        made = build.predictor(self.config, self.benchmark.space, oracle, self.seeds)
        state = State(made, oracle, self.benchmark.measured.metric)
        state.survey()
        return state

    def predict(self, archs: IntArray, others: IntArray) -> tuple[FloatArray, list[FloatArray]]:
        """(R, m) scores of `others` (R, m) after a fit on `archs` (R, n), and their spreads as told and plain."""
        state = self._state()
        state.add(archs, self.labels[archs])
        state.fit(1.0, archs.shape[1])
        predictor = state.predictor
        predictor.finish()
        spreads = [predictor.calibrated_spread(others), predictor.spread(others)] if predictor.spreads else []
        return predictor.score(others), spreads

    def rows(self, n: int) -> Iterator[list[float]]:
        """Per seed what `COLUMNS` names after the seed."""
        archs, others = self.orders[:, :n], self.orders[:, n:][:, -OTHERS:]
        scores, spreads = self.predict(archs, others)
        for r, own in enumerate(others):
            truth = self.labels[own]
            target = self.targets(self.labels[archs[r]], truth)
            predictions = [Predictions(target, scores[r], spread[r]) for spread in spreads]
            found = [one for own in predictions for one in calibration(own)] or [np.nan] * len(CALIBRATION)
            yield [stats.kendalltau(scores[r], truth).statistic, recall(scores[r], truth), *found]

    def targets(self, known: FloatArray, values: FloatArray) -> FloatArray:
        """(m,) values in the unit of the predictions, which are standardised labels for a regressor."""
        if self.config["predictor"].get("targets") != "normal":
            return values
        below = (values[:, None] > known).sum(axis=1) + 0.5 * (values[:, None] == known).sum(axis=1)
        return ndtri((below + 0.5) / (len(known) + 1))


def recall(scores: FloatArray, truth: FloatArray) -> float:
    """Share of the best `BEST` that are among as many of the best scores."""
    count = max(round(BEST * len(truth)), 1)
    best, chosen = (set(np.argsort(-values, kind="stable")[:count].tolist()) for values in (truth, scores))
    return len(best & chosen) / count


def calibration(found: Predictions) -> list[float]:
    """Coverages at `LEVELS`, and the CRPS in units of the standard deviation of the truth."""
    return [*found.coverage(np.array(LEVELS)), found.crps / (found.truth.std() or 1.0)]


def run(out: Path, names: list[str], predictors: list[str], sizes: list[int], seeds: range) -> None:
    """Add what a file of rows does not have yet."""
    path = out / "predictors.csv"
    known = {tuple(row[:3]) for row in csv.reader(path.open())} if path.exists() else set()
    if not known:
        files.write(path, ",".join(COLUMNS) + "\n")
    for predictor in predictors:
        for task in names:
            missing = [n for n in sizes if (task, predictor, str(n)) not in known]
            learner = Learner(task, predictor, seeds) if missing else None
            for n in missing:
                assert learner is not None
                if n + 50 > len(learner.labels):
                    continue
                rows = zip(seeds, learner.rows(n), strict=True)
                with path.open("a", newline="") as file:
                    lines = [[task, predictor, n, seed, *(f"{value:.4g}" for value in row)] for seed, row in rows]
                    csv.writer(file, lineterminator="\n").writerows(lines)
            print(f"{predictor} on {task}", flush=True)


def summarise(out: Path) -> None:
    """The figure, means over seeds and tasks, and differences over tasks."""
    import pandas as pd

    found = pd.read_csv(out / "predictors.csv")
    by_task = found.groupby(["predictor", "n", "task"], sort=False).mean(numeric_only=True).drop(columns="seed")
    groups = by_task.groupby(level=[0, 1], sort=False)
    table = groups.mean().round(4).assign(tasks=groups.size())
    files.write(out / "means.csv", table.reset_index().to_csv(index=False))
    files.write(out / "pairs.csv", pairs(by_task).round(4).to_csv(index=False))
    files.write(out / "tau.svg", draw(found))


def pairs(by_task: "pd.DataFrame") -> "pd.DataFrame":
    """Differences over tasks at every n, see `siamnas.referee.statistics.pairs`; below 0 is better.

    Of 1 - tau and 1 - recall against `gp`, and of the CRPS of the spread that is told against that of the plain one; of
    predictors that have run on all tasks.
    """
    import pandas as pd

    found = []
    for n, own in by_task.groupby(level="n"):
        for measure in ("tau", "recall"):
            table = 1 - own[measure].unstack("predictor")
            found.append(statistics.pairs(table.dropna(axis=1), REFERENCE).assign(measure=measure, n=n))
        for predictor, of in own.dropna(subset="crps").groupby(level="predictor", sort=False):
            table = of[["crps_plain", "crps"]].set_axis(["plain", str(predictor)], axis=1)
            found.append(statistics.pairs(table, "plain").assign(measure="crps", n=n))
    return pd.concat(found).drop(columns=["families", "families_better"])


def draw(found: "pd.DataFrame") -> str:
    """A panel per task: Kendall's tau over the size of the training set, with its interval over the seeds."""
    names, sizes = list(found["task"].unique()), sorted(found["n"].unique())
    columns = min(len(names), MOST)
    rows = -(-len(names) // columns)
    with drawing.panels(rows, columns, (3.6 * columns, 2.9 * rows)) as figure:
        for axes, task in zip(figure.axes, names, strict=False):
            panel(axes, found[found["task"] == task])
            axes.set(title=SPACES.get(task, task.replace("_", " ")), xscale="log", xticks=sizes, xticklabels=sizes)
            axes.set(ylim=(min(0, found.groupby(["task", "predictor", "n"])["tau"].mean().min()) - 0.05, 1))
            axes.minorticks_off()
            name_ends(axes, shown=lambda name: name.replace(" ", "\n"))
        for axes in figure.axes[len(names) :]:
            axes.set_axis_off()
        figure.supxlabel("architectures trained", fontsize=9.5)
        figure.supylabel("Kendall's tau", fontsize=9.5)
        return drawing.render(figure)[0]


def panel(axes: "Axes", found: "pd.DataFrame") -> None:
    """A line with a band for every predictor on one task."""
    for predictor, own in found.groupby("predictor", sort=False):
        method, line = METHODS[str(predictor)], own.groupby("n")["tau"].agg(["mean", "std", "size"])
        half, colour = reach(line["std"], line["size"]), method.colour
        axes.fill_between(line.index, line["mean"] - half, line["mean"] + half, color=colour, alpha=0.15, linewidth=0)
        look = {"color": colour, "linestyle": method.dash, "marker": method.marker, "markersize": 4}
        axes.plot(line.index, line["mean"], label=method.name, **look)


def main() -> None:
    """Run what is missing, and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("outputs/predictors"))
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--predictors", default=",".join(PREDICTORS))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    sizes = list(map(int, options.sizes.split(",")))
    try:
        run(options.out, options.tasks.split(","), options.predictors.split(","), sizes, range(options.seeds))
    except InputError as error:
        parser.error(str(error))
    summarise(options.out)


if __name__ == "__main__":
    main()
