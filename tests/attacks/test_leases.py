"""Leases of processes that can't be seen from here although their host has the same name: containers."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from siamnas.jobs.lease import LEASE
from siamnas.runtime import lease
from siamnas.runtime.lease import Busy, Lease
from tests.support import ROOT

HOLD = """
import sys, time
from pathlib import Path
from siamnas.jobs.lease import Lease
Lease(Path(sys.argv[1]), "a job").take()
print("taken", flush=True)
time.sleep(60)
"""
UNSHARE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"]


def can_unshare() -> bool:
    """Whether this machine lets its users have namespaces of their own."""
    return bool(shutil.which("unshare")) and not subprocess.run([*UNSHARE, "true"], capture_output=True).returncode


@pytest.mark.skipif(not can_unshare(), reason="needs namespaces of one's own")
def test_another_namespace_of_process_ids(tmp_path: Path):
    path = tmp_path / LEASE
    command = [*UNSHARE, sys.executable, "-c", HOLD, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "taken\n"
        owner = json.loads(path.read_text())
        assert owner["pid"] < 100 and owner["place"] != lease._place(), "its id is that of another process here"
        with pytest.raises(Busy):
            Lease(path, "a job").take()
        other.kill()
    # Nobody can see that it has ended; its heart beats no more.
    assert lease.is_held(path)
    os.utime(path, (time.time() - lease.STALE - 10,) * 2)
    Lease(path, "a job").take()
    assert json.loads(path.read_text())["pid"] == os.getpid()
