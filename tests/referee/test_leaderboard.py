"""A method gets its row: in words, as a file, as a process, and where it fails."""

import re
from pathlib import Path

import pandas as pd
import pytest

from siamnas.cli import leaderboard
from siamnas.errors import InputError
from siamnas.referee import methods, scores, tasks
from siamnas.referee.page import legend
from siamnas.referee.run import Leaderboard
from siamnas.referee.searches import Row
from siamnas.referee.store import Cell
from tests.support import ROOT

PRINTED = dict(re.findall(r"```python (\w+\.py)\n(.*?)```", (ROOT / "docs/referee.md").read_text(), re.DOTALL))


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of the docs page."""
    for name, text in PRINTED.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(
    method: str, out: Path, task: str = "nano_pilot", seeds: int = 2, budget: int = 5, timeout: float = 30
) -> list[Row]:
    asked = Leaderboard([methods.of(method)], [tasks.of(task)], range(seeds), budget, out, timeout)
    (cell,) = asked.run()
    return list(cell.rows(asked.seeds))


def test_the_page_runs_as_it_is_printed(printed: Path, capsys: pytest.CaptureFixture[str]):
    words = (
        "--method mine.py --method random --method|process: python rival.py|--tasks nano_pilot --seeds 3 --budget 12"
    )
    before, process, after = words.split("|")
    leaderboard.main([*before.split(), process, *after.split(), "--out", "out", "--jobs", "1"])
    table = pd.read_csv("out/leaderboard.csv")
    assert set(table["method"]) == {"mine", "random", "rival"} and (table["ended"] == 0).all()
    assert (table["seeds"] == 3).all() and set(table["budget"]) == {10, 12}
    page = Path("out/index.html").read_text()
    assert "rival" in page and "<svg" in page and "index.html" in capsys.readouterr().out


def test_the_legend_explains_what_is_there():
    cells = {"task": ["nano_pilot", "gpt_s"], "seeds": [2, 100], "tuned": [False, True], "ended": [0, 0]}
    listed, listless = (legend(pd.DataFrame(cells)[seat : seat + 1]) for seat in (0, 1))
    assert "few seeds" in listed and "without a list" not in listed and "*" not in listed and "!" not in listed
    assert "few seeds" not in listless and "optimum (without a list: the best that was found here)" in listless
    assert listless.endswith("* settings were chosen on this task.")


def test_a_space_without_a_list_is_asked_by_rows(printed: Path):
    for row in rows("process: python rival.py", printed / "out", "gpt_s"):
        assert row.status == "done" and len(set(row.evaluated)) == 5
        best = pd.Series(row.labels).cummin()  # perplexities
        assert row.best == pytest.approx(best.tolist())


def test_the_same_command_goes_on_with_what_is_missing(printed: Path):
    first = rows("mine.py", printed / "out", seeds=1)
    path = next((printed / "out/rows").rglob("0.json"))
    path.write_text(path.read_text().replace('"done"', '"done before"'))
    again = rows("mine.py", printed / "out", seeds=2)
    assert [row.status for row in again] == ["done before", "done"] and again[0].evaluated == first[0].evaluated
    (printed / "mine.py").write_text(PRINTED["mine.py"] + "\n# another method\n")
    assert rows("mine.py", printed / "out", seeds=1)[0].status == "done"


def test_own_methods_find_the_same_one_by_one_and_together(tmp_path: Path):
    together = rows("predictor=gp", tmp_path / "a", seeds=3)
    alone = rows("predictor=gp", tmp_path / "b", seeds=1)
    assert alone[0].evaluated == together[0].evaluated and alone[0].best == together[0].best
    report = tasks.arena(tasks.of("nano_pilot")).benchmark.measured.report  # type: ignore[attr-defined]
    assert together[0].best[-1] <= report.max() and together[0].best == sorted(together[0].best)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("raise SystemExit('no luck')", "crashed: no luck"),
        ("print('hello', flush=True)", "nonsense: 'hello' is no object with 'ask'"),
        ("print('{\"ask\": 200}', flush=True)", "nonsense: 200 is no architecture"),
        ("print('{\"ask\": NaN}', flush=True)", "nonsense: nan is no architecture"),
        ("print('{\"ask\": 3}', flush=True)", "was asked for twice"),
        ("import time; time.sleep(60)", "hangs: no answer within 2 s"),
    ],
)
def test_what_fails_says_how(tmp_path: Path, answer: str, status: str):
    (tmp_path / "bad.py").write_text(
        f"import sys\nfor line in sys.stdin:\n    if 'space' not in line[:10]:\n        {answer}\n"
    )
    timeout = 2 if "sleep" in answer else 30
    (row,) = rows(f"process: python {tmp_path / 'bad.py'}", tmp_path / "out", seeds=1, timeout=timeout)
    assert status in row.status and len(row.best) == len(row.evaluated) <= 1


def test_who_evaluates_nothing_has_the_worst_architecture(tmp_path: Path):
    cell = Cell.of(methods.of("random"), tasks.of("nano_pilot"), 5, tmp_path)
    cell.save(Row(0, "crashed: no luck"))
    cell.save(Row(1, "hangs", ["a"], [0.5], [float(cell.arena.optimum)]))
    found = scores.searched([cell], range(2), [5])
    assert found["best"].tolist() == [cell.arena.worst, cell.arena.optimum]
    assert found["regret"][0] > 1 and found["regret"][1] == 0 and found["found"].tolist() == [0, 1]
    assert scores.summary(found, [cell])["ended"].tolist() == [2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--method", "gpp"], "is no method (did you mean gp?)"),
        (["--method", "predictor=gpp"], "gpp"),
        (["--method", "nothing.py"], "no such file"),
        (["--method", "process:"], "names no command"),
        (["--method", "gp", "--tasks", "nb201"], "unknown task nb201"),
        (["--method", "gp", "--budget", "300"], "must be at most 200"),
        (["--method", "gp", "--method", "gp"], "several are called gp"),
        (["--method", "gp", "--reference", "forest"], "--reference forest"),
    ],
)
def test_bad_words_are_refused_before_any_work(
    tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture
):
    with pytest.raises(SystemExit, match="2"):
        leaderboard.main(["--tasks", "nano_pilot", "--out", str(tmp_path / "out"), *words])
    assert said in " ".join(capsys.readouterr().err.split()) and not (tmp_path / "out").exists()


def test_methods_are_told_apart_by_name():
    with pytest.raises(InputError, match="give one another name"):
        Leaderboard([methods.of("gp"), methods.of("gp:=predictor=gp")], [], range(1), 5, Path())
    assert methods.of("mine:=predictor=gp acquisition=ucb").words == ("predictor=gp", "acquisition=ucb")


def test_what_a_method_was_tuned_on_names_tasks():
    assert {task for method in methods.METHODS.values() for task in method.tuned} <= tasks.TASKS.keys()


def test_what_does_not_fit_is_said_and_tried_again(tmp_path: Path):
    for _ in range(2):
        row, _other = rows("search=tpe", tmp_path, "gpt_s")
        assert "does not fit" in row.status and "has none" in row.status and not row.evaluated
        (path,) = tmp_path.rglob("0.json")
        path.write_text(path.read_text().replace("has none", "had none"))
