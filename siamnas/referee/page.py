"""What a leaderboard says: its tables, its diagram, one page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siamnas.jobs import proportions
from siamnas.jobs.summary import plural
from siamnas.referee import draw, scores, statistics, tasks
from siamnas.referee.run import Leaderboard
from siamnas.referee.statistics import Ranks
from siamnas.referee.store import Cell
from siamnas.report.write.page import inline, render
from siamnas.runtime import files
from siamnas.runtime.table import METHOD, Column, Table, frame_csv

if TYPE_CHECKING:
    import pandas as pd

FEW = 10  # seeds, below which intervals are too wide to say much
MANY = 4  # tasks, of which more make columns that no screen has room for
TEMPLATE = Path(__file__).with_name("leaderboard.html")


@dataclass(frozen=True)
class Page:
    """The numbers of a leaderboard.

    Attributes:
        asked: what was compared.
        cells: of it, whose rows are there.
        budgets: numbers of evaluations at which all are compared; conclusions are drawn at the last one.
        reference: method that the others are compared with over tasks.
    """

    asked: Leaderboard
    cells: Sequence[Cell]
    budgets: Sequence[int]
    reference: str

    @cached_property
    def searched(self) -> "pd.DataFrame":
        """See `scores.searched`."""
        return scores.searched(self.cells, self.asked.seeds, self.budgets)

    @cached_property
    def summary(self) -> "pd.DataFrame":
        """See `scores.summary`."""
        return scores.summary(self.searched, self.cells)

    @cached_property
    def complete(self) -> "pd.DataFrame":
        """See `statistics.complete`, at the last budget."""
        return statistics.complete(self.summary, self.budgets[-1], [task.name for task in self.asked.tasks])

    @cached_property
    def ranks(self) -> Ranks | None:
        """Of all methods that have run on all tasks; None where no two have."""
        return statistics.ranks(self.complete) if self.complete.shape[1] > 1 else None

    @cached_property
    def pairs(self) -> "pd.DataFrame":
        """See `statistics.pairs`."""
        known = self.reference if self.reference in self.complete else None
        return statistics.pairs(self.complete, known, [tasks.of(name).family for name in self.complete.index])

    @property
    def notes(self) -> list[str]:
        """What went wrong, and what must be known of the comparison."""
        unfit = scores.unfit(self.cells, self.asked.seeds)
        own = self.summary[(self.summary["budget"] == self.budgets[-1]) & (self.summary["ended"] > 0)]
        ended = [
            f"{row['method']} on {row['task']}: {row['ended']} of {row['seeds']} searches ended early; {row['why']}"
            for row in own.to_dict("records")
        ]
        return [f"{method} on {task}: {why}" for (task, method), why in unfit.items()] + ended

    @property
    def table(self) -> Table:
        """One row per method, a column per task: the mean normalised regret at the last budget, in percent."""
        names = [task.name for task in self.asked.tasks]
        own = self.summary[self.summary["budget"] == self.budgets[-1]].set_index(["method", "task"])
        means = dict(zip(self.ranks.methods, self.ranks.means, strict=True)) if self.ranks else {}
        methods = sorted(own.index.unique("method"), key=lambda name: means.get(name, float("inf")))
        rows: list[list[Any]] = []
        for method in methods:
            cells = [own.loc[(method, task)] if (method, task) in own.index else None for task in names]
            rows.append([method, means.get(method), *(None if cell is None else _regret(cell) for cell in cells)])
        rank = Column("mean rank", text="{:.2f}".format)
        return Table(
            [METHOD, rank, *(Column(task) for task in names)],
            rows,
            "Leaderboard",
            f"mean normalised regret in % after {self.budgets[-1]} evaluations, "
            f"{plural(len(self.asked.seeds), 'seed')}",
            legend(own.reset_index()),
        )

    @property
    def shown(self) -> Table:
        """The table as it is looked at: with a row per task, where these are many."""
        return self.table.turned(Column("task", left=True)) if len(self.asked.tasks) > MANY else self.table

    @property
    def over_tasks(self) -> Table:
        """One row per comparison over tasks."""
        ends = zip(self.pairs["low"], self.pairs["high"], strict=True)
        interval = [f"[{100 * low:.2f}, {100 * high:.2f}]" for low, high in ends]
        kinds = zip(self.pairs["families_better"], self.pairs["families"], strict=True)
        share = "{:.3f}".format
        columns = {
            "method": METHOD,
            "reference": Column("against", left=True),
            "difference": Column("difference", "%", _percent),
            "interval": Column("simultaneous 95 % interval"),
            "holm_p": Column("p, Holm", text="{:.4f}".format),
            "better": Column("better", text=share),
            "equal": Column("equal", text=share),
            "worse": Column("worse", text=share),
            "verdict": Column("verdict", left=True),
            "kinds": Column("better in"),
        }
        shown = self.pairs.assign(interval=interval, kinds=[f"{better} of {count} kinds" for better, count in kinds])
        title = f"mean normalised regrets over {plural(len(self.complete), 'task')}; below 0 the method is better"
        return replace(Table.of_frame(shown, columns), name="Over tasks", title=title)

    def write(self) -> None:
        """Write leaderboard.csv, pairs.csv, searches.csv, table.md, the diagram and index.html into the folder."""
        out = self.asked.out
        files.write(out / "table.md", self.table.markdown() + "\n" + self.over_tasks.markdown())
        for name, frame in {"leaderboard": self.summary, "pairs": self.pairs, "searches": self.searched}.items():
            files.write(out / f"{name}.csv", frame_csv(frame))
        svg = ""
        if self.ranks:
            svg, png = draw.critical_difference(self.ranks)
            files.write(out / "ranks.svg", svg)
            files.write(out / "ranks.png", png)
        files.write(out / "index.html", self._html(svg))

    def _html(self, svg: str) -> str:
        families = {task.family for task in self.asked.tasks}
        return render(
            TEMPLATE,
            title="Leaderboard",
            lead=f"{plural(len(self.asked.methods), 'method')} on {plural(len(self.asked.tasks), 'task')} of "
            f"{plural(len(families), 'kind')}, {plural(len(self.asked.seeds), 'seed')} each, "
            f"{self.budgets[-1]} evaluations; the same seeds, labels and noise for every method.",
            notes=self.notes,
            table=self.shown,
            said=self.table,
            ranks=self.ranks,
            svg=inline(svg, "ranks") if svg else "",
            pairs=self.over_tasks if self.over_tasks.rows else None,
            everything=_everything(self.summary),
            rope=100 * statistics.ROPE,
            sure=100 * statistics.SURE,
            methods=_methods(self.asked),
        )


def legend(shown: "pd.DataFrame") -> str:
    """What the numbers and marks of a table mean.

    Args:
        shown: rows with `task`, `seeds`, `tuned` and `ended`.
    """
    listless = shown["task"].isin(tasks.DESCRIBED).any()
    parts = [
        f"0 is the optimum{' (without a list: the best that was found here)' if listless else ''}, 100 the median "
        "architecture; ± half of the interval that holds for all methods of a task at once (95 %)",
        "which few seeds make wide" if (shown["seeds"] < FEW).any() else "",
    ]
    marks = "* settings were chosen on this task. " * bool(shown["tuned"].any())
    marks += "! searches ended early. " * bool(shown["ended"].any())
    return f"{', '.join(filter(None, parts))}. {marks}".strip()


def _regret(cell: "pd.Series") -> str:
    half = 100 * (cell["regret_high"] - cell["regret"])
    within = "" if half != half else f" ± {half:.2f}"  # of one seed nothing is known
    return f"{100 * cell['regret']:.2f}{within}{'*' * bool(cell['tuned'])}{'!' * bool(cell['ended'])}"


def _percent(value: float) -> str:
    return f"{100 * value:.2f}"


def _everything(summary: "pd.DataFrame") -> Table:
    """All numbers of all tasks."""
    ends = zip(summary["regret_low"], summary["regret_high"], strict=True)
    shares = zip(summary["found"], summary["seeds"], strict=True)
    shown = summary.assign(
        interval=[None if low != low else f"[{100 * low:.2f}, {100 * high:.2f}]" for low, high in ends],
        found=[proportions.text(share, count) for share, count in shares],
        tuned=["yes" if tuned else "no" for tuned in summary["tuned"]],
    )
    return Table.of_frame(
        shown,
        {
            "task": Column("task", left=True),
            "method": METHOD,
            "budget": Column("evaluations"),
            "regret": Column("normalised regret", "%", _percent),
            "interval": Column("simultaneous 95 % interval"),
            "percentile": Column("strictly better", "%", "{:.3f}".format),
            "found": Column("found the optimum", "%"),
            "best": Column("best", text="{:.5g}".format),
            "seeds": Column("seeds"),
            "ended": Column("ended early"),
            "tuned": Column("tuned on it", left=True),
        },
    )


def _methods(asked: Leaderboard) -> Table:
    """What each method is, and what its settings were chosen on."""
    rows = [
        [method.name, " ".join(method.words or method.command), ", ".join(method.tuned) or "none of these tasks"]
        for method in asked.methods
    ]
    columns = [METHOD, Column("what it is", left=True, folds=30), Column("settings chosen on", left=True, folds=30)]
    return Table(columns, rows)
