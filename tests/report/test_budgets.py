"""Methods at equal numbers of evaluations: a search that can stop at any time beside one that ends with a ranking."""

import itertools
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from siamnas import runner
from siamnas.config.compose import compose
from siamnas.experiment import configuration
from siamnas.jobs.store import RESULT, Result
from siamnas.report.compare import paired, regret
from siamnas.report.compare.tests import holm, sign_flip
from siamnas.report.read.collect import collect
from siamnas.runtime.table import DASH
from tests.report.support import path_of

BUDGETS = (20, 30, 40)
FOREST = ("predictor=forest", "predictor.model.n_estimators=2", "search.depth=20")
JOBS = [
    ("search=local", "search.n=40"),
    ("search=evolution", "search.n=40"),
    ("predictor=random", "search.n=30", "search.depth=10", "search.k=10"),
    *((*FOREST, f"search.n={n}", f"search.k={k}") for n, k in itertools.product((10, 15), repeat=2)),
]


@pytest.fixture(scope="session")
def rivals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two searches with K = 0, random search, and a forest at N + K = 20, 25 (twice) and 30; six repeats each."""
    root = tmp_path_factory.mktemp("rivals")
    for words in JOBS:
        runner.run(configuration.load(*compose(["repeats=6", "logger=none", f"out={root}", "name=rivals", *words])))
    return root / "rivals"


def results(root: Path) -> dict[str, Result]:
    """The results of the searches without N, and that of random search."""
    names = {"local": "local search", "evolution": "regularised evolution", "random": "random search"}
    return {
        names[option]: Result.load(path) for option in names for path in root.glob(f"nb201_c100/{option}/*/{RESULT}")
    }


def table_of_all(folder: Path) -> pd.DataFrame:
    """The first row of every method in table.csv."""
    return pd.read_csv(folder / "table.csv").groupby("option", as_index=False).first()


def test_a_search_without_n_is_read_at_every_budget(rivals: Path):
    equal = regret.compare(collect([rivals]).by_benchmark, BUDGETS)
    table = regret.summarise(equal).set_index(["method", "budget"])
    for name, result in results(rivals).items():
        best, optimum = result.arrays["best"], result.meta["optimum"]
        for budget in BUDGETS:
            row, lost = table.loc[(name, budget)], optimum - best[:, budget - 1]
            assert row["repeats"] == 6 and row["regret"] == pytest.approx(lost.mean())
            assert row["regret_std"] == pytest.approx(lost.std(ddof=1)) and row["regret_worst"] == lost.max()
            assert row["regret_low"] <= np.median(lost) <= row["regret_high"]
            assert row["found"] == (best[:, budget - 1] == optimum).mean()
        curve = equal.curves[equal.curves["method"] == name]
        assert curve["anytime"].all() and list(curve["evaluations"]) == list(range(1, 41))
        np.testing.assert_allclose(curve["mean"], optimum - best.mean(axis=0), atol=1e-12)


def test_one_that_ends_with_a_ranking_counts_where_n_and_k_are_the_budget(rivals: Path):
    equal = regret.compare(collect([rivals]).by_benchmark, (20, 25, 30))
    forest = equal.repeats[equal.repeats["method"] == "random forest"]
    assert set(forest["budget"]) == {20, 25, 30}
    for budget, n in ((20, 10), (25, 10), (30, 15)):
        (path,) = rivals.glob(f"nb201_c100/forest/n={n},k={budget - n},*/{RESULT}")
        own = forest[forest["budget"] == budget].sort_values("seed")
        np.testing.assert_array_equal(own["best"], Result.load(path).arrays["best"][:, budget - 1])
    curve = equal.curves[equal.curves["method"] == "random forest"]
    assert not curve["anytime"].any() and list(curve["evaluations"]) == [20, 25, 30]
    assert "random forest" not in set(equal.until["method"])


def test_evaluations_until_the_optimum(sweep: Path, tmp_path: Path):
    """Three of six repeats find it, at 4, 9 and 1: the others count as long as they have searched."""
    result = Result.load(path_of(sweep, "random", 20))
    best = np.full((6, 80), 0.5)
    for repeat, at in enumerate((4, 9, 1)):
        best[repeat, at - 1 :] = result.meta["optimum"]
    meta = {**result.meta, "identity": {**result.meta["identity"], "search": {"_target_": "own.Search", "n": 20}}}
    meta["choices"] = {**meta["choices"], "predictor": "mine"}
    meta["identity"]["predictor"] = {"_target_": "own.Mine"}
    Result({**result.arrays, "best": best}, meta).save(tmp_path / "mine" / RESULT)
    table = regret.summarise(regret.compare(collect([tmp_path / "mine"]).by_benchmark, (3, 5, 80)))
    assert list(table["found"]) == [1 / 6, 2 / 6, 3 / 6]
    assert set(table["evaluations"]) == {(4 + 9 + 1 + 3 * 80) / 6} and not table["all_found"].any()


def test_each_budget_is_a_family_of_tests(rivals: Path):
    found = collect([rivals])
    (benchmark,) = found.benchmarks
    tests = paired.at_budgets(found, regret.compare(found.by_benchmark, BUDGETS), {benchmark.name: "local search"})
    assert list(tests.columns) == paired.AT_BUDGETS and set(tests["budget"]) == set(BUDGETS)
    by_name = results(rivals)
    for budget, family in tests.groupby("budget"):
        rivals_there = {"random search", "regularised evolution"} | ({"random forest"} if budget < 40 else set())
        assert set(family["method"]) == rivals_there and set(family["reference"]) == {"local search"}
        np.testing.assert_allclose(family["holm_p"], holm(family["p"].to_numpy()))
        row = family.set_index("method").loc["random search"]
        at = [by_name[name].arrays["best"][:, budget - 1] for name in ("random search", "local search")]
        assert row["difference"] == pytest.approx((at[0] - at[1]).mean()) and row["pairs"] == 6
        assert row["p"] == sign_flip((at[0] - at[1])[None])[0]
        assert row["found_reference"] == (at[1] == by_name["local search"].meta["optimum"]).mean()


def test_the_report_shows_them(siamnas, rivals: Path, tmp_path: Path):
    shown = siamnas("report", str(rivals), "--out", str(tmp_path), "--at", "20,30,40", "--reference", "local search")
    assert shown.code == 0 and not shown.err
    assert "regret after so many evaluations, points, optimum 73.51" in shown.out and "found %" in shown.out
    table = pd.read_csv(tmp_path / "budgets.csv")
    assert set(table["budget"]) == set(BUDGETS) and len(pd.read_csv(tmp_path / "budgets_paired.csv")) == 3 + 3 + 2
    assert {"method", "mean", "low", "high", "worst"} <= set(pd.read_csv(tmp_path / "regret.csv").columns)
    page = (tmp_path / "index.html").read_text()
    assert page.count("Equal numbers of evaluations") == 1 and "nb201_c100-regret.svg" in page
    assert all((tmp_path / f"nb201_c100-regret.{end}").stat().st_size for end in ("svg", "png"))
    lines = (tmp_path / "table.md").read_text().splitlines()
    (head,) = [
        line for line in lines if line.startswith("| method | 20 | 30 | 40 | found % 20 | found % 30 | found % 40 |")
    ]
    local = next(line for line in lines[lines.index(head) :] if "local search" in line)
    best = results(rivals)["local search"]
    assert f"{100 * (best.meta['optimum'] - best.arrays['best'][:, 19].mean()):.2f} ±" in local
    rows = (tmp_path / "table.tex").read_text().splitlines()
    assert r"\begin{tabular}{lrrrrrrrr}" in rows
    ranks = table_of_all(tmp_path).set_index("option")["spearman"]
    assert ranks[["local", "evolution", "random"]].isna().all() and ranks["forest"] > 0
    (head,) = [line.split(" | ") for line in lines if line.startswith("| N | method")]
    whole = next(line.split(" | ") for line in lines if line.startswith("| 40 | local search |"))
    end = f"{100 * (best.meta['optimum'] - best.arrays['best'][:, -1].mean()):.2f}"
    assert (whole[head.index("regret at the end")], whole[head.index("Spearman")]) == (end, DASH)


@pytest.mark.usefixtures("blank")
def test_searches_without_n_alone_are_a_report(siamnas, rivals: Path, tmp_path: Path):
    own = tmp_path / "own"
    shutil.copytree(rivals / "nb201_c100" / "local", own)
    shown = siamnas("report", str(own))
    assert shown.code == 0 and not shown.err
    assert {path.name for path in (own / "report").glob("*.png")} == {"nb201_c100-regret.png"}
    assert "top-K only" not in shown.out and "Wilson" not in shown.out.partition("regret after")[0]


def test_n_and_k_alone_need_no_equal_budgets(sweep: Path):
    found = collect([sweep])
    equal = regret.compare(found.by_benchmark, BUDGETS)
    assert equal.repeats.empty and regret.summarise(equal).empty
    assert paired.at_budgets(found, equal, {found.benchmarks[0].name: "random search"}).empty
