"""A search of one's own in Weights & Biases and CSV, while it runs."""

import csv
import logging
from pathlib import Path

import pytest

import siamnas
from siamnas.errors import InputError
from tests.loggers.wandb_file import exit_codes, history, of_kind, offline_runs
from tests.search.ask_tell import graphs, value

SPACE = graphs()
KEYS = ["evaluations", "architecture", "value", "best", "seconds", "pending", "failed", "stopped"]


def train(arch, report):
    report(1, value(arch, SPACE))
    if arch % 7 == 3:
        raise ValueError("no luck")
    return value(arch, SPACE)


def check(rows: list[dict], search: siamnas.Search) -> None:
    """Rows are those of the evaluations, in their order, and say the best so far."""
    told = search.values
    names = {search.catalog.text(arch): number for arch, number in told.items()}
    assert [row["evaluations"] for row in rows] == list(range(1, len(told) + 1))
    assert [row["architecture"] for row in rows] == list(names)
    best = None
    for row in rows:
        worth = names[row["architecture"]]
        best = worth if worth == worth and (best is None or worth > best) else best
        assert (row["value"] == worth) != (row["failed"] == "ValueError: no luck")
        assert row["best"] == best and row["pending"] <= 1 and row["seconds"] >= 0


def searching(journal: Path | None = None) -> siamnas.Search:
    return siamnas.Search(SPACE, "random", 12, journal=journal, overrides=["search=active", "acquisition=random"])


def test_weights_and_biases(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    search = searching(tmp_path / "mine")
    with caplog.at_level(logging.INFO):
        search.run(train, workers=2, logger=["wandb", "logger.project=of_mine"])
    (run,) = offline_runs(tmp_path / "mine")  # beside the journal
    check([{**dict.fromkeys(KEYS), **row} for row in history(run)], search)
    (said,) = of_kind(run, "run")
    assert said.project == "of_mine" and said.run_group == "mine" and exit_codes(run) == [0]
    assert "wandb sync" in caplog.text


def test_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In two runs, of which the second goes on; without a journal below outputs."""
    search = searching(tmp_path)
    search.run(train, workers=2, logger="csv", target=0.0)
    search.run(train, workers=2, logger="csv")
    check(read(tmp_path / "evaluations.csv"), search)
    monkeypatch.chdir(tmp_path)
    searching().run(train, workers=2, logger="csv")
    assert len(read(tmp_path / "outputs" / "evaluations.csv")) == 12


def read(path: Path) -> list[dict]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == KEYS
    numbers = {"evaluations": int, "value": float, "best": float, "seconds": float, "pending": int}
    return [{key: numbers.get(key, str)(text) if text else None for key, text in row.items()} for row in rows]


def test_one_that_is_unknown_is_refused_and_none_logs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = searching()
    with pytest.raises(InputError, match="logger=nobody: no option logger=nobody; known: csv"):
        search.run(train, logger="nobody")
    assert not search.open
    monkeypatch.chdir(tmp_path)
    search.run(train, workers=2, logger="none", target=0.0)
    assert search.values and not list(tmp_path.iterdir())
