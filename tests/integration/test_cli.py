"""The command line: what a user sees, and the exit codes."""

import csv
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest

from siamnas import __version__
from siamnas.compose import CONF_DIR
from siamnas.explain import LAUNCHERS
from siamnas.jobs.store import Result, Store

ROOT = Path(__file__).resolve().parents[2]
QUICK = ("predictor=random", "logger=none", "repeats=3")
HEAVY = """
import sys
from siamnas.cli import main
try:
    main()
finally:
    heavy = ("torch", "pytorch_lightning", "wandb", "sklearn", "pandas", "matplotlib", "scipy.stats")
    print("heavy:", [name for name in heavy if name in sys.modules])
"""


def results(folder: Path) -> list[Path]:
    return sorted(folder.rglob("result.npz"))


def heavy(*words: str) -> str:
    """What a command line prints, and which large packages it has imported."""
    return subprocess.run([sys.executable, "-c", HEAVY, *words], capture_output=True, text=True, check=True).stdout


def test_resolve_alone_is_refused(siamnas):
    shown = siamnas("--resolve", "predictor=random")
    assert shown.code == 2 and "--resolve: has an effect only with --cfg job" in shown.err
    assert siamnas("--cfg=job", "--resolve", "predictor=random").code == 0


def test_help_is_light_and_shows_groups_and_examples():
    shown = heavy("--help")
    assert "heavy: []" in shown
    assert re.search(r"^predictor: .*gcn.*siams_nsam_bts", shown, re.M)
    assert re.search(r"^space: .*nb201_c100.*tiny_nb201", shown, re.M)
    assert len(re.findall(r"^  python -m siamnas\.run", shown, re.M)) == 3
    assert re.search(r"^  siamnas figure fig4", shown, re.M)


def test_the_version_is_ours(siamnas):
    assert siamnas("--version") == siamnas("measure", "--version") == (0, f"siamnas {__version__}\n", "")


def test_the_packages_that_hints_name_are_those_of_the_extras():
    hints = set()
    for path in [*(ROOT / "siamnas").rglob("*.py"), *(ROOT / "experiments").rglob("*.py")]:
        hints |= set(re.findall(r"(?:missing|needs \w+): pip install '([^']+)'", path.read_text()))
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert hints <= {package for extra in known.values() for package in extra} and len(hints) == 3
    assert [f"{package}>=1.2" for package in sorted(LAUNCHERS.values(), reverse=True)] == known["cluster"]


@pytest.mark.parametrize("words", [("--help",), ("--cfg", "job"), ("report", "--help")])
def test_nobody_reads(words: tuple[str, ...]):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "siamnas.run", *words]
    shown = subprocess.run(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert shown.stderr == "" and shown.returncode in (0, 141)


@pytest.mark.parametrize("predictor", ["random", "column"])
def test_a_job_without_a_model_starts_light(tmp_path: Path, predictor: str):
    shown = heavy(f"predictor={predictor}", "repeats=1", "logger=none", f"out={tmp_path}")
    assert "heavy: ['scipy.stats']" in shown, "for the rank correlations"


def test_main_job_as_a_process(process, tmp_path: Path):
    first = process(*QUICK)
    assert first.code == 0, first.err
    for word in ("random on nb201_c100", "best acc. %", "optimum", "published", "failed", "Spearman", "73.51"):
        assert word in first.out
    (path,) = results(tmp_path / "outputs" / "default" / "nb201_c100" / "random")
    assert first.out.rstrip().endswith(str(path))
    assert {p.name for p in path.parent.iterdir()} == {"result.npz", "curves.csv", "run.log", "job.json"}
    assert {p.name for p in tmp_path.iterdir()} == {"outputs"}

    before = path.stat().st_mtime_ns
    second = process(*QUICK)
    assert second.code == 0
    assert f"done before: {path}" in second.out
    assert path.stat().st_mtime_ns == before


def test_what_comes_after_the_result_is_made_up_for(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A job that is cut off once its result is there, and one that is to be logged only afterwards."""
    job = (*QUICK, "predictor._target_=plugins.Noted", f"out={tmp_path}")
    monkeypatch.syspath_prepend(ROOT / "tests")
    with monkeypatch.context() as patch:
        patch.setattr("siamnas.jobs.summary.curve_rows", lambda *_: sys.exit(9))
        assert siamnas(*job).code == 9
    (path,) = results(tmp_path)
    computed = path.stat().st_mtime_ns
    monkeypatch.setattr("siamnas.run.search_all", lambda *_: pytest.fail("computed again"))
    assert "done before" in siamnas(*job).out
    assert len((path.parent / "curves.csv").read_text().splitlines()) == 331
    assert not (path.parent / "training.csv").exists()
    for _ in range(2):
        shown = siamnas(*job, "logger=csv")
        assert shown.code == 0 and "done before" in shown.out
        assert (path.parent / "training.csv").exists()
        with monkeypatch.context() as patch:
            patch.setattr("siamnas.loggers.csv_logger.CsvLogger.log", lambda *_: pytest.fail("logged twice"))
            assert siamnas(*job, "logger=csv").code == 0
    assert path.stat().st_mtime_ns == computed
    assert not list(tmp_path.rglob("claim.json"))


def test_a_full_disk(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk):
    job = (*QUICK, "trainer.chunk=2", f"out={tmp_path}")
    save = Store.save

    def full(store: Store, result: Result) -> None:
        with full_disk():
            save(store, result)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "save", full)
        shown = siamnas(*job)
    assert shown.code == 2
    assert "result.npz: cannot be written: " in shown.err.replace("\n", "") and "Traceback" not in shown.err
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        "0-1.npz",
        "2-2.npz",
        "job.json",
        "run.log",
    }
    again = siamnas(*job)
    assert again.code == 0 and "3 of 3 repeats are already on disk" in again.err


def test_result_file_has_all_that_is_needed_to_replot(siamnas, tmp_path: Path):
    assert siamnas(*QUICK, f"out={tmp_path}", "seed=5").code == 0
    (path,) = results(tmp_path)
    result = Result.load(path)
    best = result.arrays["best"]
    assert list(result.arrays["identity"]) == [5, 6, 7]
    assert best.shape == (3, 330) and result.arrays["published"].shape == (3, 300)
    meta = result.meta
    assert meta["config"]["search"]["n"] == 30 and meta["choices"]["predictor"] == "random"
    assert meta["cells"] == 15625 and meta["optimum"] == pytest.approx(0.73513, abs=1e-5)
    assert {"python", "torch", "numpy", "siamnas"} <= set(meta["versions"])
    assert meta["report_name"] == "test_200_mean" and meta["device"] and meta["machine"]["cores"]
    assert meta["seconds"] > 0 and len(meta["chunk_seconds"]) == 1
    for r, found in enumerate(meta["found"]):
        assert re.fullmatch(r"\|\w+~0\|\+\|\w+~0\|\w+~1\|\+\|\w+~0\|\w+~1\|\w+~2\|", found["architecture"])
        assert found["accuracy"] == best[r, 59] and found["identity"] == 5 + r
    assert json.dumps(meta["config"])

    with (path.parent / "curves.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 330
    assert (rows[59]["evaluations"], rows[59]["k"], rows[29]["k"]) == ("60", "30", "")
    assert float(rows[59]["best_acc_mean"]) == pytest.approx(best[:, 59].mean(), rel=1e-6)
    assert float(rows[59]["best_acc_std"]) == pytest.approx(best[:, 59].std(ddof=1), rel=1e-6)
    published = result.arrays["published"][:, 29]
    assert float(rows[59]["published_mean"]) == pytest.approx(published.mean(), rel=1e-6)


@pytest.mark.parametrize("words", [(), ("predictor=siams_nsam_bts", "trainer=debug", "trainer.chunk=25")])
def test_split_jobs_give_the_same_repeats_to_the_bit(siamnas, tmp_path: Path, words: tuple[str, ...]):
    job = (*QUICK, *words, f"out={tmp_path}")
    assert siamnas(*job, "repeats=4", "trainer.threads=1", "name=whole").code == 0
    for seed, repeats in ((0, 1), (1, 3)):
        assert siamnas(*job, f"repeats={repeats}", f"seed={seed}", "name=split").code == 0
    whole = Result.load(*results(tmp_path / "whole")).arrays
    for path in results(tmp_path / "split"):
        part = Result.load(path).arrays
        rows = np.isin(whole["identity"], part["identity"])
        for name in whole:
            np.testing.assert_array_equal(whole[name][rows], part[name], f"{path}: {name}")


def test_run_as_first_word_and_width_of_the_table(siamnas, tmp_path: Path):
    shown = siamnas("run", *QUICK, f"out={tmp_path}")
    assert shown.code == 0
    assert re.search(r"^method +space +N +K", shown.out, re.M)


@pytest.mark.parametrize("start", [["-m", "siamnas.run"], ["-c", "from siamnas.cli import main; main()"]])
def test_the_current_folder_has_ones_own_predictor(tmp_path: Path, start: list[str]):
    words = ["--config-dir", "conf", "predictor=neighbours", "repeats=1", "logger=none", f"out={tmp_path}"]
    command = [sys.executable, *start, *words]
    shown = subprocess.run(
        command, cwd=ROOT / "examples", env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr
    assert "neighbours on nb201_c100" in shown.stdout


def test_one_repeat_has_no_spread(siamnas, tmp_path: Path):
    shown = siamnas("predictor=column", "logger=none", "repeats=1", f"out={tmp_path}")
    assert shown.code == 0
    assert "±" not in shown.out


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["predictor=siam"], ["Could not find 'predictor/siam'", "siams_nsam_bts", "gcn"]),
        (["serach.n=30"], ["unknown key serach.n (did you mean search.n"]),
        (["trainer.epoch=30"], ["unknown key trainer.epoch (did you mean trainer.epochs"]),
        (["predictor=column", "predictor.colum=flops"], ["unknown key predictor.colum (did you mean predictor.column"]),
        (["+predictor.zz=1"], ["unknown key predictor.zz"]),
        (["predictor=random", "+predictor.zz=1"], ["unknown key predictor.zz"]),
        (["search.n=20000"], ["search.n=20000: must be at most 15614"]),
        (["search.n=15600", "search.k=60"], ["search.n + search.k = 15660 must be at most 15625"]),
        (["acquire=30"], ["acquire=30: must be the name of an option: bts, ehvi, ei, half, mutants"]),
        (["predictor=gcn,3"], ["predictor=gcn,3: must be the name of an option"]),
        (["logger=null"], ["logger=null: must be the name of an option: csv, none, wandb"]),
        (["search.n=3"], ["search.n=3: must be at least 4", "choose its final state"]),
        (["search.k=0"], ["search.k=0: must be an integer of at least 1"]),
        (["repeats=-2"], ["repeats=-2: must be an integer of at least 1"]),
        (["space.label.run=1"], ["run", "mean"]),
        (["predictor=column", "predictor.column=flop"], ["predictor.column=flop", "flops"]),
        (["predictor._target_=siamnas.predictors.none.None"], ["predictor._target_=siamnas.predictors.none.None"]),
        (["logger=wand"], ["Could not find 'logger/wand'", "wandb"]),
        (["seed=a=b"], ["seed=a=b: can't be read"]),
        (["predictor=gcn,siams"], ["--multirun"]),
    ],
)
def test_bad_input_is_named_before_any_work(siamnas, tmp_path: Path, arguments: list[str], messages: list[str]):
    shown = siamnas("logger=none", f"out={tmp_path / 'out'}", *arguments)
    assert shown.code == 2
    for message in messages:
        assert message in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predictor=siam"], "Could not find 'predictor/siam'"),
        (["serach.n=30"], "unknown key serach.n"),
        (["predictor=forest", "search.n=20000"], "search.n=20000"),  # one that starts quicker than the default
        (["predictor=random", "out=/dev/null/x"], "out: cannot write to /dev/null/x"),
        (["-m", "predictor=random", "out=/dev/null/x", "search.n=5,6"], "out: cannot write to /dev/null/x"),
    ],
)
def test_bad_input_as_a_process(process, tmp_path: Path, arguments: list[str], message: str):
    shown = process(*arguments, "logger=none")
    assert shown.code == 2
    assert message in shown.err
    assert "Traceback" not in shown.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("interrupted", ["hydra", "rich", "numpy"])
def test_ctrl_c_while_it_starts_is_one_line(process, tmp_path: Path, interrupted: str):
    (tmp_path / f"{interrupted}.py").write_text("import os, signal, time; os.kill(os.getpid(), 2); time.sleep(60)")
    shown = process(*QUICK)
    assert shown.code == 130
    assert shown.err == "error: interrupted\n"
    assert shown.out == ""


def test_damaged_result_is_named(siamnas, tmp_path: Path):
    assert siamnas(*QUICK, f"out={tmp_path}").code == 0
    (path,) = results(tmp_path)
    path.write_bytes(path.read_bytes()[:1000])
    shown = siamnas(*QUICK, f"out={tmp_path}")
    assert shown.code == 2
    assert f"{path}: not a readable result file" in shown.err


def test_edited_result_is_not_taken_for_done(siamnas, tmp_path: Path):
    assert siamnas(*QUICK, f"out={tmp_path}").code == 0
    (path,) = results(tmp_path)
    result = Result.load(path)
    result.meta["science"]["search"]["n"] = 31
    result.save(path)
    shown = siamnas(*QUICK, f"out={tmp_path}")
    assert shown.code == 2
    assert "another configuration" in shown.err


def test_a_crash_is_logged_with_its_traceback(process, tmp_path: Path):
    shown = process(*QUICK, "predictor._target_=plugins.Failing", FAIL_AT="30")
    assert shown.code == 1
    assert "error: RuntimeError: a deliberate failure" in shown.err
    (log,) = tmp_path.rglob("run.log")
    assert "Traceback" in log.read_text() and "a deliberate failure" in log.read_text()
    assert not results(tmp_path)


def test_a_killed_job_resumes_and_ends_as_if_nothing_had_happened(process, tmp_path: Path):
    job = (*QUICK, "repeats=7", "trainer.chunk=2", "predictor._target_=plugins.Dying")
    assert process(*job, DIE_AT="5").code == -9
    parts = {path.name: path.read_bytes() for path in tmp_path.rglob("parts/*.npz")}
    assert set(parts) == {"0-1.npz", "2-3.npz"}
    resumed = process(*job)
    assert resumed.code == 0, resumed.err
    assert "4 of 7 repeats are already on disk" in resumed.err
    assert process(*job, "name=uninterrupted").code == 0

    one, other = (Result.load(*results(tmp_path / "outputs" / name)) for name in ("default", "uninterrupted"))
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name])
    assert one.meta["found"] == other.meta["found"]
    assert not list(tmp_path.rglob("parts"))


def test_a_job_that_was_killed_just_before_its_end(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr("siamnas.jobs.store.Store.save", lambda *_: sys.exit(9))
        assert siamnas(*QUICK, f"out={tmp_path}").code == 9
    shown = siamnas(*QUICK, f"out={tmp_path}")
    assert shown.code == 0, shown.err
    assert Result.load(*results(tmp_path)).repeats == 3


@pytest.mark.slow
@pytest.mark.parametrize("predictor", sorted(path.stem for path in (CONF_DIR / "predictor").glob("*.yaml")))
def test_every_predictor_runs_tiny(siamnas, tmp_path: Path, predictor: str):
    job = (
        f"predictor={predictor}",
        "trainer=debug",
        "trainer.epochs=2",
        "space=tiny_nb201",
        "space.constraints=[flops<=15]",
    )
    own = ("predictor.width=8", "predictor.epochs=2") if predictor == "brp" else ()
    shown = siamnas(*job, *own, "search.n=8", "search.k=5", "repeats=2", "logger=csv", f"out={tmp_path}")
    assert shown.code == 0, shown.err
    result = Result.load(*results(tmp_path))
    assert np.isfinite(result.arrays["best"]).all()
    assert all(len(set(row[:13])) == 13 for row in result.arrays["looked"].tolist())


@pytest.mark.slow
def test_a_killed_training_resumes(process, tmp_path: Path):
    job = ["predictor=siams", "trainer=debug", "space=tiny_nb201", "space.constraints=[flops<=15]", "trainer.epochs=2"]
    job += ["search.n=8", "search.k=5", "repeats=6", "trainer.chunk=1", "logger=none"]
    assert process(*job, "name=uninterrupted").code == 0

    command = [sys.executable, "-m", "siamnas.run", *job]
    running = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
    while not list(tmp_path.glob("outputs/default/**/parts/[0-9]*.npz")) and running.poll() is None:
        time.sleep(0.02)
    running.kill()
    assert running.wait() == -9
    assert not results(tmp_path / "outputs" / "default")

    resumed = process(*job)
    assert resumed.code == 0, resumed.err
    assert "of 6 repeats are already on disk" in resumed.err
    one, other = (Result.load(*results(tmp_path / "outputs" / name)) for name in ("default", "uninterrupted"))
    for name, array in one.arrays.items():
        np.testing.assert_allclose(array, other.arrays[name], rtol=1e-4, err_msg=name)
