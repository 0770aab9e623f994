"""Processes of their own that need not import large libraries, which takes longer than what most tests do with them."""

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

LIBRARIES = ["torch", "pytorch_lightning", "sklearn.ensemble", "scipy.stats", "pandas", "matplotlib.figure", "hydra"]


def run(words: Sequence[object], folder: Path, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """`python WORDS` in a folder: a script, `-m` and a module or `-c` and code, and arguments.

    It is forked from a process that has imported the large libraries and nothing of siamnas.
    """
    with TemporaryDirectory() as place:
        files = [Path(place) / name for name in ("out", "err")]
        given = (list(map(str, words)), folder, dict(os.environ), files)
        process = _context().Process(target=_main, args=given)
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(given[0], timeout)
        out, err = (path.read_text(encoding="utf-8") for path in files)
        return subprocess.CompletedProcess(given[0], process.exitcode, out, err)


@cache
def _context() -> ForkServerContext:
    """Whose one server is started by the first process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    return context


def _main(words: list[str], folder: Path, environment: dict[str, str], files: list[Path]) -> None:
    """Become the process."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(files, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    if words[0] == "-m":
        sys.argv = words[1:]
        sys.path.insert(0, str(folder))
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    elif words[0] == "-c":
        sys.argv = ["-c", *words[2:]]
        sys.path.insert(0, "")
        exec(words[1], {"__name__": "__main__"})
    else:
        sys.argv = words
        sys.path.insert(0, str(Path(words[0]).parent))
        runpy.run_path(words[0], run_name="__main__")
