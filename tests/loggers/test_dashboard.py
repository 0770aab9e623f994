"""The dashboard is put together without a network, from the names that the logger uses."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import siamnas
from siamnas.jobs.store import Result
from siamnas.jobs.summary import curve_rows
from siamnas.loggers.streaming import AXES
from siamnas.loggers.wandb_logger import final
from siamnas.report.read.catalogue import COLOURS
from siamnas.search import streaming
from siamnas.search.evaluating import Outcome
from siamnas.search.told import Told
from tests.loggers.wandb_file import of_kind, offline_runs
from tests.support import ROOT


@pytest.fixture
def dashboard() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dashboard", ROOT / "experiments" / "dashboard.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def logged() -> dict[str, float]:
    return final(made_up())


def curves() -> dict[str, float]:
    return next(curve_rows(made_up()))


def made_up() -> Result:
    arrays = {name: np.ones(2) for name in ("spearman", "kendall", "codes", "code_seconds")}
    arrays |= {name: np.ones((2, 330)) for name in ("best", "topk", "query_seconds")}
    meta = {
        "config": {"search": {"n": 30, "k": 30}},
        "choices": {"space": "nb201_c100", "predictor": "gcn", "search": "topk"},
        "optimum": 1.0,
        "median": 0.5,
        "seconds": 1.0,
        "report_name": "test_200_mean",
    }
    return Result(arrays, meta)


QUIET = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pydantic, inside wandb-workspaces


def axes_of(panels: list) -> set[str]:
    """The names that the lines of some panels show."""
    return {name for panel in panels for name in (getattr(panel, "x", ""), *panel.y) if isinstance(name, str)}


@QUIET
def test_the_panels_show_what_is_logged(dashboard: ModuleType):
    board = dashboard.build("nb201_c100", ns=(30, 100), trainer="paper")
    live, spent, over_n, topk, cost, _ = (panels for panels, _ in board.sections.values())
    assert [panel.y for panel in spent] == [["best_acc/N=30"], ["best_acc/N=100"], ["curve/regret_mean"]]
    assert {panel.x for panel in spent} == {"evaluations"}
    names = [panel.y.name for panel in (*over_n, *topk)]
    assert names == [f"{name}/K={k}" for name in ("best_acc", "topk") for k in (10, 20, 30)]
    columns = {column.partition(":")[2] for column in dashboard.COLUMNS if column.startswith("summary:")}
    assert {*names, *columns, "label", cost[1].y.name} <= set(logged())
    assert {f"curve/{name}" for name in curves()} >= {spent[2].y[0], cost[0].y[0]}
    assert axes_of(live) == {"progress", "Step", *AXES.values(), *(f"live/{name}" for name in AXES)}
    light, _ = dashboard.build("tiny_nb201").sections["Best after N + K evaluations"]
    assert [panel.y.name for panel in light] == ["best_acc/K=5", "best_acc/K=10"]

    content = board.view("someone", "siamnas")._to_model().model_dump_json(by_alias=True)  # what saving sends
    for word in ("nb201_c100", "test_200_mean", "predictor.value", "n.value", *COLOURS.values()):
        assert word in content


@QUIET
def test_the_panels_of_a_search_show_what_it_logs(dashboard: ModuleType):
    search = siamnas.Search("tiny_nb201", budget=2, objectives={"ppl": "min", "ms": "min"})
    told = search.ask(2)
    search.tell(told, [{"ppl": 3.0, "ms": 1.0}, {"ppl": 2.0, "ms": 2.0}])
    row = streaming._row(search, told[0], Outcome(Told({"ppl": 3.0, "ms": 1.0}), 1.0, "me"))
    board = dashboard.build_search("tiny_nb201", ("ppl", "ms"))
    shown = set.union(*(axes_of(panels) for title, (panels, _) in board.sections.items() if title != "System"))
    assert shown <= set(row) and {"best", "value", "ppl", "ms", "hypervolume", "seconds", "pending"} <= shown


@QUIET
@pytest.mark.parametrize("kind", ["sweep", "search"])
def test_a_report_has_the_panels_of_the_view(dashboard: ModuleType, kind: str):
    board = dashboard.build("nb201_c100") if kind == "sweep" else dashboard.build_search(told=["ppl"])
    content = board.report("someone", "siamnas")._to_model().model_dump_json(by_alias=True)
    for title, (panels, _) in board.sections.items():
        assert title in content and all(panel.title in content for panel in panels)
    again = json.loads(board.view("someone", "siamnas")._to_model().model_dump_json(by_alias=True))
    assert again["displayName"] == board.title


def test_without_the_package(dashboard: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "wandb_workspaces", None)
    with pytest.raises(SystemExit, match=r"wandb_workspaces is missing: pip install 'wandb-workspaces>=0.4'"):
        dashboard.main(["someone"])


@QUIET
@pytest.mark.parametrize("words", [[], ["--search", "--report"]])
def test_without_a_login(dashboard: ModuleType, words: list[str]):
    with pytest.raises(SystemExit, match="Weights & Biases did not save it"):
        dashboard.main(["someone", *words])


def test_the_system_panels_show_what_a_run_measures(
    dashboard: ModuleType, siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WANDB_X_STATS_SAMPLING_INTERVAL", "0.1")
    words = ("predictor=random", "repeats=2", f"out={tmp_path}", "logger=wandb", "logger.mode=offline")
    assert siamnas(*words).code == 0
    (quiet,) = offline_runs(tmp_path / "default")
    assert not of_kind(quiet, "stats"), "unless it is asked for"
    assert siamnas(*words, "logger.system=true", "seed=2").code == 0
    (run,) = set(offline_runs(tmp_path / "default")) - {quiet}
    measured = {item.key for stats in of_kind(run, "stats") for item in stats.item}
    panels, _ = dashboard.build("nb201_c100").sections["System"]
    assert [panel.y for panel in panels] == [[f"system/{name}"] for name in dashboard.SYSTEM.values()]
    assert {name for name in dashboard.SYSTEM.values() if not name.startswith("gpu")} <= measured
