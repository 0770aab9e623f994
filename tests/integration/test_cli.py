"""The command line: what a user sees, and the exit codes."""

import csv
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from siamnas import __version__
from siamnas.cli.main import PROGRAMS
from siamnas.config.compose import CONF_DIR
from siamnas.config.hydra_errors import LAUNCHERS
from siamnas.jobs.store import Result
from tests.support import QUICK, ROOT, results

HEAVY = """
import sys
from siamnas.cli.main import main
try:
    main()
finally:
    heavy = ("torch", "pytorch_lightning", "wandb", "sklearn", "pandas", "matplotlib", "scipy.stats")
    print("heavy:", [name for name in heavy if name in sys.modules])
"""


def heavy(*words: str, code: int = 0) -> str:
    """What a command line prints, and which large packages it has imported."""
    shown = subprocess.run([sys.executable, "-c", HEAVY, *words], capture_output=True, text=True)
    assert shown.returncode == code, shown.stderr
    return shown.stdout


def test_help_is_light_and_shows_groups_and_examples():
    shown = heavy("--help")
    assert "heavy: []" in shown
    for group in ("predictor", "search", "space", "experiment/ablation"):
        assert f"\n{group}=\n" in shown
        for file in (ROOT / "conf" / group).glob("*.yaml"):
            assert re.search(rf"^  {file.stem} +\S.{{9,}}$", shown, re.M), (
                f"a line that says what {group}={file.stem} is"
            )
    assert max(map(len, shown.splitlines())) <= 80 and "..." not in re.sub(r"\[\S+\] \.\.\.", "", shown), (
        "nothing is cut"
    )
    for command in ("run", *PROGRAMS, "measure", "figure"):
        assert re.search(rf"^  siamnas \[?{command}\]? +\w", shown, re.M), command


def test_the_version_is_ours(siamnas):
    assert siamnas("--version") == siamnas("measure", "--version") == (0, f"siamnas {__version__}\n", "")


def test_the_packages_that_hints_name_are_those_of_the_extras():
    takes_fidelity = set()
    for path in [*(ROOT / "siamnas").rglob("*.py"), *(ROOT / "experiments").rglob("*.py")]:
        takes_fidelity |= set(re.findall(r"(?:missing|needs \w+): pip install '([^']+)'", path.read_text()))
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert takes_fidelity <= {package for extra in known.values() for package in extra} and len(takes_fidelity) == 5
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
    assert "heavy: []" in shown


SLOW_WORDS = [pytest.param(word, marks=pytest.mark.slow) for word in ("search.n=-3", "space.code.length=0.5")]


@pytest.mark.parametrize("word", ["trainer.epochs=x", "serach.n=30", *SLOW_WORDS])
def test_a_bad_value_is_refused_before_a_network_is_imported(word: str):
    assert "heavy: []" in heavy("predictor=siams_nsam_bts", word, code=2)


def test_main_job_as_a_process(process, tmp_path: Path):
    first = process(*QUICK)
    assert first.code == 0, first.err
    for word in ("random on nb201_c100", "best acc. %", "optimum", "top-K only", "below median", "Spearman", "73.51"):
        assert word in first.out
    (path,) = results(tmp_path / "outputs" / "default" / "nb201_c100" / "random")
    assert first.out.rstrip().endswith(f"result: {path.relative_to(tmp_path)}")
    assert {p.name for p in path.parent.iterdir()} == {"result.npz", "curves.csv", "run.log", "job.json"}
    assert {p.name for p in tmp_path.iterdir()} == {"outputs"}

    before = path.stat().st_mtime_ns
    second = process(*QUICK)
    assert second.code == 0
    assert f"done before: {path.relative_to(tmp_path)}" in second.out
    assert path.stat().st_mtime_ns == before


def test_result_file_has_all_that_is_needed_to_replot(siamnas, tmp_path: Path):
    assert siamnas(*QUICK, f"out={tmp_path}", "seed=5").code == 0
    (path,) = results(tmp_path)
    result = Result.load(path)
    best = result.arrays["best"]
    assert list(result.arrays["seed"]) == [5, 6, 7]
    assert best.shape == (3, 330) and result.arrays["topk"].shape == (3, 300)
    meta = result.meta
    assert meta["config"]["search"]["n"] == 30 and meta["choices"]["predictor"] == "random"
    assert meta["cells"] == 15625 and meta["optimum"] == pytest.approx(0.73513, abs=1e-5)
    assert {"python", "torch", "numpy", "siamnas"} <= set(meta["versions"])
    assert meta["report_name"] == "test_200_mean" and meta["device"] and meta["machine"]["cores"]
    assert meta["seconds"] > 0 and len(meta["chunk_seconds"]) == 1
    for r, found in enumerate(meta["found"]):
        assert re.fullmatch(r"\|\w+~0\|\+\|\w+~0\|\w+~1\|\+\|\w+~0\|\w+~1\|\w+~2\|", found["architecture"])
        assert found["accuracy"] == best[r, 59] and found["seed"] == 5 + r
    assert json.dumps(meta["config"])

    with (path.parent / "curves.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 330
    assert (rows[59]["evaluations"], rows[59]["k"], rows[29]["k"]) == ("60", "30", "")
    assert float(rows[59]["best_acc_mean"]) == pytest.approx(best[:, 59].mean(), rel=1e-6)
    assert float(rows[59]["best_acc_std"]) == pytest.approx(best[:, 59].std(ddof=1), rel=1e-6)
    topk = result.arrays["topk"][:, 29]
    assert float(rows[59]["topk_mean"]) == pytest.approx(topk.mean(), rel=1e-6)


NETWORK = ("predictor=siams_nsam_bts", "trainer=debug", "trainer.chunk=25")


@pytest.mark.parametrize("words", [(), pytest.param(NETWORK, marks=pytest.mark.slow)])
def test_split_jobs_give_the_same_repeats_to_the_bit(siamnas, tmp_path: Path, words: tuple[str, ...]):
    job = (*QUICK, *words, f"out={tmp_path}")
    assert siamnas(*job, "repeats=4", "trainer.threads=1", "name=whole").code == 0
    for seed, repeats in ((0, 1), (1, 3)):
        assert siamnas(*job, f"repeats={repeats}", f"seed={seed}", "name=split").code == 0
    whole = Result.load(*results(tmp_path / "whole")).arrays
    for path in results(tmp_path / "split"):
        part = Result.load(path).arrays
        rows = np.isin(whole["seed"], part["seed"])
        for name in whole:
            np.testing.assert_array_equal(whole[name][rows], part[name], f"{path}: {name}")


def test_run_as_first_word_and_width_of_the_table(siamnas, tmp_path: Path):
    shown = siamnas("run", *QUICK, f"out={tmp_path}")
    assert shown.code == 0
    assert re.search(r"^method +space +N +K", shown.out, re.M)


@pytest.mark.parametrize("start", [["-m", "siamnas.run"], ["-c", "from siamnas.cli.main import main; main()"]])
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
    spent = (
        ("search.n=13",) if predictor == "weaknas" else ("search=topk", "search.n=8", "search.k=5")
    )  # it has its own rounds
    shown = siamnas(*job, *own, *spent, "repeats=2", "logger=csv", f"out={tmp_path}")
    assert shown.code == 0, shown.err
    result = Result.load(*results(tmp_path))
    assert np.isfinite(result.arrays["best"]).all()
    assert all(len(set(row[:13])) == 13 for row in result.arrays["evaluated"].tolist())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("search", "bets", "mine"), "unknown command bets (did you mean best?); known here: start, ask, tell"),
        (("search", "watch", "mine", "--every", "0"), "error: --every: '0' must be a number above 0"),
        (("report", "--at", "30,x"), "error: --at: '30,x' must be whole numbers above 0 such as 30,100"),
        (("report", "--n", "0"), "error: --n: '0' must be whole numbers above 0"),
    ],
)
def test_a_word_of_a_program_that_does_not_fit_is_named(siamnas, words: tuple[str, ...], said: str):
    shown = siamnas(*words)
    assert shown.code == 2 and said in shown.err and "invalid" not in shown.err
