"""Compile and load `kernels.c`: half a second with any C compiler, kept in the user's cache folder.

PyTorch's eager operators write every intermediate array of batch norm and mish to memory, and `torch.compile` needs a
minute for this network; these few fused loops need neither (measured in `experiments/speed`).
"""

import ctypes
import functools
import hashlib
import logging
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

log = logging.getLogger(__name__)

SOURCE = Path(__file__).with_name("kernels.c")
FLAGS = ("-O3", "-march=native", "-ffast-math", "-fPIC", "-shared")


@functools.cache
def load(nodes: int, cells: int) -> ctypes.CDLL | None:
    """The kernels for V = `nodes` and B = `cells`; None where there is no working C compiler (said once in the log)."""
    compiler = _compiler()
    if compiler is None:
        return None
    shape = (f"-DV={nodes}", f"-DB={cells}")
    key = hashlib.sha256("\n".join([SOURCE.read_text(), compiler, *FLAGS, *shape, _processor()]).encode()).hexdigest()
    try:
        target = _cache() / f"kernels-{key[:16]}.so"
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=target.parent) as folder:
                built = Path(folder) / target.name
                subprocess.run(
                    [compiler, *FLAGS, *shape, str(SOURCE), "-o", str(built), "-lm"], check=True, capture_output=True
                )
                built.replace(target)
        return ctypes.CDLL(str(target))
    except (OSError, subprocess.CalledProcessError) as error:
        log.warning(
            "The C kernels could not be built (%s): training runs in plain PyTorch, several times slower.", error
        )
        return None


@functools.cache
def _compiler() -> str | None:
    found = next((path for name in (os.environ.get("CC", "cc"), "gcc", "clang") if (path := shutil.which(name))), None)
    if found is None:
        log.warning("No C compiler on the PATH: training runs in plain PyTorch, several times slower.")
    return found


def _cache() -> Path:
    """A folder of this user that survives the process."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "siamnas"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"siamnas-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@functools.cache
def _processor() -> str:
    """What `-march=native` depends on: nodes of a cluster share a home folder, not a processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return "\n".join(dict.fromkeys(line for line in lines if line.startswith(("flags", "Features", "model name"))))
    except OSError:
        return platform.processor() + platform.machine()
