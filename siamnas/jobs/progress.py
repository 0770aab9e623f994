"""How far a job is while it runs: `progress.json` in its folder, for `siamnas status`."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from siamnas.runtime import regular
from siamnas.runtime.progress import Report

PROGRESS = "progress.json"
EVERY = 2.0  # seconds between two notes


@contextmanager
def kept(folder: Path, report: Report, trainings: Path | None = None) -> Iterator[Report]:
    """A report that also writes down the share, until the job is done; a full disk changes nothing.

    Args:
        folder: of the job.
        report: called with the same share.
        trainings: where the files lie that have a line for each architecture which was trained; None where none is.
    """
    path, written = folder / PROGRESS, -EVERY
    where = trainings and os.path.relpath(trainings, folder)

    def note(share: float) -> None:
        nonlocal written
        if time.monotonic() - written >= EVERY:
            written = time.monotonic()
            with suppress(OSError):
                part = path.with_suffix(".part")
                part.unlink(missing_ok=True)
                with part.open("x") as file:  # never through a link that lies there
                    json.dump({"share": share, "trainings": where}, file)
                part.replace(path)
        report(share)

    yield note
    path.unlink(missing_ok=True)


def said(folder: Path) -> tuple[str, str]:
    """The share of a job that has not ended, and how many trainings it can go on with; both empty where unknown."""
    try:
        told = json.loads(regular.text(folder / PROGRESS))
        share, trainings = f"{float(told['share']):.0%}", told["trainings"]
        lines = (
            sum(regular.content(path).count(b"\n") for path in (folder / trainings).glob("*.jsonl")) if trainings else 0
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""
    return share, f"{lines:,} trained" if lines else ""
