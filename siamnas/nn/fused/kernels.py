"""Compile and load `training.c` and `ranking.c`: half a second with any C compiler, kept in the user's cache folder.

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

import numpy as np

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
FLAGS = ("-O3", "-march=native", "-ffast-math", "-fPIC", "-shared")


@functools.lru_cache(maxsize=256)
def load(name: str, support: bytes, nodes: int, lanes: int, weighted: bool) -> ctypes.CDLL | None:
    """The kernels for one kind of graph; None where there is no working C compiler (said once in the log).

    Args:
        name: of the source, "training" or "ranking".
        support: bytes of the (V, V) bool array of edges that can occur, self loops included.
        nodes: V.
        lanes: length of the innermost axis: cells for training, channels for ranking.
        weighted: the edges differ between cells; else all of them are there, with weight 1.
    """
    compiler = _compiler()
    if compiler is None:
        return None
    header = _header(np.frombuffer(support, dtype=bool).reshape(nodes, nodes), lanes, weighted)
    text = header + (FOLDER / "kernels.h").read_text() + (FOLDER / f"{name}.c").read_text()
    key = hashlib.sha256("\n".join([text, compiler, *FLAGS, _processor()]).encode()).hexdigest()
    try:
        target = _cache() / f"{name}-{key[:16]}.so"
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=target.parent) as folder:
                source, built = Path(folder) / "kernels.c", Path(folder) / target.name
                source.write_text(text)
                command = [compiler, *FLAGS, str(source), "-o", str(built), "-lm"]
                subprocess.run(command, check=True, capture_output=True)
                built.replace(target)
        return ctypes.CDLL(str(target))
    except (OSError, subprocess.CalledProcessError) as error:
        log.warning(
            "The C kernels could not be built (%s): training runs in plain PyTorch, several times slower.", error
        )
        return None


def _header(support: np.ndarray, lanes: int, weighted: bool) -> str:
    """The constants and the two sums over neighbours that the kernels expect, written out for this graph."""
    nodes = len(support)
    lines = [f"#define V {nodes}", f"#define LANES {lanes}", "#define EACH(i, n) for (int i = 0; i < (n); i++)"]
    for name, edges in (("SUPPORT", support), ("NEIGHBOURS", support | support.T)):
        lines.append(f"static const int {name}[] = {{{', '.join(str(int(flag)) for flag in edges.ravel())}}};")
    for name, edges in (("along", support), ("against", support.T)):
        arguments = "const float *restrict x, int stride, const float *restrict A, float *restrict out"
        lines.append(f"static inline void {name}({arguments}) {{")
        for i in range(nodes):
            terms = []
            for j in np.flatnonzero(edges[i]):
                place = i * nodes + j if name == "along" else j * nodes + i
                terms.append(f"x[{j} * stride + l]" + (f" * A[{place} * LANES + l]" if weighted else ""))
            lines.append(f"    EACH(l, LANES) out[{i} * LANES + l] = {' + '.join(terms) or '0.f'};")
        lines.append("}")
    return "\n".join([*lines, ""])


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
