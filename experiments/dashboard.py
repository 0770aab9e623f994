"""Dashboards of a Weights & Biases project: the curves of a sweep, or searches of one's own while they run.

Run as: python experiments/dashboard.py ENTITY --space nb201_c100
        python experiments/dashboard.py ENTITY --search --told ppl ms   (see --help for the rest)

It needs `pip install wandb-workspaces` and `wandb login`, saves a new view to the project each time it is run, or with
`--report` a new draft of a report, and prints the address. Without a network the views are put together, not saved.

A sweep (`logger=wandb`): runs are grouped by predictor and N, in the colours of `siamnas report`; runs that report
another accuracy, or had another trainer, are filtered out. Panels:

- live: the incumbent's label and the loss while a job runs, and its progress.
- N fixed: the best of all evaluated architectures, `best_acc/N=30`, over the number of `evaluations`; the regret.
- K fixed, N grows: the same after N + K evaluations, `best_acc/K=30`, over the config column `n`.
- The paper's protocol, top-K only (Figure 6b; Figure 7 for a lightweight space): `topk/K=30` over `n`.
- cost: training seconds of what was evaluated, and the seconds that the job took.
- system: processors, memory and the first GPU, of runs with `logger.system=true`.

A search of one's own (`search.run(train, logger="wandb")`): the best so far and each value as it comes, the told
numbers, the hypervolume of the front, the seconds of each evaluation, how many are open, and the
system, with `logger=["wandb", "logger.system=true"]`.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siamnas.report.read.catalogue import COLOURS, KS, LIGHT_KS, LIGHT_SPACES

if TYPE_CHECKING:
    from wandb_workspaces.reports.v2 import Report
    from wandb_workspaces.workspaces import Workspace

NS = range(10, 201, 10)  # of the paper's figures; groups with another N get a colour from W&B
COLUMNS = ("config:space", "config:predictor", "config:n", "config:trainer", "summary:spearman", "summary:below_median")
OF_SEARCH = ("config:space", "config:predictor", "config:budget", "summary:best", "summary:evaluations")
SYSTEM = {  # title -> what W&B measures of the machine
    "processors, %": "cpu",
    "memory, %": "memory_percent",
    "memory of the process, MB": "proc.memory.rssMB",
    "GPU, %": "gpu.0.gpu",
    "GPU memory, %": "gpu.0.memory",
}
RUNS = 100  # shown at most


@dataclass(frozen=True)
class Board:
    """What a dashboard shows.

    Attributes:
        title: for people.
        sections: title -> panels, and how many are side by side.
        filters: of the runs.
        groups: config columns by which runs are grouped.
        colours: group -> colour.
        columns: pinned in the list of runs.
    """

    title: str
    sections: Mapping[str, tuple[list[Any], int]]
    filters: Sequence[Any]
    groups: Sequence[str]
    colours: Mapping[tuple[str, ...], str]
    columns: Sequence[str]

    def view(self, entity: str, project: str) -> "Workspace":
        """As a view of a project, not saved yet; needs no network."""
        from wandb_workspaces import expr
        from wandb_workspaces import workspaces as ws

        return ws.Workspace(
            entity=entity,
            project=project,
            name=self.title,
            sections=[
                ws.Section(title, panels, is_open=True, layout_settings=ws.SectionLayoutSettings(columns, 1))
                for title, (panels, columns) in self.sections.items()
            ],
            settings=ws.WorkspaceSettings(max_runs=RUNS),
            runset_settings=ws.RunsetSettings(
                filters=expr.And(*self.filters),
                groupby=[expr.Config(name) for name in self.groups],
                group_colors={ws.GroupPath(*group): colour for group, colour in self.colours.items()},
                pinned_columns=list(self.columns),
            ),
        )

    def report(self, entity: str, project: str) -> "Report":
        """As a report, not saved yet; needs no network."""
        from wandb_workspaces import expr
        from wandb_workspaces.reports import v2 as wr

        blocks: list[Any] = [wr.TableOfContents()]
        for title, (panels, _) in self.sections.items():
            # Of the project of the report, as none is named: to name it here would ask the server for its number.
            runs = wr.Runset(filters=expr.And(*self.filters), groupby=[f"config.{name}" for name in self.groups])
            blocks += [wr.H2(title), wr.PanelGrid(runsets=[runs], panels=panels)]
        return wr.Report(project, entity, self.title, blocks=blocks, width="fluid")


def build(
    space: str,
    *,
    ns: Sequence[int] = (30,),
    ks: Sequence[int] = (),
    trainer: str | None = None,
    label: str = "test_200_mean",
) -> Board:
    """The dashboard of the sweeps of one space.

    Args:
        space: option of the group `space`.
        ns: values of N of the curves over the evaluations.
        ks: values of K of the panels over N; empty for those of the paper.
        trainer: show only runs with this trainer; None for all.
        label: show only runs that report this accuracy.
    """
    from wandb_workspaces import expr
    from wandb_workspaces.reports import v2 as wr

    ks = ks or (LIGHT_KS if space in LIGHT_SPACES else KS)
    filters = [expr.Config("space") == space, expr.Summary("label") == label]
    if trainer is not None:
        filters.append(expr.Config("trainer") == trainer)
    live = [
        _line("label of the incumbent", "evaluations", "live/best"),
        _line("loss", "epoch", "live/loss"),
        _line("progress, %", "Step", "progress"),
    ]
    best = [_line(f"N = {n}", "evaluations", f"best_acc/N={n}", "best of all evaluated") for n in ns]
    best.append(_line("regret", "evaluations", "curve/regret_mean", log=True))
    over_n, topk = (
        [
            wr.ScatterPlot(title=f"K = {k} fixed, N grows", x=wr.Config("n"), y=wr.SummaryMetric(f"{name}/K={k}"))
            for k in ks
        ]
        for name in ("best_acc", "topk")
    )
    cost = [
        _line("training of what was evaluated, s", "evaluations", "curve/query_seconds_mean"),
        wr.ScatterPlot(title="computing the job, s", x=wr.Config("n"), y=wr.SummaryMetric("seconds")),
    ]
    return Board(
        f"Curves: {space}",
        {
            "Live": (live, 3),
            "Best over the evaluations": (best, 2),
            "Best after N + K evaluations": (over_n, 3),
            f"Top-K only (the paper's protocol, Figure {'7' if space in LIGHT_SPACES else '6b'})": (topk, 3),
            "Cost": (cost, 2),
            "System": (_system(), 3),
        },
        filters,
        ("predictor", "n"),
        {(option, str(n)): colour for option, colour in COLOURS.items() for n in NS},
        COLUMNS,
    )


def build_search(space: str | None = None, told: Sequence[str] = ()) -> Board:
    """The dashboard of searches of one's own.

    Args:
        space: show only searches of the space of this name; None for all.
        told: names of the numbers that an evaluation tells.
    """
    from wandb_workspaces import expr

    filters = [expr.Config("budget") >= 1]
    if space is not None:
        filters.append(expr.Config("space") == space)
    best = [_line("best so far", "evaluations", "best"), _line("each evaluation", "evaluations", "value")]
    front = [_line("hypervolume of the front", "evaluations", "hypervolume")]
    front += [_line(name, "evaluations", name) for name in told]
    cost = [_line("seconds of each evaluation", "evaluations", "seconds"), _line("open", "evaluations", "pending")]
    return Board(
        f"Searches{f': {space}' if space else ''}",
        {"Best": (best, 2), "Front": (front, 3), "Cost and workers": (cost, 2), "System": (_system(), 3)},
        filters,
        (),
        {},
        OF_SEARCH,
    )


def _system() -> list[Any]:
    """Curves of the machine over the time of a run."""
    return [_line(title, "Relative Time (Process)", f"system/{name}") for title, name in SYSTEM.items()]


def _line(title: str, x: str, y: str, title_y: str | None = None, log: bool = False) -> Any:
    """A curve of each run, as it was logged."""
    from wandb_workspaces.reports import v2 as wr

    return wr.LinePlot(
        title=title, x=x, y=[y], title_x=x.lower(), title_y=title_y or title, log_y=log, max_runs_to_show=RUNS,
        smoothing_type="none",
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Build, save, and print the address."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("entity", help="W&B user or team")
    parser.add_argument("--project", default="siamnas")
    parser.add_argument("--space", help="of the runs (default: nb201_c100; of searches: all)")
    parser.add_argument("--n", type=int, nargs="+", default=[30], help="N of the curves over the evaluations")
    parser.add_argument("--k", type=int, nargs="+", default=[], help="K of the panels over N")
    parser.add_argument("--trainer", help="only runs with this trainer")
    parser.add_argument("--label", default="test_200_mean", help="only runs that report this accuracy")
    parser.add_argument("--search", action="store_true", help="searches of one's own instead of sweeps")
    parser.add_argument("--told", nargs="+", default=[], help="names of what an evaluation of a search tells")
    parser.add_argument("--report", action="store_true", help="a draft of a report instead of a view")
    options = parser.parse_args(arguments)
    try:
        if options.search:
            board = build_search(options.space, options.told)
        else:
            space = options.space or "nb201_c100"
            board = build(space, ns=options.n, ks=options.k, trainer=options.trainer, label=options.label)
        made: Any = (board.report if options.report else board.view)(options.entity, options.project)
    except ModuleNotFoundError as error:
        sys.exit(f"error: {error.name} is missing: pip install 'wandb-workspaces>=0.4'")
    try:
        print(made.save().url)
    except Exception as error:  # no login, no network, no such project: W&B says which
        sys.exit(f"error: Weights & Biases did not save it: {error}")


if __name__ == "__main__":
    main()
