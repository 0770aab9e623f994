"""`siamnas report`: the numbers are those of the files, different things never share a name, the page is whole."""

import copy
import itertools
import re
import subprocess
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from siamnas.errors import InputError
from siamnas.jobs.store import RESULT, Result
from siamnas.report.compare import paired
from siamnas.report.draw.style import looks
from siamnas.report.read import catalogue
from siamnas.report.read.collect import collect
from siamnas.report.write import long_table
from siamnas.report.write.table import main_table
from siamnas.runtime import drawing
from siamnas.runtime.table import DASH
from tests.report.support import path_of, variant
from tests.support import ROOT, Outcome

FILES = {"index.html", "table.csv", "table.md", "table.tex", "curves.csv", "paired.csv"}


def trained(option: str, trainer: str, epochs: int, code: int = 3) -> Callable[[dict[str, Any]], None]:
    def change(meta: dict[str, Any]) -> None:
        meta["choices"] |= {"predictor": option, "trainer": trainer}
        meta["identity"]["predictor"] = {"_target_": f"own.{option}"}
        meta["identity"]["trainer"]["epochs"] = epochs
        meta["identity"]["space"]["code"]["length"] = code

    return change


def curve(path: Path) -> dict[str, Any]:
    """What marks a result as that of a trained predictor."""
    return {"curve/loss": np.zeros((Result.load(path).repeats, 3), dtype=np.float32)}


class Page(HTMLParser):
    """Collects what the tests look at, and checks that tags are closed in order."""

    EMPTY = ("meta", "br", "input", "link", "img", "hr")

    def __init__(self, content: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.counts: dict[str, int] = {}
        self.feed(content)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            elif name in ("href", "xlink:href", "src"):
                self.references.append(str(value))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_numbers_are_those_of_the_files(siamnas, sweep: Path, reported: tuple[Path, Outcome]):
    out, shown = reported
    assert not shown.err
    stems = {f"nb201_c100-{name}-{end}" for name in ("evaluated", "topk") for end in ("n=20-30", "k=10-20-30")}
    stems.add("nb201_c100-seconds")
    assert {p.name for p in out.iterdir()} == FILES | {f"{s}.{end}" for s in stems for end in ("svg", "png")}
    assert not any("$" in (out / f"{stem}.svg").read_text() for stem in stems), "no formula is left as it is"
    table = pd.read_csv(out / "table.csv").set_index(["option", "n", "k"])
    assert len(table) == 2 * 2 * 3
    for predictor in ("random", "column"):
        for n in (20, 30):
            result = Result.load(path_of(sweep, predictor, n))
            for k in (10, 20, 30):
                row, best = table.loc[predictor, n, k], result.arrays["best"][:, n + k - 1]
                topk = result.arrays["topk"][:, k - 1]
                assert row["evaluations"] == n + k
                assert row["best"] == pytest.approx(best.mean())
                assert row["best_std"] == pytest.approx(best.std(ddof=1))
                assert row["regret"] == pytest.approx(result.meta["optimum"] - best.mean(), abs=1e-9)
                assert row["topk"] == pytest.approx(topk.mean())
                assert row["topk_std"] == pytest.approx(topk.std(ddof=1))
                assert row["below_median"] == np.mean(topk <= result.meta["median"])
                assert row["gpu_days"] == pytest.approx(result.arrays["query_seconds"][:, n + k - 1].mean() / 86400)
                ranked = result.arrays["spearman"].mean() if predictor == "column" else np.nan
                assert row["spearman"] == pytest.approx(ranked, nan_ok=True)
                assert row["seconds"] == pytest.approx(result.meta["seconds"])
                assert row["repeats"] == 6
                for values in (best, topk)[: 1 + (k == 30)]:
                    assert f"{100 * values.mean():.2f} ± {100 * values.std(ddof=1):.2f}" in shown.out
    curves = pd.read_csv(out / "curves.csv").set_index(["option", "n", "evaluations"])
    assert len(curves) == 2 * (80 + 90)
    arrays = Result.load(path_of(sweep, "random", 20)).arrays
    row = curves.loc["random", 20, 65]
    assert row["best_mean"] == pytest.approx(arrays["best"][:, 64].mean()) and row["k"] == 45
    assert row["topk_mean"] == pytest.approx(arrays["topk"][:, 44].mean())
    assert curves.loc["random", 20, 20][["k", "topk_mean"]].isna().all(), "before the ranking"
    assert siamnas("report", str(sweep), "--out", str(sweep / "again")).code == 0
    for path in out.iterdir():
        assert path.read_bytes() == (sweep / "again" / path.name).read_bytes(), "the same files make the same report"


def test_the_page_needs_nothing_else(siamnas, sweep: Path):
    path_of(sweep, "column", 20).write_bytes(b"<script>")
    siamnas("report", str(sweep))
    content = (sweep / "report" / "index.html").read_text()
    page = Page(content)
    assert page.counts["svg"] == 4 + 1 and page.counts["script"] == 1 and "link" not in page.counts
    assert page.counts["table"] == 4 == content.count('<div class="scroll'), "each scrolls inside its own box"
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in content
    assert ".scroll { overflow-x: auto;" in content and ".plot { overflow-x: auto; }" in content
    assert len(page.ids) == len(set(page.ids))
    assert all(reference.startswith("#") for reference in page.references)
    assert {reference[1:] for reference in page.references} <= set(page.ids)
    assert set(re.findall(r'https?://[^"\s<]+', content)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "prefers-color-scheme: dark" in content and drawing.INK not in content.partition("</style>")[2]
    assert re.search(
        r"N = 30, K = 30, 60 evaluations: random search reaches 71\.\d\d %\. Against it, ahead: FLOPs", content
    )
    assert "no independent evidence" in content
    assert "not a readable result file" in content
    assert '<td class="text wrap">FLOPs order</td>' in content


@pytest.mark.usefixtures("blank")
def test_latex_and_markdown(siamnas, sweep: Path):
    siamnas("report", str(sweep), "--k", "5,30")
    latex, markdown = (sweep / "report" / "table.tex").read_text(), (sweep / "report" / "table.md").read_text()
    assert latex.count(r"\begin{tabular}{rlrrrrrrr}") == latex.count(r"\end{tabular}") == 1
    assert r"\textbf{73.51 $\pm$ 0.00}" in latex and "±" not in latex
    columns = "N", "method", "K=5", "K=30", "difference K=30", "regret K=30", "top-K only K=5", "top-K only K=30"
    assert f"| {' | '.join(columns)} | below median % K=5 | below median % K=30 |" in markdown
    assert "| 20 | FLOPs order | " in markdown and "**73.51 ± 0.00**" in markdown
    assert "Difference: of the means, to random search; *" in markdown


def test_what_differs_is_named(sweep: Path):
    path = path_of(sweep, "random", 20)
    for name, change in {
        "a": trained("siams", "paper", 200),
        "b": trained("siams", "fast", 50),
        "c": trained("siams", "fast", 50, code=10),
        "d": trained("gcn", "fast", 50),
        "e": trained("siams_nsam", "fast", 50),
    }.items():
        variant(path, name, change, curve(path))
    found = collect([sweep])
    assert list(dict.fromkeys(found.runs["method"])) == [
        "random search",
        "FLOPs order",
        "GCN (trainer=fast)",
        "Siams (code.length=3, trainer=fast)",
        "Siams (code.length=3, trainer=paper)",
        "Siams (code.length=10, trainer=fast)",
        "Siams + NSAM (trainer=fast)",
    ]
    look = looks(found.runs)
    assert look["GCN (trainer=fast)"].colour == catalogue.COLOURS["gcn"]
    assert len({own.colour for own in look.values()}) == len(look)


def test_repeats_of_several_files_are_put_together(sweep: Path):
    path = path_of(sweep, "random", 20)
    whole, reference = Result.load(path), collect([sweep])

    def part(name: str, rows: slice, **changes: np.ndarray) -> None:
        arrays = {key: changes.get(key, values[rows]) for key, values in whole.arrays.items()}
        Result(arrays, {**whole.meta, "found": []}).save(path.parent.with_name(name) / RESULT)

    part("first", slice(0, 2))
    assert collect([sweep]).notes == [], "the same repeats again"
    path.unlink()
    part("rest", slice(1, None))
    found = collect([sweep])
    assert found.notes == []
    pd.testing.assert_frame_equal(found.curves, reference.curves)

    part("other", slice(0, 3), best=whole.arrays["best"][:3] - 0.01)
    found = collect([sweep])
    contradiction, note = found.notes
    assert "contradicts another file: architecture" in contradiction
    assert note.startswith("random search on nb201_c100, N = 20: 3 of 4 repeats that occur in several files differ")
    assert "rest" in note
    rest = found.repeats[found.repeats["seed"] > 2]
    pd.testing.assert_frame_equal(rest, reference.repeats[reference.repeats["seed"] > 2])


@pytest.mark.usefixtures("blank")
def test_fewer_repeats_are_said(siamnas, sweep: Path):
    path = path_of(sweep, "random", 30)
    result = Result.load(path)
    Result({key: values[:2] for key, values in result.arrays.items()}, result.meta).save(path)
    shown = siamnas("report", str(sweep))
    lines = [line.split() for line in shown.out.splitlines() if line.split()[1:3] == ["random", "search"]]
    assert [line[-1] for line in lines] == ["6", "2"]
    assert "tests pair repeats by their seeds" not in shown.err, "each of the two has a partner"
    tests = pd.read_csv(sweep / "report" / "paired.csv").set_index(["protocol", "n", "k"])
    assert tests.loc[("main", 20, 10), "pairs"] == 6 and tests.loc[("topk", 30, 10), "pairs"] == 2
    assert "2 to 6 repeats (see the table)" in (sweep / "report" / "index.html").read_text()


def test_bad_input(siamnas, sweep: Path, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for arguments, message in (
        ([tmp_path / "empty"], "no result file (result.npz) there"),
        ([tmp_path / "nowhere"], "no such folder"),
        ([sweep, "--out", tmp_path / "file"], "--out: cannot write to"),
        ([sweep, "--k", "0"], "error: --k"),
        ([sweep, "--n", "many"], "error: --n"),
        ([sweep, "--k", "500"], "--k: the curves end at K = 60"),
        ([sweep, "--reference", "gcn"], "--reference: there is no method 'gcn'; there are: random search, FLOPs order"),
        ([sweep, "--n", "7"], "--n: there are no results with N = 7"),
        ([], "outputs: no such folder"),
    ):
        shown = siamnas("report", *map(str, arguments))
        assert shown.code == 2
        assert message in " ".join(shown.err.split())
        assert "Traceback" not in shown.err


@pytest.mark.usefixtures("blank")
def test_all_pairs_where_asked(siamnas, sweep: Path):
    path = path_of(sweep, "random", 20)

    def other(meta: dict[str, Any]) -> None:
        meta["config"]["label"] = "other"

    variant(path, "other", other, {"best": np.maximum(Result.load(path).arrays["best"], 0.72)})
    assert siamnas("report", str(sweep)).code == 0
    assert not (sweep / "report" / "pairs.csv").exists()
    assert siamnas("report", str(sweep), "--pairs").code == 0
    pairs = pd.read_csv(sweep / "report" / "pairs.csv")
    at = pairs[(pairs["protocol"] == "main") & (pairs["n"] == 20) & (pairs["k"] == 10)]
    methods = ("random search", "FLOPs order", "other")
    told = {frozenset(pair) for pair in zip(at["method"], at["reference"], strict=True)}
    assert told == {frozenset(pair) for pair in itertools.combinations(methods, 2)} and len(at) == 3
    assert "Tests between all pairs (" in (sweep / "report" / "index.html").read_text()


@pytest.mark.usefixtures("blank")
def test_another_reference(siamnas, sweep: Path):
    assert siamnas("report", str(sweep), "--reference", "FLOPs order").code == 0
    tests = pd.read_csv(sweep / "report" / "paired.csv")
    assert set(tests["reference"]) == {"FLOPs order"} and set(tests["method"]) == {"random search"}
    assert set(tests["verdict"]) == {"behind"} and set(tests["p"]) == {2 / 2**6}, "in all six repeats"


def test_one_result_file_is_enough(siamnas, sweep: Path, tmp_path: Path):
    shown = siamnas("report", str(path_of(sweep, "random", 20)), "--out", str(tmp_path / "out"))
    assert shown.code == 0
    Page((tmp_path / "out" / "index.html").read_text())
    assert {p.suffix for p in (tmp_path / "out").iterdir()} == {".html", ".csv", ".md", ".tex", ".svg", ".png"}
    assert len(pd.read_csv(tmp_path / "out" / "paired.csv")) == 0


def test_a_table_without_times_shows_a_dash(sweep: Path):
    for path in sweep.rglob(RESULT):
        result = Result.load(path)
        Result(result.arrays | {"query_seconds": 0 * result.arrays["query_seconds"]}, result.meta).save(path)
    found = collect([sweep])
    tests = paired.compare(found, paired.choose_references(found, None))
    shown = main_table(long_table.summarise(found), tests, found.benchmarks[0])
    (place,) = [i for i, column in enumerate(shown.columns) if column.name == "GPU-days\nK=30"]
    assert {shown.columns[place].shown(row[place]) for row in shown.rows} == {DASH}


def test_places(sweep: Path):
    assert len(collect([sweep, sweep / "nb201_c100"]).runs) == 4, "each file counts once"
    with pytest.raises(InputError, match="no such folder"):
        collect([sweep / "nowhere"])


def test_the_command_without_heavy_imports(sweep: Path):
    code = (
        "import sys; from siamnas.cli import report; report.main(sys.argv[1:]);"
        "assert not {'torch', 'wandb', 'hydra'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(sweep)], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.slow
def test_130_files_take_less_than_20_seconds(siamnas, swept: Path, tmp_path: Path):
    result = Result.load(path_of(swept, "random", 20))
    rng = np.random.default_rng(0)
    arrays = {key: values[np.arange(100) % 6] for key, values in result.arrays.items()}
    arrays |= {"seed": np.arange(100), "curve/loss": np.zeros((100, 200), dtype=np.float32)}
    for option in ("random", "column", "gcn", "siams", "siams_nsam", "siams_bts", "siams_nsam_bts", "brp"):
        for n in range(30, 200, 10):
            meta = copy.deepcopy(result.meta)
            meta["choices"]["predictor"] = option
            meta["identity"]["predictor"] = {"_target_": f"own.{option}", "column": "flops"}
            meta["config"]["search"]["n"] = meta["identity"]["search"]["n"] = n
            best = np.minimum(
                np.sort(rng.normal(0.72, 0.01, (100, n + 300)), axis=1), 0.735
            )  # as long as the real curves
            arrays |= {"best": best, "topk": best[:, n:], "query_seconds": best, "spent_seconds": best}
            Result(arrays, meta).save(tmp_path / "nb201_c100" / option / f"n={n}" / RESULT)
    began = time.process_time()  # others may work beside it
    assert siamnas("report", str(tmp_path)).code == 0
    assert time.process_time() - began < 20


@pytest.mark.usefixtures("blank")
def test_the_headline_names_the_winner_at_each_budget_and_what_it_found(siamnas, sweep: Path):
    meta = Result.load(path := path_of(sweep, "random", 20)).meta

    def active(meta: dict[str, Any]) -> None:
        meta["choices"] |= {"predictor": "gp", "search": "active"}
        meta["identity"]["predictor"] = {"_target_": "gp"}
        meta["config"]["predictor"]["kernel"] = None  # without it, it is of the time of gp_2026
        meta["identity"]["search"] = {"_target_": "active", "n": 50}
        meta["found"] = [{"architecture": f"<a{i}>", "accuracy": 0.7 + 0.005 * i} for i in range(6)]

    for n in (20, 30):  # the best order of all finds the optimum at once
        result = Result.load(worse := path_of(sweep, "column", n))
        Result(result.arrays | {"best": result.arrays["best"] - 0.01}, result.meta).save(worse)
    best = np.full((6, 50), 0.735)
    spent = {name: np.ones((6, 50)) for name in ("query_seconds", "spent_seconds")}
    variant(path, "active", active, {"best": best, "topk": np.empty((6, 0)), **spent})
    assert siamnas("report", str(sweep), "--at", "30,50").code == 0
    page = (sweep / "report" / "index.html").read_text()
    for budget, found in ((30, ""), (50, "; its best repeat recommends &lt;a5&gt;, 72.50 %")):  # named once
        assert f"After {budget} evaluations Gaussian process has the best mean of 3 methods, 73.50 %{found}." in page
    assert meta["found"][0]["architecture"] not in page, "not the winner"
