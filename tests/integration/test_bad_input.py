"""Bad input and what goes wrong: one clear sentence, and the exit code."""

from pathlib import Path

import pytest

from siamnas.jobs.store import Result
from tests.support import QUICK, results


def test_resolve_alone_is_refused(siamnas):
    shown = siamnas("--resolve", "predictor=random")
    assert shown.code == 2 and "--resolve: has an effect only with --cfg job" in shown.err
    assert siamnas("--cfg=job", "--resolve", "predictor=random").code == 0


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["predictor=siam"], ["no option predictor=siam", "siams_nsam_bts", "gcn"]),
        (["serach.n=30"], ["unknown key serach.n (did you mean search.n"]),
        (["+seed=3"], ["+seed: is there; its value is set by seed=..."]),
        (["+space=darts"], ["+space: is there; its option is chosen by space=..."]),
        (["+hydra.job.name=" + "x" * 3000], ["already at 'hydra.job.name'", "xxx..."]),
        (["trainer.epoch=30"], ["unknown key trainer.epoch (did you mean trainer.epochs"]),
        (["predictor=column", "predictor.colum=flops"], ["unknown key predictor.colum (did you mean predictor.column"]),
        (["predictor=gp", "search.k=5"], ["unknown key search.k: search=active has none; search=topk has one"]),
        (
            ["predictor=random", "predictor.kernel.linear=0"],
            ["predictor=random has none; predictor=gp has one"],
        ),
        (["+predictor.zz=1"], ["unknown key predictor.zz"]),
        (["predictor=random", "+predictor.zz=1"], ["unknown key predictor.zz"]),
        (["search.n=20000"], ["search.n=20000: must be at most 15614"]),
        (["search.n=15600", "search.k=60"], ["search.n + search.k = 15660 must be at most 15625"]),
        (["acquisition=30"], ["acquisition=30: must be the name of an option: bts, ehvi, ei, half, mutants"]),
        (["predictor=gcn,3"], ["predictor=gcn,3: must be the name of an option"]),
        (["logger=null"], ["logger=null: must be the name of an option: csv, mlflow, none, tensorboard, wandb"]),
        (["trainer=${name}"], ["trainer=${name}: must be the name of an option: debug, fast, gpu, paper"]),
        (["~trainer=0.5"], ["~trainer=0.5: must be the name of an option: debug, fast, gpu, paper"]),
        (["=0.5"], ["=0.5: has no key; must have the form key=value"]),
        (["seed=0,1", "~=0.5", "-m"], ["~=0.5: has no key"]),
        (["+="], ["+=: has no key"]),
        (["x" * 300 + "=1"], ["unknown key xxx", "xxx..."]),
        (["+" + "x/" * 3000 + "=null"], ["x/x/x...: can't be read"]),
        (["predictor=" + "x" * 300], ["predictor=xxx", "siams_nsam_bts"]),
        (["search.n=3"], ["search.n=3: must be at least 4", "choose its final state"]),
        (["search.k=0"], ["search.k=0: must be an integer of at least 1"]),
        (["repeats=-2"], ["repeats=-2: must be an integer of at least 1"]),
        (["space.label.run=1"], ["run", "mean"]),
        (["predictor=column", "predictor.column=flop"], ["predictor.column=flop", "flops"]),
        (["predictor._target_=siamnas.predictors.none.None"], ["predictor._target_=siamnas.predictors.none.None"]),
        (["logger=wand"], ["no option logger=wand", "wandb"]),
        (["seed=a=b"], ["seed=a=b: can't be read"]),
        (["predictor=gpp"], ["(did you mean gp?); known"]),
        (["predictr=gp"], ["unknown key predictr (did you mean predictor?)"]),
        (["space.constraints=[flops<=35"], ["error: space.constraints=[flops<=35: can't be read"]),
        (["predictor=random", "search.n=${missing}"], ["search.n: Interpolation key 'missing' not found"]),
        (
            ["+acquisition.order=" + 5000 * "9"],
            ["+acquisition.order=999", "can't be read: Exceeds the limit (4300 digits)"],
        ),
        (["predictor=gcn,siams"], ["--multirun"]),
        (
            ["-m", "hydra.launcher=joblib"],
            ["hydra.launcher=joblib: a launcher is chosen by cluster=joblib or"],
        ),
        (["hydra.run=x"], ["hydra.run=x: hydra.run has keys, which are set one by one, as in hydra.job.env_set.NAME="]),
        (["-m", "seed=0,1", "~hydra.callbacks.sweep"], ["~hydra.callbacks.sweep: is decided by siamnas"]),
        (["+hydra.runtime.choices.space=x"], ["+hydra.runtime.choices.space=x: is decided by siamnas; leave it out"]),
        (["+hydra.callbacks.mine=3"], ["Hydra was given +hydra.callbacks.mine=3"]),
        (["+hydra.x=3"], ["unknown key hydra.x"]),
        (["+hydra.job.nam=x"], ["unknown key hydra.job.nam (did you mean name?)"]),
        (["hydra.verbose=3"], ["error: AssertionError", "; Hydra was given hydra.verbose=3"]),
        (["hydra.hydra_logging.root=x"], ["Unable to configure root logger; Hydra was given hydra.hydra_logging.root"]),
        (["-m", "seed=0,1", "out=${missing}"], ["error: out=${missing}: Interpolation key 'missing' not found\n"]),
        (
            ["hydra.mode=MULTIRUN", "seed=interval(0,1)"],
            ["seed=interval(0,1): an interval has no jobs; must be values"],
        ),
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
        (["predictor=siam"], "no option predictor=siam"),
        pytest.param(["serach.n=30"], "unknown key serach.n", marks=pytest.mark.slow),
        pytest.param(["predictor=forest", "search.n=20000"], "search.n=20000", marks=pytest.mark.slow),
        (["-m", "predictor=random", "out=/dev/null/x", "search.n=5,6"], "out: cannot write to /dev/null/x"),
    ],
)
def test_bad_input_as_a_process(process, tmp_path: Path, arguments: list[str], message: str):
    shown = process(*arguments, "logger=none")
    assert shown.code == 2
    assert message in shown.err
    assert "Traceback" not in shown.err
    assert not list(tmp_path.iterdir())


def test_a_command_that_is_none(siamnas):
    shown = siamnas("statsu", "outputs")
    assert shown.code == 2 and "unknown command statsu (did you mean status?); known here: run, measure" in shown.err


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
    result.meta["identity"]["search"]["n"] = 31
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
