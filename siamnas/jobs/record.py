"""What became of a job: `job.json` in its folder, which `siamnas status` reads."""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siamnas.config import overrides, translate
from siamnas.config.instantiate import TARGET
from siamnas.errors import InputError
from siamnas.runtime.files import whole

if TYPE_CHECKING:  # `siamnas --help` is quick without all that a job needs
    from siamnas.experiment.configuration import Job

RECORD = "job.json"


@contextmanager
def keep(job: "Job") -> Iterator[None]:
    """Keep the record of a job: running, then done, failed or interrupted.

    Args:
        job: its folder exists.
    """
    record = {
        "state": "running",
        "overrides": list(job.overrides),
        "choices": job.choices,
        "config": job.config,
        "host": platform.node(),
        "pid": os.getpid(),
        "started": now(),
        "logged": [],
    }
    try:
        _write(job.folder, record)
        yield
        _write(job.folder, {**record, "logged": logged(job.folder), "state": "done", "ended": now()})
    except BaseException as error:
        state = "failed" if isinstance(error, Exception) else "interrupted"
        with suppress(InputError):  # the error that ends the job says more
            ended = {"logged": logged(job.folder), "state": state, "ended": now(), "error": first_line(error)}
            _write(job.folder, {**record, **ended})
        raise


def read(folder: Path) -> dict[str, Any]:
    """The record of the job in `folder`; empty where there is none that can be read and is one."""
    path = folder / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None  # a pipe would wait for ever
    except (OSError, ValueError, RecursionError):
        return {}
    shapes = {"overrides": list, "choices": dict, "config": dict, "logged": list}
    if not isinstance(record, dict) or not all(
        isinstance(record.get(key, kind()), kind) for key, kind in shapes.items()
    ):
        return {}
    if not all(isinstance(word, str) for word in record.get("overrides", [])):
        return {}
    now = translate.meta(record)
    if not all(overrides.is_safe(word, is_own(path)) for word in now.get("overrides", [])):
        del now["overrides"]
    return now | {"overrides": translate.words(now["overrides"])} if "overrides" in now else now


def is_own(path: Path) -> bool:
    """Whether a file was written by the user who runs this, where that can be known."""
    return not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()


def logged(folder: Path) -> list[str]:
    """The loggers that the result has been reported by, as `logger_of` names them."""
    return read(folder).get("logged", [])


def add_logged(folder: Path, logger: str) -> None:
    """Write down that a logger has reported the result.

    Raises:
        InputError: the record can't be written.
    """
    _write(folder, {**read(folder), "logged": [*logged(folder), logger]})


def logger_of(job: "Job") -> str | None:
    """What a job is to be reported by, and where: the texts of its group `logger`; None for `logger=none`."""
    fields = job.config["logger"]
    texts = [f"{key}={value}" for key, value in sorted(fields.items()) if isinstance(value, str)]
    return " ".join(texts) if fields.get(TARGET) else None


def now() -> str:
    """Local time to the second."""
    return datetime.now().isoformat(sep=" ", timespec="seconds")


def first_line(error: BaseException) -> str:
    """An error in one line."""
    message = (str(error).splitlines() or [""])[0]
    return message if isinstance(error, InputError) else f"{type(error).__name__}: {message}".removesuffix(": ")


def _write(folder: Path, record: dict[str, Any]) -> None:
    """Replace the file at once."""
    with whole(folder / RECORD) as file:
        file.write(json.dumps(record, indent=1))
