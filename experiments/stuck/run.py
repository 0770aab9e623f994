"""Searches that stay behind the optimum: where they are stuck, and what frees them.

Run as: OMP_NUM_THREADS=1 python experiments/stuck/run.py --out experiments/stuck   (again to go on)

Options of `gp` on the nine tasks of the leaderboard where its searches do not all end at the optimum, and on
ImageNet16-120; seeds 1000 and up, 60 evaluations each. `stuck.csv` has one row for every option and task, means over
the seeds. A label is what the search sees.

    optimum     share of searches that have evaluated an architecture of the best label of the space
    stuck       share of those that have not, and whose best label is none of the second half of the budget
    behind      share of the space with a label above the best one found, in %
    regret      normalised regret as reported (0 the optimum, 1 the median architecture) of the best label
    posterior   the same of the best posterior mean (`search.recommend=posterior`)
    seen        the same of the best that was evaluated, if one knew
    floor       the same of the architectures of the best label of the space, their mean
    agreement   Spearman's correlation of labels and reported values among the best 1 % of the labels

Of a leaderboard's rows also, of the searches that have missed the optimum of the labels, in the end, as medians:

    off         by how many posterior standard deviations that optimum is better than predicted
    rank        how many architectures that were not evaluated promise more improvement

`pairs.csv` has the differences to `gp` over tasks (see `siamnas.referee.statistics.pairs`; below 0 is better) of
`regret` and `behind`; after the name of an option stands `posterior` where that is recommended.

`--rows FOLDER` adds the rows of a leaderboard (its `rows/gp`), with its own seeds and without `posterior`.
"""

import argparse
import csv
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy import stats

from siamnas.acquisition.improvement import log_expected
from siamnas.acquisition.state import State
from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.graphs.arrays import FloatArray
from siamnas.oracle.table import TableOracle
from siamnas.referee import statistics, tasks
from siamnas.referee.methods import METHODS, Method
from siamnas.referee.searches import Row, job, search
from siamnas.referee.tasks import ListArena
from siamnas.runtime import files

GP = METHODS["gp"]
GRAPHS = ("graph_cora", "graph_citeseer", "graph_computers", "graph_arxiv")
NOISY = ("nb201_c10_noise", "nb201_c100_noise", "nb201_img16_noise")
TASKS = (*GRAPHS, *NOISY, "nb201_img16", "tiny_nb201", "accel_slots")
OPTIONS = {
    "gp": (),
    "ucb": ("acquisition=ucb",),
    "thompson": ("acquisition=thompson",),
    "fitted": ("predictor.steps=30",),
    "onehot": ("predictor.features=[onehot]",),
    "ten random": ("search.initial_design.count=10", "search.initial_design.kind=random"),
    "more noise": ("predictor.prior.noise=[-1.0,1.0]",),
}
BUDGET, FIRST = 60, 1000
MEANS = ["optimum", "stuck", "behind", "regret", "posterior", "seen", "floor", "agreement"]
COLUMNS = ["option", "first", "seeds", "task", *MEANS, "off", "rank"]


class Judge:
    """What became of the searches on one task."""

    def __init__(self, task: str) -> None:
        arena = tasks.arena(tasks.of(task))
        assert isinstance(arena, ListArena)
        self.arena, self.sign = arena, arena.metric.sign
        self.reported = self.sign * arena.benchmark.measured.report
        self.best = int(np.ceil(len(self.reported) / 100))

    def regret(self, value: float) -> float:
        """Normalised, of a reported value in the sense of the metric."""
        best, median = self.sign * self.arena.optimum, self.sign * self.arena.median
        return float((best - self.sign * value) / (best - median))

    def agreement(self, labels: FloatArray) -> float:
        """See `agreement` above; 1 where the label is what is reported."""
        if np.array_equal(labels, self.reported):
            return 1.0
        top = np.argsort(-labels, kind="stable")[: self.best]
        return float(stats.spearmanr(labels[top], self.reported[top]).statistic)

    def judge(self, row: Row) -> dict[str, float]:
        """What `COLUMNS` names after the task, of a search that recommends by the posterior."""
        labels = self.sign * self.arena.labels(row.seed)
        archs = np.array([self.arena.find(name) for name in row.evaluated])
        best = int(np.argmax(labels[archs]))
        optimum = bool(labels[archs[best]] == np.nanmax(labels))
        return {
            "optimum": optimum,
            "stuck": not optimum and best < len(archs) / 2,
            "behind": 100 * float((labels > labels[archs[best]]).mean()),
            "regret": self.regret(self.arena.reported(archs[best])),
            "posterior": self.regret(row.best[-1]),
            "seen": self.regret(self.sign * self.reported[archs].max()),
            "floor": self.regret(self.sign * self.reported[labels == np.nanmax(labels)].mean()),
            "agreement": self.agreement(labels),
        }

    def missed(self, row: Row) -> tuple[float, float]:
        """`off` and `rank` of the architecture of the best label that promises most."""
        labels = self.sign * self.arena.labels(row.seed)
        state = self._state(row)
        archs, every = state.archs[0], np.arange(len(labels))
        score, spread = state.predictor.score(every)[0], state.predictor.spread(every)[0]
        worth = log_expected(score, spread, score[archs].max())
        worth[archs] = -np.inf
        best = np.flatnonzero(labels == np.nanmax(labels))
        optimum = best[np.argmax(worth[best])]
        known = np.append(labels[archs], labels[optimum])
        target = state.predictor.as_learnt(known[None])[0, -1]
        return float((target - score[optimum]) / spread[optimum]), float((worth > worth[optimum]).sum())

    def _state(self, row: Row) -> State:
        """With `gp` fitted on all that a search has evaluated."""
        seeds, space = range(row.seed, row.seed + 1), self.arena.benchmark.space
        oracle, metric = TableOracle(self.arena.benchmark, 1), self.arena.metric
        state = State(build.predictor(job(GP, self.arena, BUDGET).config, space, oracle, seeds), oracle, metric)
        state.survey()
        archs = np.array([[self.arena.find(name) for name in row.evaluated]])
        state.add(archs, self.arena.labels(row.seed)[archs])
        state.fit(1.0, archs.shape[1])
        return state


def means(judge: Judge, rows: Iterable[Row]) -> dict[str, float]:
    """Means over searches."""
    found = [judge.judge(row) for row in rows]
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


def note(path: Path, *row: object) -> None:
    """Add a row."""
    with path.open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(
            [f"{value:.4g}" if isinstance(value, float) else value for value in row]
        )


def run(out: Path, options: list[str], names: list[str], seeds: int) -> None:
    """Add what a table does not have yet."""
    path = out / "stuck.csv"
    known = {(row[0], row[1], row[3]) for row in csv.reader(path.open())} if path.exists() else set()
    if not known:
        files.write(path, ",".join(COLUMNS) + "\n")
    for task in names:
        for option in options:
            if (option, str(FIRST), task) not in known:
                judge = Judge(task)
                method = Method(option, (*GP.words, *OPTIONS[option], "search.recommend=posterior"))
                rows = search(method, judge.arena, range(FIRST, FIRST + seeds), BUDGET, timeout=60)
                note(path, option, FIRST, seeds, task, *means(judge, rows).values(), float("nan"), float("nan"))
                print(f"{option} on {task}", flush=True)


def add(out: Path, rows: Path) -> None:
    """Add the searches of a leaderboard, which recommends by the label."""
    for folder in sorted(rows.iterdir()):
        task = folder.name.split(",")[0]
        found = [Row(**json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]
        judge = Judge(task)
        judged = means(judge, found) | {"posterior": float("nan")}
        missed = [judge.missed(row) for row in found if not judge.judge(row)["optimum"]] or [(np.nan, np.nan)]
        first, medians = min(row.seed for row in found), np.median(missed, axis=0).tolist()
        note(out / "stuck.csv", "gp", first, len(found), task, *judged.values(), *medians)


def summarise(out: Path) -> None:
    """Differences over tasks, of options that have run on all."""
    import pandas as pd

    found = pd.read_csv(out / "stuck.csv")
    own = found[found["first"] == FIRST].set_index(["task", "option"])
    regret, behind, posterior = (own[name].unstack("option") for name in ("regret", "behind", "posterior"))
    handed_over = regret.join(posterior.add_suffix(", posterior"))
    parts = [
        statistics.pairs(table.dropna(axis=1), "gp").assign(measure=measure)
        for measure, table in {"regret": handed_over, "behind": behind}.items()
    ]
    pairs = pd.concat(parts).drop(columns=["families", "families_better"])
    files.write(out / "pairs.csv", pairs.round(4).to_csv(index=False))


def main() -> None:
    """Run what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("outputs/stuck"))
    parser.add_argument("--options", default=",".join(OPTIONS))
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--rows", type=Path)
    options = parser.parse_args()
    try:
        if options.rows:
            add(options.out, options.rows)
        run(options.out, options.options.split(","), options.tasks.split(","), options.seeds)
    except InputError as error:
        parser.error(str(error))
    summarise(options.out)


if __name__ == "__main__":
    main()
