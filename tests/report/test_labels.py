"""What tables and figures call things: a label, or what one types; no class, no hash, no K where there is none."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.jobs import summary
from siamnas.jobs.store import RESULT, Result
from siamnas.report.draw.figure import broken
from siamnas.report.read import naming
from siamnas.report.read.collect import collect
from siamnas.report.read.runs import natural
from siamnas.runtime import terminal
from tests.report.support import path_of, variant
from tests.spaces.jsons import chains
from tests.support import ROOT

LABEL = "ours, 50 % <b>|x"
FEW = ["predictor.model.n_estimators=2"]
RANKED = ["search.n=8", "search.k=4", "search.depth=6", *FEW]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """On two folders of one name: a forest by two searches, a search without a predictor, and a job with a label."""
    root = tmp_path_factory.mktemp("labels")
    for place, step in (("a", 4), ("b", 3)):
        cells = chains(root / place / "cells", gt_accuracy=lambda i, step=step: 0.5 + i % step / 10 + i // step / 200)
        out = root / "outputs"
        if place == "a":
            siamnas.run(cells, "forest", search="topk", overrides=RANKED, repeats=3, out=out)
            siamnas.run(cells, "forest", search="active", overrides=["search.n=12", *FEW], repeats=3, out=out)
        siamnas.run(cells, search="evolution", overrides=["search.n=12"], repeats=3, out=out)
        siamnas.run(cells, "random", overrides=RANKED[:3], repeats=3, out=out, label=LABEL)
    return root / "outputs"


def test_searches_are_called_as_one_types_them(folder: Path):
    names = set(siamnas.results(folder)["method"])
    (forest, active) = sorted(name for name in names if name.startswith("random forest"))
    assert "search=topk" in forest and "search=active" in active
    assert names - {forest, active} == {LABEL, "regularised evolution"}


def test_folders_are_called_by_their_names(folder: Path):
    assert set(siamnas.results(folder)["benchmark"]) == {"cells (path=a/cells)", "cells (path=b/cells)"}
    single = sorted(folder.rglob(RESULT))[0]
    assert set(siamnas.results(single)["benchmark"]) == {"cells"}


def test_what_differs_in_contents_only_is_numbered(sweep: Path):
    def change(digest: str) -> Any:
        def to(meta: dict[str, Any]) -> None:
            meta["choices"] |= {"space": "json"}
            meta["config"]["space"] = {"name": "json", "path": "/here/cells"}
            meta["identity"] |= {"space": {"name": "json", "code": {}}, "fingerprint": {"path": digest * 64}}

        return to

    for digest in "12":
        variant(path_of(sweep, "random", 20), digest, change(digest))
    assert [b.name for b in collect([sweep]).benchmarks][1:] == ["cells #1", "cells #2"]


@pytest.mark.usefixtures("blank")
@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_whole_report_has_neither_hashes_nor_a_k_that_there_is_not(
    siamnas, folder: Path, tmp_path: Path, width: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(terminal.out, "_width", width)
    shown = siamnas("report", str(folder), "--out", str(tmp_path), "--at", "6,12")
    assert shown.code == 0 and not shown.err
    tables = shown.out.partition("report:")[0].splitlines()
    assert max(map(len, tables)) <= width
    texts = [shown.out.partition("report:")[0], *(path.read_text() for path in tmp_path.iterdir())]
    for text in texts:
        assert not re.search(r"\bK ?= ?0\b|TopK|Active\b|[0-9a-f]{8}(?=\))", text.partition("<script>")[0])
    columns = [line for line in tables if "method" in line]
    assert columns and all("method" in line for line in columns)
    assert sum("ours, 50 %" in line for line in tables) == 4, "in both tables of both spaces"


@pytest.mark.usefixtures("blank")
def test_a_label_is_the_name_everywhere_and_stays_text(siamnas, folder: Path, tmp_path: Path):
    assert siamnas("report", str(folder), "--out", str(tmp_path), "--at", "6,12").code == 0
    page, markdown = ((tmp_path / name).read_text() for name in ("index.html", "table.md"))
    assert "ours, 50 % &lt;b&gt;|x" in page and "<b>" not in page
    assert r"ours, 50 % &lt;b&gt;\|x" in markdown and "<b>" not in markdown
    assert r"ours, 50 \% \textless{}b\textgreater{}\textbar{}x" in (tmp_path / "table.tex").read_text()
    for name in ("table", "curves", "budgets", "regret"):
        assert LABEL in set(pd.read_csv(tmp_path / f"{name}.csv")["method"])


@pytest.mark.parametrize("label", ["=1+1", "+cmd", "@SUM(A1)", "-x"])
@pytest.mark.usefixtures("blank")
def test_a_label_is_no_formula(siamnas, sweep: Path, label: str):
    path = path_of(sweep, "random", 20)
    result = Result.load(path)
    result.meta["config"]["label"] = label
    result.save(path)
    assert siamnas("report", str(sweep), f"--reference={label}").code == 0
    for name in ("table", "curves", "paired"):
        text = (sweep / "report" / f"{name}.csv").read_text()
        assert f"'{label}" in text and not re.search(rf"(^|,|\"){re.escape(label)}", text, re.MULTILINE)


def test_a_label_changes_no_identity(make_job):
    plain, labelled = make_job(), make_job("label=ours")
    assert plain.identity == labelled.identity and plain.folder == labelled.folder
    assert labelled.config["label"] == "ours" and plain.config["label"] is None
    old = {key: value for key, value in plain.config.items() if key != "label"}
    assert siamnas.experiment.configuration.stored(old, plain.choices).identity == plain.identity


@pytest.mark.parametrize(
    "word", ["label=7", "label=''", "label='   '", "label=[a]", f"label={'x' * 61}", "label='a\tb'"]
)
def test_what_is_no_label_is_refused(make_job, word: str):
    with pytest.raises(InputError, match="label="):
        make_job(word)


def test_two_labels_are_two_methods_and_one_label_twice_is_told_apart(sweep: Path):
    for option, n, label in (("random", 20, "x"), ("random", 30, "y"), ("column", 20, "x"), ("column", 30, "x")):
        path = path_of(sweep, option, n)
        result = Result.load(path)
        result.meta["config"]["label"] = label
        result.save(path)
    names = set(collect([sweep]).runs["method"])
    assert "y" in names and len(names) == 3 and all(name.startswith("x (") for name in names - {"y"})


def test_a_job_and_a_result_are_called_by_it(sweep: Path):
    result = Result.load(path_of(sweep, "random", 20))
    assert result.method == "random" and summary.title(result).startswith("random on nb201_c100")
    result.meta["config"]["label"] = "ours"
    assert result.method == "ours" and summary.title(result).startswith("ours on nb201_c100")


def test_a_search_without_a_predictor_has_a_method(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The script of docs/results.md on it."""
    (tmp_path / "outputs").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"^```python results\n(.*?)^```$", (ROOT / "docs/results.md").read_text(), re.S | re.M)
    exec(block.replace('"outputs"', f'"{folder}"'), {})
    assert {Result.load(path).method for path in folder.rglob(RESULT)} == {"forest", "evolution", LABEL}


def test_a_job_without_a_ranking_has_no_k(folder: Path):
    for path in folder.rglob(RESULT):
        result = Result.load(path)
        assert ("K" in summary.cells(result)) == ("top-K only" in summary.cells(result)) == bool(result.k)


def test_paths_are_as_long_as_needed():
    fields = [{"fingerprint.path": digest} for digest in "abc"]
    typed = [{"fingerprint.path": path} for path in ("/x/1/cells", "/x/2/cells", "/y/2/cells")]
    assert naming.tell_apart(["cells"] * 3, fields, [None] * 3, typed) == [
        "cells (path=x/1/cells)",
        "cells (path=x/2/cells)",
        "cells (path=y/2/cells)",
    ]
    assert naming.tell_apart(["s", "s"], fields[:2], [None] * 2, [{"fingerprint.path": None}] * 2) == ["s #1", "s #2"]


@pytest.mark.parametrize(
    ("constraint", "told"),
    [
        ("latency.edgegpu<=5", "latency on an edge GPU at most 5 ms"),
        ("flops >= 35", "FLOPs at least 35 M"),
        ("synflow<3.5", "synflow below 3.5"),
        ("energy.fpga>1e2", "energy on an FPGA above 1e2 mJ"),
        ("a<=b<=c", "a<=b<=c"),
    ],
)
def test_a_limit_is_told_in_words(constraint: str, told: str):
    assert naming.limit(constraint) == told


def test_names_are_sorted_by_the_numbers_in_them():
    names = ["task10.csv", "task2.csv", "task1.csv", "other"]
    assert sorted(names, key=natural) == ["other", "task1.csv", "task2.csv", "task10.csv"]


def test_a_long_name_has_lines_in_a_legend():
    name = "a_method_with_a_name_of_more_than_sixty_characters_for_a_legend (acquisition=ucb)"
    lines = broken(name).split("\n")
    assert max(map(len, lines)) <= 30 and lines[-1].startswith("(") and "".join(lines[:-1]) == name.split(" (")[0]
    assert broken("Siams + NSAM + BTS") == "Siams + NSAM + BTS"
