"""Compile and load C: half a second with any C compiler, kept in a private cache folder.

PyTorch's eager operators write every intermediate array of batch norm and mish to memory, and `torch.compile` needs a
minute for this network; a few fused loops need neither (measured in `experiments/speed`).
"""

import ctypes
import functools
import hashlib
import logging
import os
import platform
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

from siamnas.runtime import cache

log = logging.getLogger(__name__)

FLAGS = ("-O3", "-march=native", "-ffast-math", "-fPIC", "-c")
LINK = ("-shared", "-lm")
TIMEOUT = 120.0
"""Seconds after which a compiler is taken to hang; it needs half of one."""

_broken = False  # a compilation failed: another one would too, possibly after the whole timeout


def load(name: str, text: str) -> ctypes.CDLL | None:
    """The library that a C program makes, compiled unless it is in the cache.

    Args:
        name: beginning of the name of its file.
        text: the program.

    Returns:
        The library; None where there is no working C compiler (said once in the log).
    """
    global _broken
    found = _compiler()
    if found is None or _broken:
        return None
    try:
        return _load(name, text, found)
    except (OSError, subprocess.SubprocessError) as error:
        log.warning(
            "The C kernels could not be built (%s): training runs in plain PyTorch, several times slower.", error
        )
        _broken = True
        return None


def _load(name: str, text: str, compiler: str) -> ctypes.CDLL:
    """The library's file is named by what it is made of and by what it contains, so that a damaged one is seen.

    A truncated library is not an error but the end of the process when it is loaded.
    """
    made_of = _digest("\n".join([text, compiler, *FLAGS, *LINK, _processor()]).encode())
    folder = cache.folder()
    for path in folder.glob(f"{name}-{made_of}-*.so"):
        if _is_intact(path):
            return ctypes.CDLL(str(path))
        path.unlink(missing_ok=True)
    _announce()
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        built = _build(text, compiler, Path(scratch))
        target = folder / f"{name}-{made_of}-{_digest(built.read_bytes())}.so"
        built.replace(target)
    return ctypes.CDLL(str(target))


def _is_intact(path: Path) -> bool:
    try:
        return cache.is_own(path, stat.S_IFREG) and path.stem.endswith(_digest(path.read_bytes()))
    except FileNotFoundError:  # another process has just thrown it away
        return False


@functools.cache
def _announce() -> None:
    """Say once what the first use waits for."""
    log.info("compiling the C kernels for this machine, once: a second or two")


def _build(text: str, compiler: str, scratch: Path) -> Path:
    """Compile the program in an empty folder.

    Raises:
        subprocess.SubprocessError: the compiler fails or hangs.
    """
    source, compiled, built = (scratch / f"kernels.{end}" for end in ("c", "o", "so"))
    messages = scratch / "messages"
    source.write_text(text)
    _run([compiler, *FLAGS, str(source), "-o", str(compiled)], compiled, messages)
    # A step of its own: linked with -ffast-math, a library would flush denormal numbers to zero in whatever process
    # loads it.
    _run([compiler, str(compiled), "-o", str(built), *LINK], built, messages)
    built.chmod(0o700)
    return built


def _run(command: list[str], target: Path, messages: Path) -> None:
    """Run the compiler until its target is there."""
    with messages.open("wb") as stream:
        # In a session of its own, so that what the compiler started ends with it.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True
        )
        try:
            status = process.wait(TIMEOUT)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if status or not target.exists():
        said = messages.read_text(errors="replace").strip().splitlines()
        raise subprocess.SubprocessError(f"{command[0]}: {said[0] if said else f'exit status {status}'}")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


@functools.cache
def _compiler() -> str | None:
    found = next((path for name in (os.environ.get("CC", "cc"), "gcc", "clang") if (path := shutil.which(name))), None)
    if found is None:
        log.warning("No C compiler on the PATH: training runs in plain PyTorch, several times slower.")
    return found


@functools.cache
def _processor() -> str:
    """What `-march=native` depends on: nodes of a cluster share a home folder, not a processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return "\n".join(dict.fromkeys(line for line in lines if line.startswith(("flags", "Features", "model name"))))
    except OSError:
        return platform.processor() + platform.machine()
