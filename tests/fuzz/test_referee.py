"""Any row of a leaderboard, and any answer of a process, is read or refused by its name."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import strategies as st

from siamnas.errors import InputError
from siamnas.referee import methods, tasks
from siamnas.referee.process import Broken, Process
from siamnas.referee.searches import Row, _talk
from siamnas.referee.store import Cell
from tests.fuzz.support import VALUES, cases, flipped, fuzz, is_clear, texts

ROW = asdict(Row(0, "done", ["a", "b", "c"], [0.1, 0.2, 0.1], [0.1, 0.2, 0.2], 1.0))


@cases
def test_any_row_is_read_or_refused(tmp_path: Path, cases: int):
    cell = Cell.of(methods.of("random"), tasks.of("nano_pilot"), 3, tmp_path)
    cell.save(Row(0, "hangs"))

    def check(content: bytes) -> None:
        cell.path(0).write_bytes(content)
        try:
            (row,) = cell.rows(range(1))
        except InputError as error:
            return is_clear(str(error), cell.path(0))
        assert row.seed == 0 and len(row.evaluated) == len(row.best) <= 3 and max(row.best, default=0.0) <= 1

    fuzz(cases, texts(ROW), check)


class Said(Process):
    """A process of which only the answers are there."""

    def __init__(self, lines: list[str]) -> None:
        self.timeout, self.lines, self._took = 1.0, lines, []

    def say(self, **message: object) -> None:
        json.dumps(message)

    def _end(self) -> str:
        return "crashed: no more"

    @property
    def _lines(self) -> "Said":
        return self

    def get(self, timeout: float = 0.0) -> str:
        return self.lines.pop(0) if self.lines else ""


@cases
@pytest.mark.parametrize("task", ["nano_pilot", "gpt_s"])
def test_any_answer_is_an_architecture_or_nonsense(task: str, cases: int):
    arena = tasks.arena(tasks.of(task))
    good = [3, 17, 4] if task == "nano_pilot" else ["x", [0] * 40]
    values = VALUES | st.sampled_from(good) | st.integers(-3, 250)
    asks = values.map(lambda value: json.dumps({"ask": value}))
    lines = asks | asks.map(str.encode).flatmap(flipped).map(lambda line: line.decode(errors="replace"))

    def check(answers: list[str]) -> None:
        row = Row(0)
        try:
            _talk(Said(answers), row, arena, 3)
        except Broken as error:
            assert str(error).startswith(("nonsense: ", "crashed: ")) and len(str(error)) < 600
        assert len(row.evaluated) == len(set(row.evaluated)) == len(row.best) <= 3

    fuzz(cases, st.lists(lines, min_size=1, max_size=4), check)
