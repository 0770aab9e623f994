"""Records of strangers: what `siamnas status` prints to be pasted holds no option and no place that they chose.

And what people paste into a command of a search: digits of other kinds, values that are empty because a variable was.
"""

import json
import os
import shlex
from pathlib import Path

import pytest

from siamnas.config import overrides
from siamnas.errors import InputError
from siamnas.jobs import record
from siamnas.jobs.record import RECORD
from siamnas.search import json_in
from siamnas.search.catalog import Listed
from tests.search.ask_tell import graphs

EVIL = [
    ["--config-dir=/tmp/evil", "predictor=random"],
    ["--config-dir", "/tmp/evil", "predictor=random"],
    ["-cd=/tmp/evil", "predictor=random"],
    ["-m", "predictor=random", "--config-path=/tmp/evil"],
    ["predictor=random", "--experimental-rerun=/tmp/evil"],
    ["/tmp/evil"],
]


def written(folder: Path, words: list[str]) -> Path:
    job = folder / "outputs" / "default" / "nb201_c100" / "random" / "n=30,k=30,seed=0,repeats=3,01234567"
    job.mkdir(parents=True)
    (job / RECORD).write_text(json.dumps({"state": "failed", "overrides": words, "error": "x"}))
    return job


@pytest.mark.parametrize("words", EVIL, ids=" ".join)
def test_no_option_of_a_stranger(siamnas, tmp_path: Path, words: list[str]):
    job = written(tmp_path, words)
    sweeps = job.parents[2] / "sweeps"
    sweeps.mkdir()
    (sweeps / "01234567.json").write_text(json.dumps({"words": words, "jobs": [words]}))
    shown = siamnas("status", "--commands", str(tmp_path))
    assert shown.code == 0 and shown.out == ""
    shown = siamnas("status", str(tmp_path))
    assert shown.code == 0 and "/tmp/evil" not in shown.out and "failed" in shown.out


def test_a_place_of_configs_only_where_the_record_is_ones_own(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    written(tmp_path, ["predictor=mine", overrides.search_path(["file:///home/me/conf"])])
    assert "/home/me/conf" in siamnas("status", "--commands", str(tmp_path)).out
    uid = os.getuid()
    monkeypatch.setattr(record.os, "getuid", lambda: uid + 1)
    assert siamnas("status", "--commands", str(tmp_path)).out == ""


def test_what_is_printed_is_one_command_in_the_words_of_the_record(siamnas, tmp_path: Path):
    words = ["predictor=random", "label='$(touch ran); `touch ran` \"'"]
    written(tmp_path, words)
    (line,) = siamnas("status", "--commands", str(tmp_path)).out.splitlines()
    pasted = shlex.split(line)
    assert pasted[-4:-2] == words
    assert all(word.startswith(("out=", "name=")) for word in pasted[-2:])


@pytest.mark.parametrize("digits", ["1_0", "\u0663", " 3", "3.0", "1e1", "0x3", "9" * 5000, ""])
@pytest.mark.parametrize("words", [("ask", "{}", "-n"), ("start", "{}", "--space", "nb201_c10", "--budget")])
def test_an_integer_is_written_in_plain_digits(siamnas, tmp_path: Path, digits: str, words: tuple[str, ...]):
    shown = siamnas("search", *(word.format(tmp_path / "new") for word in words), digits)
    assert shown.code == 2 and "must be an integer" in shown.err and not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "words", [("start", "", "--space", "nb201_c10"), ("start", "new", "--space", ""), ("status", "")]
)
def test_an_empty_word_is_not_the_current_folder(siamnas, tmp_path: Path, words: tuple[str, ...], monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = siamnas("search", *words)
    assert shown.code == 2 and "must be" in shown.err and not list(tmp_path.iterdir())


def test_all_that_is_open_has_no_number(siamnas, tmp_path: Path):
    shown = siamnas("search", "ask", str(tmp_path), "--again", "-n", "2")
    assert shown.code == 2 and "not together with" in shown.err


@pytest.mark.parametrize("text", ['{"3": 1e999}', '{"03": 0.5}', '{"3": -1e400}'])
def test_a_value_or_an_index_that_is_none(text: str):
    """A number beyond all floats was told as a failure, and a name with zeros before it taken for an index."""
    with pytest.raises(InputError, match="beyond all floats|03: is no architecture"):
        json_in.read(text, Listed(graphs()))
