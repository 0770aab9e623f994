"""Every link of the documents leads somewhere, and every command that they show is one that siamnas takes."""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from siamnas.cli import export, figure, leaderboard, rerun, search
from siamnas.config import hydra_internals, overrides
from siamnas.config.compose import compose, quoted
from siamnas.errors import InputError
from siamnas.experiment import configuration, dry_run
from siamnas.measure import settings
from tests.support import ROOT, Outcome

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "experiments/README.md"]
CARDS = [ROOT / "siamnas/benchmarks/data/README.md", ROOT / "siamnas/images/data/README.md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
START = ROOT / "docs/start.md"
BLOCKS = re.findall(r"^```(sh|text)\n(.*?)^```$", START.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
NAMES = re.compile(r"\b[A-Z]{3,}\b|my_\w+|=y\b")  # of what a reader puts there
CHECK = dry_run.Checks().check  # loads every space once


def anchors(file: Path) -> set[str]:
    """Those that GitHub makes of the headings of a document."""
    titles = re.findall(r"^#+ (.*)$", FENCED.sub("", file.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands(file: Path) -> Iterator[str]:
    """The lines that begin with `siamnas`, indented or in a block for a shell."""
    text = file.read_text(encoding="utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield from block.splitlines()
    yield from re.findall(r"^    ((?:siamnas|python -m siamnas\S*) .*)$", FENCED.sub("", text), re.MULTILINE)


SHOWN = {line: file.name for file in DOCUMENTS if file.name != "extend.md" for line in commands(file)}


@pytest.mark.parametrize("file", [*DOCUMENTS, *CARDS], ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(file: Path):
    for link in LINK.findall(FENCED.sub("", file.read_text(encoding="utf-8"))):
        place, _, anchor = link.partition("#")
        if link.startswith(("http:", "https:")):
            continue
        there = (file.parent / place).resolve() if place else file
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


def test_every_document_is_in_the_index():
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    names = {file.name for file in DOCUMENTS if file.parent.name == "docs"} - {"README.md"}
    assert names <= set(LINK.findall(index))


def test_there_are_commands():
    assert len(SHOWN) > 50 and {*SHOWN.values()} >= {"README.md", "start.md", "jobs.md", "clusters.md"}


@pytest.mark.parametrize("line", SHOWN, ids=lambda line: line[:80].strip())
def test_a_command_is_taken(line: str, monkeypatch: pytest.MonkeyPatch):
    words = shlex.split(re.split(r" [<>] ", line)[0], comments=True)
    words = words[1:] if words[0] == "siamnas" else words[3:]
    first, rest = (words or [""])[0], words[1:]
    if "--help" in words:
        return
    if first in PARSED:
        PARSED[first](rest, monkeypatch)
    elif first == "figure":
        figure.check_words(named := overrides.named_first(rest, "figure"))
        figure.load(*compose(named, "figure"))
    elif rest[:1] == ["export"]:
        parsed(export, "export", rest[1:], monkeypatch)
    elif first == "measure":
        for job in jobs(rest):
            settings.load(*compose(job, "measure"))
    else:
        for job in jobs(words):
            cfg, choices = compose(job)
            if NAMES.search(line):
                configuration.load(cfg, choices)
            else:
                CHECK(cfg, choices, job)


def jobs(words: list[str]) -> Iterator[list[str]]:
    """The words of each job."""
    plain = [quoted(word) for word in words if not word.startswith("-")]
    yield from hydra_internals.expand(plain)


class Taken(BaseException):
    """A program has understood its words, and would begin."""


def taken(*_: Any, **__: Any) -> NoReturn:
    raise Taken


def parsed(module: Any, work: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a program read its words; `work` is what it does then."""
    monkeypatch.setattr(module, work, taken)
    with pytest.raises(Taken):
        module.main(words)


def report(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from siamnas.cli import report

    parsed(report, "report", words, monkeypatch)


def status(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from siamnas.cli import status
    from siamnas.config import translate

    monkeypatch.setattr(translate, "command", taken)
    parsed(status, "find", words, monkeypatch)


PARSED: dict[str, Callable[[list[str], pytest.MonkeyPatch], Any]] = {
    "report": report,
    "status": status,
    "rerun": lambda words, monkeypatch: parsed(rerun, "find", words, monkeypatch),
    "search": lambda words, _: search._parser().parse_args(words),
    "leaderboard": lambda words, monkeypatch: parsed(leaderboard, "leaderboard", words, monkeypatch),
}


def test_a_wrong_command_is_noticed(monkeypatch: pytest.MonkeyPatch):
    for line in ("siamnas predictor=gnc", "siamnas predictor=gp search.k=3", "siamnas measure what=odd"):
        with pytest.raises(InputError):
            test_a_command_is_taken(line, monkeypatch)
    for line in ("siamnas report outputs --odd", "siamnas rerun", "siamnas search tell"):
        with pytest.raises(SystemExit):
            test_a_command_is_taken(line, monkeypatch)


@pytest.mark.slow
def test_the_start_runs_as_printed(
    siamnas: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All commands of docs/start.md, in an empty folder; the numbers may be those of another processor."""
    monkeypatch.chdir(tmp_path)
    printed, compared = "", 0
    for kind, text in BLOCKS:
        if kind == "text":
            assert masked(text) in masked(printed.replace(f"{tmp_path}/", "")), printed
            compared += 1
            continue
        printed = ""
        for line in text.splitlines():
            done = siamnas(*shlex.split(line)[1:])
            assert done.code == 0, done.err
            printed += done.out
    assert compared == 3
    assert (tmp_path / "outputs/report/index.html").exists()
    (block,) = re.findall(r"^```python results\n(.*?)^```$", (ROOT / "docs/results.md").read_text(), re.S | re.M)
    exec(block, {})


def masked(text: str) -> str:
    """A text without its numbers, and without the width of its columns."""
    return re.sub(r"[\d.]+|[0-9a-f]{8}(?=/result)", "0", re.sub(r"[ ─]+", " ", text)).replace(" \n", "\n")
