"""The dashboard is put together without a network, from the names that the logger uses."""

import importlib.util
import sys
from types import ModuleType

import numpy as np
import pytest

from siamnas.jobs.store import Result
from siamnas.loggers.wandb_logger import final
from siamnas.report.read.catalogue import COLOURS
from tests.support import ROOT


@pytest.fixture
def dashboard() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dashboard", ROOT / "experiments" / "dashboard.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def logged() -> dict[str, float]:
    arrays = {name: np.ones(2) for name in ("spearman", "kendall", "codes", "code_seconds")}
    arrays |= {name: np.ones((2, 330)) for name in ("best", "topk", "query_seconds")}
    meta = {
        "config": {"search": {"n": 30, "k": 30}},
        "optimum": 1.0,
        "median": 0.5,
        "seconds": 1.0,
        "report_name": "test_200_mean",
    }
    return final(Result(arrays, meta))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pydantic, inside wandb-workspaces
def test_the_panels_show_what_is_logged(dashboard: ModuleType):
    workspace = dashboard.build("someone", "siamnas", "nb201_c100", ns=(30, 100), trainer="paper")
    spent, over_n, topk = workspace.sections
    assert [panel.y for panel in spent.panels] == [["best_acc/N=30"], ["best_acc/N=100"]]
    assert {panel.x for panel in spent.panels} == {"evaluations"}
    names = [panel.y.name for section in (over_n, topk) for panel in section.panels]
    assert names == [f"{name}/K={k}" for name in ("best_acc", "topk") for k in (10, 20, 30)]
    columns = {column.partition(":")[2] for column in dashboard.COLUMNS if column.startswith("summary:")}
    assert {*names, *columns, "label"} <= set(logged())
    assert [panel.y.name for panel in dashboard.build("a", "b", "tiny_nb201").sections[1].panels] == [
        "best_acc/K=5",
        "best_acc/K=10",
    ]

    content = workspace._to_model().model_dump_json(by_alias=True)  # what saving sends
    for word in ("nb201_c100", "test_200_mean", "predictor.value", "n.value", *COLOURS.values()):
        assert word in content


def test_without_the_package(dashboard: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "wandb_workspaces", None)
    with pytest.raises(SystemExit, match=r"wandb_workspaces is missing: pip install 'wandb-workspaces>=0.4'"):
        dashboard.main(["someone"])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pydantic, inside wandb-workspaces
def test_without_a_login(dashboard: ModuleType):
    with pytest.raises(SystemExit, match="Weights & Biases did not save the view"):
        dashboard.main(["someone"])
