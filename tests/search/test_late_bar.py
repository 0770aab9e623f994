"""An `ask` that trains shows on a terminal how far it is, and nothing anywhere else."""

from io import StringIO

import pytest

from siamnas import Search
from siamnas.runtime import terminal

TRAINED = ("trainer=debug", "trainer.epochs=2")


def shown(monkeypatch: pytest.MonkeyPatch, predictor: str, *words: str, late: float = 0.0, tty: bool = True) -> str:
    """What a search of a few evaluations writes to stderr."""
    monkeypatch.setattr(terminal, "LATE", late)
    monkeypatch.setattr(terminal, "err", terminal._Console(file=(written := StringIO()), force_terminal=tty, width=80))
    with Search("tiny_nb201", predictor, budget=4, overrides=("search=active", *words)) as search:
        while archs := search.ask():
            search.tell(archs, [float((search.space.types[arch] == 0).sum()) for arch in archs])
    return written.getvalue()


@pytest.mark.parametrize(
    ("predictor", "words"),
    [("gcn", TRAINED), ("ensemble", TRAINED), ("brp", ("predictor.epochs=2",))],
)
def test_a_terminal_shows_a_bar(monkeypatch: pytest.MonkeyPatch, predictor: str, words: tuple[str, ...]):
    text = shown(monkeypatch, predictor, *words)
    assert "choosing on tiny" in text and "%" in text


@pytest.mark.parametrize("other", [{"tty": False}, {"late": 60.0}])
def test_a_file_and_a_short_ask_show_none(monkeypatch: pytest.MonkeyPatch, other: dict[str, float]):
    assert shown(monkeypatch, "gcn", *TRAINED, **other) == ""
