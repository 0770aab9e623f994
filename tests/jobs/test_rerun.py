"""A result computed again: the verdict, where it writes, and what it refuses of a file that may come from anybody."""

import copy
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siamnas.cli import rerun
from siamnas.config.compose import compose
from siamnas.errors import InputError
from siamnas.experiment.configuration import load
from siamnas.experiment.identity import named
from siamnas.jobs import agreement
from siamnas.jobs.store import RESULT, Result
from siamnas.runner import run

OPERATIONS = ("conv1x1", "maxpool3x3", "dwconv3x3")
ROW = np.arange(6, dtype=np.float64).reshape(3, 2)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of a quick job that needs a predictor and a rule, and was logged."""
    out = tmp_path_factory.mktemp("made")
    words = ["predictor=forest", "predictor.model.n_estimators=5", "repeats=2", "search.n=20", "logger=csv"]
    job = load(*compose([*words, f"out={out}"]))
    run(job)
    return job.folder


@pytest.fixture
def result(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    (tmp_path / "copy").mkdir()
    path = tmp_path / "copy" / RESULT
    path.write_bytes((made / RESULT).read_bytes())
    return path


def change(path: Path, **changes: Any) -> None:
    """Write a result with other arrays (None: without it) or another meta."""
    old = Result.load(path)
    meta = changes.pop("meta", old.meta)
    arrays = {name: values for name, values in {**old.arrays, **changes}.items() if values is not None}
    Result(arrays, meta).save(path)


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("given", ["file", "folder"])
def test_bit_for_bit_from_anywhere_and_nothing_is_written(
    siamnas: Callable, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
):
    monkeypatch.chdir(tmp_path)
    before = files(made.parent)
    shown = siamnas("rerun", str(made / RESULT if given == "file" else made))
    assert shown.code == 0, shown.err
    assert "the numbers agree bit for bit: 11 arrays" in shown.out and "result:" not in shown.out
    assert files(made.parent) == before and not list(tmp_path.iterdir())
    assert not list(Path(rerun.tempfile.gettempdir()).glob("siamnas-rerun-*"))


def test_a_place_of_its_own_is_kept_and_never_overwritten(siamnas: Callable, made: Path, tmp_path: Path):
    out = tmp_path / "again"
    first = siamnas("rerun", str(made), "--out", str(out))
    (path,) = out.rglob(RESULT)
    assert first.code == 0 and f"result: {path}" in first.out
    assert {file.name for file in path.parent.iterdir()} == {RESULT, "curves.csv", "run.log", "job.json"}, "not logged"
    before = files(out)
    again = siamnas("rerun", str(made), "--out", str(out))
    assert again.code == 2 and "there is a result already" in again.err
    root = made.parents[2]
    onto = siamnas("rerun", str(made), "--out", str(root.parent))
    assert onto.code == 2 and "there is a result already" in onto.err
    assert files(out) == before


def test_a_search_without_a_predictor(siamnas: Callable, tmp_path: Path):
    assert siamnas("search=local", "repeats=2", "search.n=20", "logger=none", f"out={tmp_path}").code == 0
    (path,) = tmp_path.rglob(RESULT)
    assert Result.load(path).meta["config"]["predictor"] is None
    assert siamnas("rerun", str(path)).code == 0


def test_what_rounding_explains_and_what_it_does_not(siamnas: Callable, result: Path):
    arrays = Result.load(result).arrays
    change(result, spearman=arrays["spearman"] * (1 + 1e-9))
    shown = siamnas("rerun", str(result))
    assert shown.code == 0 and "agree within rounding: 1 of 11 arrays" in shown.out
    assert re.search(r"spearman +2 of 2 +1e-09 +rounding", shown.out)
    assert "versions and processor are the same" in shown.out

    best = arrays["best"].copy()
    best[1] += 0.01
    meta = Result.load(result).meta
    meta["machine"]["cpu"] = "an older one"
    change(result, best=best, codes=None, meta=meta)
    shown = siamnas("rerun", str(result))
    assert shown.code == rerun.DIFFER
    assert "the numbers differ: 2 of 11 arrays, in 1 of 2 repeats" in shown.out
    assert re.search(r"best +1 of 2 +0\.01", shown.out) and "only the new result has it" in shown.out
    assert "cpu: an older one then" in shown.out


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("optimum", 0.9, "optimum +0.9 then, 0.73513"),
        ("median", 0.5, "median +0.5 then"),
        ("cells", 999, "cells +999 then, 15625 now"),
        ("metric", {"name": "valid", "maximise": True, "unit": "%"}, "metric.name +'valid' then"),
        ("report_name", "test_12_mean", "report_name +'test_12_mean' then"),
        ("code_name", "mine", "code_name +'mine' then"),
        ("card", {}, "card +{} then"),
    ],
)
def test_what_is_said_beside_the_arrays_is_compared(result: Path, key: str, value: Any, said: str, made: Path):
    """As a user sees it, but for the job, which is the same each time."""
    old, new = Result.load(result), Result.load(made / RESULT)
    old.meta[key] = value
    found = list(agreement.stated(old.meta, new.meta, False))
    assert len(found) == 1 and not found[0].rounded
    assert re.search(said, f"{found[0].name} {found[0].why}")


def test_another_architecture_found(siamnas: Callable, result: Path):
    meta = Result.load(result).meta
    meta["found"][1]["architecture"] = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"
    change(result, meta=meta)
    shown = siamnas("rerun", str(result))
    assert shown.code == rerun.DIFFER
    assert "the numbers differ: 0 of 11 arrays; and what is said of them: found[1].architecture" in shown.out
    assert "agree" not in shown.out
    del meta["found"]
    change(result, meta=meta)
    assert siamnas("rerun", str(result)).code == rerun.DIFFER


def test_words_for_what_changes_no_number(siamnas: Callable, made: Path):
    assert siamnas("rerun", str(made), "trainer.chunk=1", "trainer.threads=1").code == 0
    for word, why in {
        "search.n=21": "another search is another job",
        "search.x=1": "unknown key search.x",
        "nowhere.at.all=1": "unknown key nowhere.at.all",
        "logger=wandb": "has no effect",
        "out=x": "has no effect",
        "search.n=1,2": "must be KEY=VALUE",
        "+search.x=1": "must be KEY=VALUE",
        "predictor._target_=os.system": r"predictor._target_=os.system: must be a class",
    }.items():
        shown = siamnas("rerun", str(made), word)
        assert shown.code == 2 and why in shown.err.replace("\n", " "), shown.err


def test_no_result_there(siamnas: Callable, made: Path, tmp_path: Path):
    assert "no such file or folder" in siamnas("rerun", str(tmp_path / "nowhere")).err
    assert f"no {RESULT} in this folder" in siamnas("rerun", str(tmp_path)).err
    shown = siamnas("rerun", str(made.parent))
    assert shown.code == 2 and "below it lie 1 result, for example" in shown.err and str(made) in shown.err


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 100, b"measure.json"])
def test_what_is_no_result(siamnas: Callable, tmp_path: Path, content: bytes):
    path = tmp_path / "it.npz"
    path.write_bytes(content)
    shown = siamnas("rerun", str(path))
    assert shown.code == 2 and "not a readable result file" in shown.err


def test_what_is_the_result_of_something_else(siamnas: Callable, tmp_path: Path):
    Result({"seed": np.arange(2)}, {"config": {}, "note": "mine"}).save(tmp_path / RESULT)
    shown = siamnas("rerun", str(tmp_path))
    assert shown.code == 2 and "not the result of a search: it has no choices" in shown.err


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("search.n", 10**12, "cannot be computed again"),
        ("search.rounds_of_old", 3, "unknown key search.rounds_of_old"),
        ("trainer.epochs", 10**12, "trainer.epochs=1000000000000: must be"),
        ("predictor._target_", "os.system", "predictor._target_=os.system: must be a class"),
        ("predictor.model._target_", "joblib.load", "predictor.model._target_=joblib.load: must be a class"),
        ("space.inner", {"_target_": "os.system"}, "space.inner._target_: must not be here"),
        ("predictor._target_", "not_there.Mine", "found in the current folder or on PYTHONPATH"),
        ("name", "../../../up", "name=../../../up: must be"),
        ("seed", 1, "its configuration is not that of its numbers (seed)"),
        ("space.code.kind", "${oc.env:HOME}", "its configuration is not that of its numbers (space)"),
        ("space", None, "space=null: must be a group of keys"),
        ("predictor", None, "its configuration is not that of its numbers (predictor)"),
        ("search", [1], "search=[1]: must be a group of keys"),
    ],
)
def test_a_configuration_that_is_refused(siamnas: Callable, result: Path, key: str, value: Any, why: str):
    meta = Result.load(result).meta
    *parts, last = key.split(".")
    group = meta["config"]
    for part in parts:
        group = group[part]
    group[last] = value
    if parts and parts[0] != "space":  # whoever changes one can change both
        meta["identity"][parts[0]] = named(meta["config"][parts[0]])
    change(result, meta=meta)
    before = files(result.parent.parent)
    shown = siamnas("rerun", str(result))
    assert shown.code == 2 and why in shown.err.replace("\n", " "), shown.err
    assert files(result.parent.parent) == before


def test_one_of_another_version_says_so(siamnas: Callable, result: Path):
    meta = Result.load(result).meta
    meta["versions"]["siamnas"] = "0.0.7"
    meta["config"]["trainer"]["warmup"] = 3
    change(result, meta=meta)
    assert "it was made by 0.0.7: unknown key trainer.warmup" in siamnas("rerun", str(result)).err.replace("\n", " ")


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"space": 3, "search": "topk", "trainer": "paper"},
        {"space": "../../../x", "search": "topk", "trainer": "paper"},
        {"space": "/x", "search": "topk", "trainer": "paper"},
        {"space": "x", "predictor": ["y"], "search": "topk", "trainer": "paper"},
    ],
)
def test_options_lead_nowhere(siamnas: Callable, result: Path, choices: Any):
    change(result, meta={**Result.load(result).meta, "choices": choices})
    before = files(result.parent.parent)
    assert siamnas("rerun", str(result)).code == 2
    assert files(result.parent.parent) == before


def test_where_it_was_made_and_logged_does_not_count(siamnas: Callable, result: Path, tmp_path: Path):
    meta = Result.load(result).meta
    meta["config"] |= {"out": str(tmp_path / "elsewhere"), "logger": {"_target_": "os.system", "command": "touch x"}}
    change(result, meta=meta)
    assert siamnas("rerun", str(result)).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_files_that_have_changed_or_moved(siamnas: Callable, tmp_path: Path):
    cells = tmp_path / "cells"
    cells.mkdir()
    for number in range(30):
        operations = ["input", *(OPERATIONS[number // 3**i % 3] for i in range(4)), "output"]
        graph = [[int(j == i + 1) for j in range(6)] for i in range(6)]
        cell = {"id": str(number), "adj_matrix": graph, "operations": operations, "gt_accuracy": (number + 1) / 100}
        (cells / f"{number:02}.json").write_text(json.dumps(cell))
    words = ("predictor=random", "search.n=5", "search.k=5", "search.depth=5", "search.rerank=0", "repeats=2")
    done = siamnas(*words, "space=json", f"space.path={cells}", "logger=none", f"out={tmp_path / 'out'}")
    assert done.code == 0, done.err
    (path,) = (tmp_path / "out").rglob(RESULT)
    moved = cells.rename(tmp_path / "moved")
    gone = siamnas("rerun", str(path))
    assert gone.code == 2 and "say where it lies now, by KEY=VALUE" in gone.err.replace("\n", " ")
    assert siamnas("rerun", str(path), f"space.path={moved}").code == 0
    (moved / "00.json").write_text((moved / "01.json").read_text().replace('"id": "1"', '"id": "0"'))
    changed = siamnas("rerun", str(path), f"space.path={moved}")
    assert changed.code == 2 and "space: path does not hold any more what the result was computed from" in changed.err


@pytest.mark.parametrize("changes", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_whatever_stands_in_a_file_is_refused_or_is_the_job(made: Path, tmp_path: Path, changes: int):
    """Small changes: nothing but `InputError` comes out, and no folder but the given one."""
    rng, old = random.Random(0), Result.load(made / RESULT)
    odd = [None, True, -1, 0, 3.5, 10**30, float("nan"), float("inf"), "", "..", "/", "os.system", "\x00", [], {}, [[]]]
    for _ in range(changes):
        meta = copy.deepcopy(old.meta)
        group: Any = rng.choice([meta["config"], meta["config"], meta["choices"], meta["identity"], meta])
        while isinstance(group, dict) and group:
            key = rng.choice(sorted(group))
            inner = group[key]
            if not isinstance(inner, dict) or not inner or rng.random() < 0.2:
                group[key] = rng.choice(odd)
                break
            group = inner
        path = tmp_path / RESULT
        try:
            Result(old.arrays, meta).save(path)
            job = rerun.job_of(rerun.load(path), path, (), tmp_path / "new")
        except InputError:
            continue
        assert job.identity == old.meta["identity"]
        assert job.folder.is_relative_to(tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == [RESULT]


def test_a_nest_is_refused(siamnas: Callable, result: Path):
    meta = Result.load(result).meta
    nest: Any = {}
    for _ in range(900):
        nest = {"a": nest}
    meta["config"]["space"]["deep"] = nest
    change(result, meta=meta)
    assert siamnas("rerun", str(result)).code == 2


@pytest.mark.parametrize(
    ("new", "repeats", "rounded"),
    [
        (ROW + [[0, 0], [1e-9, 0], [0, 0]], (1,), True),
        (ROW + [[0, 0], [1, 0], [0, 1]], (1, 2), False),
        (np.where(ROW == 3, np.nan, ROW), (1,), False),
        (np.where(ROW == 5, np.inf, ROW), (2,), False),
        (-ROW * 0, (0, 1, 2), False),
        (ROW.astype(np.float32), None, False),
        (ROW[:2], None, False),
        (ROW.astype(str), None, False),
    ],
)
def test_one_array(new: np.ndarray, repeats: tuple[int, ...] | None, rounded: bool):
    (found,) = agreement.differences({"a": ROW}, {"a": new})
    assert (found.repeats, found.rounded) == (repeats, rounded)
    assert bool(found.why) == (repeats is None)


def test_a_choice_is_never_rounded_and_measured_times_do_not_count():
    ints = np.arange(3)
    (found,) = agreement.differences({"looked": ints}, {"looked": ints + [0, 0, 1]})
    assert not found.rounded and found.repeats == (2,)
    times = {name: np.ones(3) for name in agreement.TIMES}
    other = {name: np.full(3, 2.0) for name in agreement.TIMES}
    assert len(list(agreement.differences(times, other))) == 3
    assert not list(agreement.differences(times, other, timed=True))
    assert not list(agreement.differences({"a": ROW * np.nan}, {"a": ROW * np.nan}))


def test_help_says_what_the_status_means():
    shown = subprocess.run([sys.executable, "-m", "siamnas", "rerun", "--help"], capture_output=True, text=True)
    assert shown.returncode == 0 and "4 they differ" in " ".join(shown.stdout.split())
