"""The dashboard of a Weights & Biases project: the curves of a space from the runs that sweeps have logged.

Run as: python experiments/dashboard.py ENTITY --space nb201_c100   (see --help for project, N, K, trainer and label)

It needs `pip install wandb-workspaces` and `wandb login`, saves a new view to the project each time it is run, and
prints the address. Runs are grouped by predictor and N, in the colours of `siamnas report`; runs that report another
accuracy, or had another trainer, are filtered out. Panels:

- N fixed: the best of all evaluated architectures, `best_acc/N=30`, over the number of `evaluations`.
- K fixed, N grows: the same after N + K evaluations, `best_acc/K=30`, over the config column `n`.
- The paper's protocol, top-K only (Figure 6b; Figure 7 for a lightweight space): `topk/K=30` over `n`.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from siamnas.report.read.catalogue import COLOURS, KS, LIGHT_KS, LIGHT_SPACES

if TYPE_CHECKING:
    from wandb_workspaces.workspaces import Workspace

NS = range(10, 201, 10)  # of the paper's figures; groups with another N get a colour from W&B
COLUMNS = ("config:space", "config:predictor", "config:n", "config:trainer", "summary:spearman", "summary:below_median")


def build(
    entity: str,
    project: str,
    space: str,
    *,
    ns: Sequence[int] = (30,),
    ks: Sequence[int] = (),
    trainer: str | None = None,
    label: str = "test_200_mean",
) -> "Workspace":
    """The dashboard of one space, not saved yet; needs no network.

    Args:
        entity: W&B user or team.
        project: W&B project.
        space: option of the group `space`.
        ns: values of N of the curves over the evaluations.
        ks: values of K of the panels over N; empty for those of the paper.
        trainer: show only runs with this trainer; None for all.
        label: show only runs that report this accuracy.
    """
    from wandb_workspaces import expr
    from wandb_workspaces import workspaces as ws
    from wandb_workspaces.reports import v2 as wr

    ks = ks or (LIGHT_KS if space in LIGHT_SPACES else KS)
    filters = [expr.Config("space") == space, expr.Summary("label") == label]
    if trainer is not None:
        filters.append(expr.Config("trainer") == trainer)
    colours: dict[object, object] = {
        ws.GroupPath(option, str(n)): colour for option, colour in COLOURS.items() for n in NS
    }
    over_evaluations: list[Any] = [
        wr.LinePlot(
            title=f"N = {n}",
            x="evaluations",
            y=[f"best_acc/N={n}"],
            title_x="evaluations",
            title_y="best of all evaluated",
            max_runs_to_show=100,
            smoothing_type="none",
        )
        for n in ns
    ]
    over_n, topk = (
        [
            wr.ScatterPlot(title=f"K = {k} fixed, N grows", x=wr.Config("n"), y=wr.SummaryMetric(f"{name}/K={k}"))
            for k in ks
        ]
        for name in ("best_acc", "topk")
    )
    sections = {
        "Best over the evaluations": (over_evaluations, 2),
        "Best after N + K evaluations": (over_n, 3),
        f"Top-K only (the paper's protocol, Figure {'7' if space in LIGHT_SPACES else '6b'})": (topk, 3),
    }
    return ws.Workspace(
        entity=entity,
        project=project,
        name=f"Curves: {space}",
        sections=[
            ws.Section(title, panels, is_open=True, layout_settings=ws.SectionLayoutSettings(columns, 1))
            for title, (panels, columns) in sections.items()
        ],
        settings=ws.WorkspaceSettings(max_runs=100),
        runset_settings=ws.RunsetSettings(
            filters=expr.And(*filters),
            groupby=[expr.Config("predictor"), expr.Config("n")],
            group_colors=colours,
            pinned_columns=list(COLUMNS),
        ),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Build, save, and print the address."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("entity", help="W&B user or team")
    parser.add_argument("--project", default="siamnas")
    parser.add_argument("--space", default="nb201_c100")
    parser.add_argument("--n", type=int, nargs="+", default=[30], help="N of the curves over the evaluations")
    parser.add_argument("--k", type=int, nargs="+", default=[], help="K of the panels over N")
    parser.add_argument("--trainer", help="only runs with this trainer")
    parser.add_argument("--label", default="test_200_mean", help="only runs that report this accuracy")
    options = parser.parse_args(arguments)
    try:
        workspace = build(
            options.entity,
            options.project,
            options.space,
            ns=options.n,
            ks=options.k,
            trainer=options.trainer,
            label=options.label,
        )
    except ModuleNotFoundError as error:
        sys.exit(f"error: {error.name} is missing: pip install 'wandb-workspaces>=0.4'")
    try:
        print(workspace.save().url)
    except Exception as error:  # no login, no network, no such project: W&B says which
        sys.exit(f"error: Weights & Biases did not save the view: {error}")


if __name__ == "__main__":
    main()
