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

import numpy as np

log = logging.getLogger(__name__)

SOURCE = Path(__file__).with_name("kernels.c")
FLAGS = ("-O3", "-march=native", "-ffast-math", "-fPIC", "-shared")


@functools.lru_cache(maxsize=256)
def load(support: bytes, nodes: int, cells: int, weighted: bool) -> ctypes.CDLL | None:
    """The kernels for one kind of graph; None where there is no working C compiler (said once in the log).

    Args:
        support: bytes of the (V, V) bool array of edges that can occur, self loops included.
        nodes: V.
        cells: B.
        weighted: the edges differ between cells; else all of them are there, with weight 1.
    """
    compiler = _compiler()
    if compiler is None:
        return None
    text = _header(np.frombuffer(support, dtype=bool).reshape(nodes, nodes), cells, weighted) + SOURCE.read_text()
    key = hashlib.sha256("\n".join([text, compiler, *FLAGS, _processor()]).encode()).hexdigest()
    try:
        target = _cache() / f"kernels-{key[:16]}.so"
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


def _header(support: np.ndarray, cells: int, weighted: bool) -> str:
    """The constants and the two sums over neighbours that `kernels.c` expects, written out for this graph."""
    nodes = len(support)
    neighbours = ", ".join(str(int(flag)) for flag in (support | support.T).ravel())
    lines = [
        f"#define V {nodes}",
        f"#define B {cells}",
        "#define EACH(i, n) for (int i = 0; i < (n); i++)",
        f"static const int NEIGHBOURS[] = {{{neighbours}}};",
    ]
    for name, edges in (("along", support), ("against", support.T)):
        lines.append(
            f"static inline void {name}(const float *restrict x, const float *restrict A, float *restrict out) {{"
        )
        for i in range(nodes):
            terms = []
            for j in np.flatnonzero(edges[i]):
                place = i * nodes + j if name == "along" else j * nodes + i
                terms.append(f"x[{j} * B + b]" + (f" * A[{place} * B + b]" if weighted else ""))
            lines.append(f"    EACH(b, B) out[{i} * B + b] = {' + '.join(terms) or '0.f'};")
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
