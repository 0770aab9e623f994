"""No memory to share between processes, as in containers without /dev/shm: a sentence, and the work is done in one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from siamnas.runtime import parallel
from tests.support import ROOT, results

WITHOUT = {
    "read-only": "mount -t tmpfs -o ro tmpfs /dev/shm",
    "full": "mount -t tmpfs -o nr_inodes=1 tmpfs /dev/shm",
}
COMMAND = ("space=nb_macro", "predictor=forest", "search=topk", "search.n=10", "search.k=5", "repeats=2", "logger=none")


def confined() -> bool:
    """Whether this machine lets its users mount something in a namespace of their own."""
    mount = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/dev/shm"]
    return shutil.which("unshare") is not None and subprocess.run(mount, capture_output=True).returncode == 0


@pytest.mark.skipif(not confined(), reason="needs namespaces of mounts")
@pytest.mark.parametrize("kind", ["read-only", pytest.param("full", marks=pytest.mark.slow)])
def test_a_job_whose_workers_have_none(tmp_path: Path, kind: str):
    command = [sys.executable, "-m", "siamnas", *COMMAND, f"out={tmp_path}", f"name={kind}", "trainer.threads=2"]
    shell = ["unshare", "-rm", "sh", "-c", f'{WITHOUT[kind]} && exec "$@"', "sh"]
    done = subprocess.run(
        [*shell, *command], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
        capture_output=True, timeout=120,
    )  # fmt: skip
    said = " ".join(done.stderr.split())
    assert done.returncode == 0 and "Traceback" not in said, said
    assert "warning: one process instead of 2: no memory to share, /dev/shm: " in said
    assert len(results(tmp_path)) == 1


def test_chunks_are_done_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The same results, as the chunks are the same."""
    before = list(parallel.run(squares, [range(2), range(2, 5)], 2, lambda share: None))
    monkeypatch.setattr("_multiprocessing.SemLock", refused)
    found = list(parallel.run(squares, [range(2), range(2, 5)], 2, lambda share: None))
    assert sorted(map(str, found)) == sorted(map(str, before)) and "/dev/shm: none" in capsys.readouterr().err


def squares(chunk: range, report: parallel.Report) -> list[int]:
    report(1.0)
    return [int(number) for number in np.array(chunk) ** 2]


def refused(*_: object) -> None:
    raise OSError(2, "none")
