"""Any command line is checked before any work: it would run, or it ends with status 2 and one sentence."""

import contextlib
import io
import os
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hydra._internal.core_plugins import basic_launcher
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra_plugins.hydra_joblib_launcher import _core as joblib_launcher
from hypothesis import strategies as st
from omegaconf import OmegaConf

from siamnas.cli import main
from siamnas.config.compose import CONF_DIR, compose, groups, options
from siamnas.errors import LONGEST
from siamnas.experiment import build, dry_run
from siamnas.experiment.configuration import Job
from siamnas.jobs.monitor import Ended
from siamnas.measure import evaluator
from siamnas.measure.settings import Settings
from tests.fuzz.support import ODD, fuzz, is_clear, several

VALUES = st.sampled_from([
    "", "null", "true", "0", "1", "-1", "2", "3", "0.5", "1e3", "1e400", "nan", "inf", "-inf", "1e-320", "9" * 30,
    "9" * 5000,
    "[]", "{}", "[1]", "[1,[2]]", "[null]", "{a:1}", "{a:{b:[]}}", "[" * 200, "'a b'", '"ä"', "ä", "٣", "\x00",
    "'\x1b[2J'",
    "\ud800", "../x", "/dev/zero", "/etc/passwd", "${seed}", "${name}", "${missing}", "${oc.env:HOME}", "${a",
    "${search}",
    "range(1,3)", "choice(1,2)", "1,2", "glob(*)", "sort(1,2)", "interval(0,1)", "shuffle(1,2)", "int(3.7)", "str(3)",
    "[flops<=35]", "[flops<=]", "flops", "test_200_mean", "a=b", "a:b", "x" * 3000, "\\", "'", '"', "(", "@", ",", "]",
    "os.system", "siamnas.runner.run", "sklearn.ensemble.RandomForestRegressor", "numpy.load", "builtins.exec", "a..b",
    ".",
])  # fmt: skip
SIGNS = st.sampled_from(["", "", "", "", "", "+", "++", "~"])
FLAGS = [
    flags.split()
    for flags in "-m|--multirun|--cfg job|--cfg odd|--resolve|--package a|--help|--info x|--config-dir /nowhere|"
    "--config-name odd|--config-path odd|--odd|-|--".split("|")
]
PRIMARY = {"search": "config", "measure": "measure"}


def keys(value: Any, prefix: str = "") -> list[str]:
    """All dotted keys of a container."""
    own = value.items() if isinstance(value, dict) else ()
    return [name for key, inner in own for name in (f"{prefix}{key}", *keys(inner, f"{prefix}{key}."))]


@cache
def chosen() -> list[str]:
    """A word for each option of each group."""
    return [f"{group}={option}" for group in groups() for option in options(group)]


def set_by(word: str) -> list[str]:
    """The keys that an option sets."""
    return keys(OmegaConf.to_container(OmegaConf.load(CONF_DIR / f"{word.replace('=', '/')}.yaml")))


def words(known: list[str]) -> st.SearchStrategy[str]:
    """A word that sets a key, chooses an option, or neither."""
    key = st.sampled_from(known) | st.sampled_from(
        ["x", "a.b", "", "space@x", "_target_", "hydra.job.name", "é", "search.x"]
    )
    return (
        st.builds("{}{}={}".format, SIGNS, key, VALUES)
        | st.sampled_from(chosen())
        | st.builds("{}{}".format, SIGNS, key)
        | st.sampled_from([str(odd) for odd in ODD if isinstance(odd, str)])
        | st.text(max_size=8)
    )


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """A command line of one of the commands."""
    command = draw(st.sampled_from(["", "", "", "run", "measure", "measure"]))
    known = known_keys(PRIMARY["measure" if command == "measure" else "search"])
    given = draw(st.lists(words(known), min_size=1, max_size=4))
    flags = draw(st.sampled_from(FLAGS)) if draw(st.integers(0, 4)) == 0 else []
    return [*([command] if command else []), *flags, *given]


@cache
def known_keys(primary: str) -> list[str]:
    cfg, _ = compose([] if primary == "config" else ["what=flops"], primary)
    return keys(OmegaConf.to_container(cfg))


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[list[str]], tuple[int, str]]:
    """A command line up to where its work would begin: its exit code, and what it has said."""
    Plugins.instance()  # which makes the classes below anew, once

    def stop(job: Job, checks: dry_run.Checks | None = None) -> SimpleNamespace:
        dry_run.fits(job, build.searched(job.config, build.any_benchmark(job.config)))
        build.logger(job.config)
        return SimpleNamespace(result=None, before=False)

    def stop_measuring(job: Settings) -> None:
        evaluator.fits(job)

    def some(launcher: Any, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        for number in range(9, len(job_overrides)):  # all have been checked before: a few are as good as hundreds
            for callback in launcher.hydra_context.callbacks.callbacks:
                callback.monitor.post(number, Ended("skipped"))
        return launch(launcher, job_overrides[:9], initial_job_idx)

    launch: Any = basic_launcher.BasicLauncher.launch
    monkeypatch.setattr(basic_launcher.BasicLauncher, "launch", some)
    monkeypatch.setattr(joblib_launcher, "launch", some)  # other processes would do the work that is stopped here
    monkeypatch.setattr("siamnas.runner.run", stop)
    monkeypatch.setattr("siamnas.runner.show", lambda _: None)
    monkeypatch.setattr("siamnas.jobs.summary.headline", lambda _: "nothing was computed")
    monkeypatch.setattr("siamnas.measure.run.run", stop_measuring)
    monkeypatch.setattr("siamnas.cli.sweep.shutil.which", lambda _: None)  # no Slurm that would do the work
    monkeypatch.chdir(tmp_path)

    def call(arguments: list[str]) -> tuple[int, str]:
        sys.argv[:] = ["siamnas", *arguments]
        os.environ.pop(main.FULL_ERROR, None)
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()) as said,
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore", UserWarning)  # which is no error outside the tests
            try:
                main.main()
                return 0, said.getvalue()
            except SystemExit as end:
                return (end.code if isinstance(end.code, int) else int(end.code is not None)), said.getvalue()

    monkeypatch.setattr(sys, "argv", ["siamnas"])
    return call


@several(10)
def test_any_command_line_is_checked(checked: Callable[[list[str]], tuple[int, str]], tmp_path: Path, cases: int):
    def check(arguments: list[str]) -> None:
        code, said = checked(arguments)
        assert code in (0, 2), said
        assert "Traceback" not in said
        if code:
            # What can't be printed is shown by its number, a long word by its begin, an option by what it sets.
            named = [word.partition("=")[0] if word.isprintable() else "" for word in arguments]
            named += [key for word in arguments if word in chosen() for key in set_by(word)]
            is_clear(said, *(part[: LONGEST - 2] for name in named for part in re.split("[.@]", name.lstrip("+~"))))

    assert checked(["seed=3"])[0] == checked(["-m", "cluster=joblib", "acquisition=bts"])[0] == 0
    fuzz(cases, lines(), check, seconds=180)  # a sweep of a thousand jobs is composed for minutes
