"""Result files of somebody else: a report of them writes nothing outside its folder, and its page runs nothing."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from siamnas.jobs.store import RESULT, Result
from tests.report.support import path_of, variant
from tests.support import Outcome

SCRIPT = "</title></svg><script>alert(1)</script><img src=x onerror=alert(2)>"
NAMES = [
    *("../../../evil", SCRIPT),
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("/tmp/../..", "q\" onload='alert(3) %s{0}$x")),
]


class Handlers(HTMLParser):
    """Collects what a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.handlers = 0, list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.handlers += [f"{name}={value}" for name, value in attrs if name.startswith("on")]


def run_by(page: str) -> tuple[int, list[str]]:
    parser = Handlers()
    parser.feed(page)
    return parser.scripts, parser.handlers


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "report" not in path.relative_to(folder).parts[:1]}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_from_a_result_stays_a_name(siamnas, sweep: Path, reported: tuple[Path, Outcome], name: str):
    def change(meta: dict[str, Any]) -> None:
        meta["choices"].update(space=name, predictor=name, trainer=name)
        meta["identity"]["space"]["name"] = name
        meta["identity"]["predictor"]["_target_"] = f"mine.{name}"
        meta["metric"]["name"] = name
        meta["metric"]["unit"] = name
        meta["label_name"] = meta["report_name"] = meta["code_name"] = meta["commit"] = meta["device"] = name
        meta["config"]["name"] = meta["config"]["out"] = name
        meta["card"] = {name: name}

    plain, _ = reported
    usual = run_by((plain / "index.html").read_text())
    variant(path_of(sweep, "random", 20), "crafted", change)
    before = files(sweep.parent)
    shown = siamnas("report", str(sweep), "--out", str(sweep.parent / "report"), "--k", "10")
    assert shown.code == 0, shown.err
    assert files(sweep.parent) == before
    page = (sweep.parent / "report" / "index.html").read_text()
    assert run_by(page) == usual
    assert len(list((sweep.parent / "report").rglob("*.svg"))) > len(list(plain.rglob("*.svg")))


@pytest.mark.usefixtures("blank")
def test_an_n_that_is_a_path_is_refused(siamnas, sweep: Path):
    path = path_of(sweep, "random", 20)
    result = Result.load(path)
    result.meta["config"]["search"]["n"] = "../../20"
    result.save(path.parent.with_name("crafted") / RESULT)
    shown = siamnas("report", str(sweep))
    assert shown.code == 0 and "not the result of a search (ValueError" in " ".join(shown.err.split())
