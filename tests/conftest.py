"""How the tests run, and ways to run the command line: in this process (quick) and as a real one."""

import gc
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

from siamnas.cli import main
from siamnas.config.compose import compose
from siamnas.experiment import configuration
from siamnas.experiment.configuration import Job
from siamnas.runtime import terminal
from siamnas.runtime.parallel import cores
from siamnas.spaces.benchmark import Benchmark
from tests.spaces.shipped import TABLES
from tests.spaces.shipped import make as make_space
from tests.support import ROOT, Outcome

# How long an example takes says more about the machine than about the code. Examples are the same every time, and drawn
# anew in `.ci/run --full`.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("anew", deadline=None)
settings.load_profile("same")

# A shell ignores Ctrl-C for what it runs in the background, and so would the processes to which tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests run without a terminal, but pytest-xdist says that its processes have one of 80 columns.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)
terminal.out.width = terminal.PLAIN_WIDTH

# Some machines forbid it: hundreds of processes would compile siamnas, each for itself.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# One thread here and in the processes of tests: theirs is little work, and threads wait for each other on busy cores.
os.environ["OMP_NUM_THREADS"] = "1"
threadpool_limits(1)

# Python looks for cycles among millions of objects of libraries, which stay; tests make few.
gc.set_threshold(20000, 20, 20)


def pytest_collection_finish() -> None:
    """What is imported by now is never garbage."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A process per core and one more, as tests wait for others; this one for a file, and for a single test."""
    return 0 if any(".py" in word for word in config.args) else min(cores() + 1, 4)


@pytest.fixture(autouse=True)
def no_login(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test may reach a Weights & Biases account, or depend on how the machine is set up."""
    for name in list(os.environ):
        if name.startswith(("WANDB_", "HYDRA_")):
            monkeypatch.delenv(name)
    base = tmp_path_factory.getbasetemp()
    home = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # one for all: caches are filled once
    monkeypatch.setenv("NETRC", str(home / "no-netrc"))
    monkeypatch.setenv("HOME", str(home))


@pytest.fixture
def siamnas(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """The entry function with some arguments; how long it takes is not told, which a busy machine would do often."""
    monkeypatch.setattr(terminal, "PLAIN_EVERY", 3600)

    def call(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["siamnas", *arguments])
        monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
        try:
            main.main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        return Outcome(code, *capsys.readouterr())

    return call


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., Outcome]:
    """`python -m siamnas.run` in a folder of its own, without a terminal and with nothing to read from."""

    def call(*arguments: str, **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "siamnas.run", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def full_disk() -> Callable[[], AbstractContextManager[None]]:
    """While it is active, no file can be longer than a few bytes: the operating system refuses the rest."""

    @contextmanager
    def full() -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return full


@pytest.fixture(scope="session")
def shipped() -> dict[str, Benchmark]:
    """The shipped spaces by their names, loaded once."""
    return {name: make_space(name) for name in TABLES}


@pytest.fixture
def make_job() -> Callable[..., Job]:
    """A checked configuration from overrides."""

    def make(*overrides: str) -> Job:
        return configuration.load(*compose(overrides))

    return make
