"""What is compiled, what is taken from the cache, and what is not."""

import logging
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from siamnas.nn.fused import attend, attend_reference, kernels
from siamnas.nn.fused import compile as compiling
from siamnas.runtime import cache
from tests.nn.graphs import random_graph

SOMEONE = 65534
TEXT = "int answer(void) { return 42; }\n"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """As in a new process, with a home and a shared temporary folder of its own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    (tmp_path / "home").mkdir()
    (tmp_path / "shared").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "shared"))
    monkeypatch.setattr(compiling, "_broken", False)
    caches = (cache.folder, compiling._compiler, kernels._load)
    for function in caches:
        function.cache_clear()
    yield
    for function in caches:
        function.cache_clear()


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return tmp_path / "home" / ".cache" / "siamnas"


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return tmp_path / "shared" / f"siamnas-{os.geteuid()}"


def make(folder: Path) -> Path:
    folder.mkdir(parents=True, mode=0o700)
    return folder


def given_away(folder: Path) -> None:
    os.chown(make(folder), SOMEONE, SOMEONE)


def world_writable(folder: Path) -> None:
    make(folder).chmod(0o777)


def group_writable(folder: Path) -> None:
    make(folder).chmod(0o770)


def link(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(make(folder.parent / "elsewhere"))


def plain_file(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.touch()


HOSTILE = [pytest.param(given_away, marks=needs_root), world_writable, group_writable, link, plain_file]


def test_the_folder_is_made_private(first: Path) -> None:
    before = os.umask(0)
    try:
        assert cache.folder() == first
    finally:
        os.umask(before)
    assert stat.S_IMODE(first.stat().st_mode) == 0o700


def test_a_folder_that_others_may_read_is_closed(first: Path) -> None:
    make(first).chmod(0o755)
    assert cache.folder() == first
    assert stat.S_IMODE(first.stat().st_mode) == 0o700


def test_the_cache_of_the_desktop_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.folder() == tmp_path / "xdg" / "siamnas"


@pytest.mark.parametrize("spoil", HOSTILE)
def test_a_folder_open_to_others_is_not_used(spoil: Callable[[Path], None], first: Path, second: Path) -> None:
    spoil(first)
    assert cache.folder() == second
    assert stat.S_IMODE(second.stat().st_mode) == 0o700


@pytest.mark.parametrize("spoil", HOSTILE)
def test_nor_is_the_shared_one_and_then_it_is_a_fresh_one(
    spoil: Callable[[Path], None], first: Path, second: Path, tmp_path: Path
) -> None:
    for folder in (first, second):
        spoil(folder)
    fresh = cache.folder()
    assert fresh not in (first, second) and fresh.parent == tmp_path / "shared"
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o700
    library = compiling.load("answer", TEXT)
    assert library is not None and library.answer() == 42
    assert Path(library._name).parent == fresh and cache.folder() == fresh


def test_no_home_at_all(monkeypatch: pytest.MonkeyPatch, second: Path) -> None:
    def without() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", without)
    assert cache.folder() == second


def compiled() -> Path:
    library = compiling.load("answer", TEXT)
    assert library is not None and library.answer() == 42
    return Path(library._name)


@pytest.fixture
def no_compiling(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def forbid() -> None:
        monkeypatch.setattr(compiling, "_build", lambda *_: pytest.fail("compiled again"))

    return forbid


def test_compiled_once(no_compiling: Callable[[], None], first: Path) -> None:
    path = compiled()
    no_compiling()
    assert compiled() == path
    assert list(first.iterdir()) == [path]
    assert path.lstat().st_uid == os.geteuid() and stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"half", b"other"])
def test_a_damaged_library_is_built_anew(content: bytes) -> None:
    """A truncated one ends the process when it is loaded, so it must not even be tried."""
    path = compiled()
    whole = path.read_bytes()
    damaged = {b"half": whole[: len(whole) // 2], b"other": whole[:-1] + b"!"}.get(content, content)
    path.unlink()  # the one that is loaded stays as it is
    path.write_bytes(damaged)
    assert compiled().read_bytes() == whole


@needs_root
def test_a_library_of_someone_else_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    path = compiled()
    os.chown(path, SOMEONE, SOMEONE)
    built: list[int] = []
    build = compiling._build
    monkeypatch.setattr(compiling, "_build", lambda *arguments: built.append(1) or build(*arguments))
    assert compiled().lstat().st_uid == os.geteuid()
    assert built


def test_a_link_to_a_library_is_not_loaded(tmp_path: Path) -> None:
    path = compiled()
    path.rename(tmp_path / "elsewhere.so")
    path.symlink_to(tmp_path / "elsewhere.so")
    assert not compiled().is_symlink()


def compiler(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Make a shell script the compiler."""
    path = folder / "compiler"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("CC", str(path))


def in_plain_pytorch() -> None:
    """Two kinds of graph give the numbers of PyTorch."""
    for shared in (True, False):
        graph, q = random_graph(1, 3, 2, shared), torch.randn(1, 2, 3, 2)
        assert graph.kernels(q) is None
        torch.testing.assert_close(attend(q, q, q, graph), attend_reference(q, q, q, graph), atol=0, rtol=0)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_compiler_that_hangs_is_ended_with_all_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(compiling, "TIMEOUT", 0.5)
    compiler(monkeypatch, tmp_path, f"sleep 60 & echo $! > {tmp_path}/child; wait")
    began = time.monotonic()
    in_plain_pytorch()
    assert time.monotonic() - began < 10, "it waited once, not for the child"
    (warning,) = warnings(caplog)
    assert "timed out" in warning and "plain PyTorch" in warning
    child = Path("/proc") / (tmp_path / "child").read_text().strip()
    deadline = time.monotonic() + 5
    while (child / "stat").exists() and (child / "stat").read_text().split()[2] != "Z":
        assert time.monotonic() < deadline, "what the compiler started is still there"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("script", "said"), [("echo 'no such option' >&2; exit 1", "no such option"), ("exit 3", "3"), ("exit 0", "0")]
)
def test_a_compiler_that_fails_is_tried_once_and_quoted(
    script: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    compiler(monkeypatch, tmp_path, f"echo >> {tmp_path}/calls; {script}")
    in_plain_pytorch()
    (warning,) = warnings(caplog)
    assert said in warning and "plain PyTorch" in warning
    assert (tmp_path / "calls").read_text() == "\n"


def test_without_compiler_it_falls_back_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    in_plain_pytorch()
    assert kernels.load("ranking", np.eye(3, dtype=bool), 4, weighted=False) is None
    assert warnings(caplog) == ["No C compiler on the PATH: training runs in plain PyTorch, several times slower."]
