"""docs/spaces.md: its blocks run in their order, in one session, and say what they say."""

import re
from pathlib import Path

import pytest

import siamnas
from siamnas.spaces.described import language, plain
from tests.support import ROOT

TEXT = (ROOT / "docs/spaces.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def test_the_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scope: dict = {}
    spaces = []
    for kind, path, text in BLOCKS:
        if kind == "python":
            exec(text, scope)
            spaces.append(scope["space"])
        else:
            Path(path).write_text(text)
            spaces.append(siamnas.Space.of_file(path))
    mobile, transformer, cells, own = spaces
    best = scope["search"].best()
    assert best.value == len(mobile.choices(mobile.parse(best.name))["stage0"])
    assert mobile.columns == ("latency",) and transformer.name == "transformer"
    assert f"{transformer.size:.2g}" == "1.5e+35" and cells.size == 3 * (4**8 * 3 * 6 * 10) ** 2 and own.size is None
    search = siamnas.Search("transformer.yaml", budget=2)
    assert len(search.ask()[0].choices["layers"]) in (34, 35, 36)


def test_the_three_spaces_fit_on_one_screen() -> None:
    screen = TEXT[: TEXT.index("\n## ")]
    assert screen.count("\n") <= 50 and [screen.count(word) for word in ("latency<=6", "embed:", "dag(")] == [1, 1, 1]


def test_what_is_said_to_be_is() -> None:
    names = [word for word in siamnas.__all__ if getattr(siamnas, word).__module__ == language.__name__]
    rows = re.findall(r"^\| `(\w+)\(", TEXT, re.MULTILINE)
    assert sorted(set(rows)) == sorted(names) == sorted(language.WORDS) == sorted(plain.KEYS)
    for written in re.findall(r"^\| `(\w+\(.*?\))` \|", TEXT, re.MULTILINE):
        if "..." not in written:
            eval(written, {**vars(siamnas), **{word: getattr(siamnas, word) for word in names}, "block": {"k": [3, 5]}})
    layers = siamnas.Space.of_choices({"a": siamnas.repeat({"kernel": [3], "expand": [6, 4]}, 1, 2)}).node_types
    assert "kernel3-expand6" in layers
