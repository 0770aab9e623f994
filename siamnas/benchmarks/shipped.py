"""The tables that ship with the package, each read only if its sha256 is the one in `data/SHA256SUMS`."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.lib.npyio import NpzFile

from siamnas.errors import InputError
from siamnas.runtime import regular

DATA = Path(__file__).parent / "data"
SUMS = "SHA256SUMS"

T = TypeVar("T", bound=Callable[..., Any])


def reads(file: str) -> Callable[[T], T]:
    """Mark what makes a space of a shipped table, which belongs to the identity of its jobs."""

    def mark(load: T) -> T:
        load.shipped_table = file  # type: ignore[attr-defined]
        return load

    return mark


def digests() -> dict[str, str]:
    """File name -> expected sha256, always from the package.

    Raises:
        InputError: the list is missing or not of the form that `sha256sum` writes.
    """
    path = DATA / SUMS
    try:
        pairs = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        return {name: digest for digest, name in pairs}
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}); install the package again") from error


def read(file: str, data_dir: str | None = None) -> bytes:
    """Bytes of a shipped file, checked.

    Args:
        file: its name, for example `nb201.npz`.
        data_dir: the folder it lies in; None for the packaged data.

    Raises:
        InputError: the file is missing, unreadable or not the one that was shipped; names the file, the expected and
            the found digest, and what to do.
    """
    expected = digests().get(file)
    if expected is None:
        raise InputError(f"{DATA / SUMS}: lists no {file}; install the package again")
    path = (Path(data_dir).expanduser() if data_dir else DATA) / file
    remedy = "set space.data_dir=null to use the packaged tables" if data_dir else "install the package again"
    try:
        data = regular.content(path)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"{path}: {reason}; expected a file with sha256 {expected}; {remedy}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise InputError(
            f"{path}: truncated or altered: expected sha256 {expected}, found {found} ({len(data):,} bytes); {remedy}"
        )
    return data


def load(file: str, data_dir: str | None = None) -> NpzFile:
    """The arrays of a shipped npz, each decompressed when it is looked up; arguments and errors as for `read`."""
    archive: NpzFile = np.load(io.BytesIO(read(file, data_dir)), allow_pickle=False)
    return archive


def card(benchmark: str, dataset: str, file: str, kept: int, total: int) -> dict[str, str]:
    """Where a space comes from: the benchmark, its table, and how many of its architectures were kept."""
    return {
        "benchmark": benchmark,
        "dataset": dataset,
        "table": file,
        "sha256": digests()[file],
        "architectures": f"{kept} of {total}",
    }
