"""Intermediate results of a running job, on their way from its processes to a logger."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from siamnas.loggers.base import Tell
from siamnas.runtime.progress import Report
from siamnas.search.base import Search

EVERY = 2.0  # seconds between two notes of a chunk, and between two readings of the notes
PROGRESS = "progress"
AXES = {"loss": "epoch", "best": "evaluations"}
"""Name of a live curve -> its axis."""

Points = dict[str, list[tuple[int, float]]]
"""Name of a live curve -> points on it: the position on the axis, and the mean over the repeats of a chunk."""


class Feed:
    """Reads the notes of the chunks of a job, and tells a logger what is new.

    A thread calls the logger, so that no work waits for it.

    Args:
        tell: of the logger.
        folder: of the notes, one file per chunk.
    """

    def __init__(self, tell: Tell, folder: Path) -> None:
        self.tell = tell
        self.folder = folder
        self._thread = ThreadPoolExecutor(1)
        self._telling: Future[None] | None = None
        self._read_at = -EVERY
        self._shown = {name: 0 for name in AXES}

    def look(self, share: float) -> None:
        """Tell the progress in percent, and new points of the curves: means over the chunks that are running.

        Args:
            share: finished share of the job, in [0, 1].
        """
        if time.monotonic() - self._read_at >= EVERY and (self._telling is None or self._telling.done()):
            self._read_at = time.monotonic()
            self._telling = self._thread.submit(self._tell, share)

    def wait(self) -> None:
        """Wait until the logger has been told."""
        if self._telling is not None:
            self._telling.result()

    def close(self) -> None:
        """Wait, and end the thread."""
        self._thread.shutdown()

    def _tell(self, share: float) -> None:
        row: dict[str, Any] = {PROGRESS: round(100 * share, 1)}
        notes = list(self._notes())
        for name, axis in AXES.items():
            if (at := min((len(points[name]) for _, points in notes), default=0)) == 0:
                continue
            position = notes[0][1][name][at - 1][0]
            if position > self._shown[name]:  # the next chunks begin at 1 again
                self._shown[name] = position
                values, repeats = zip(*((points[name][at - 1][1], count) for count, points in notes), strict=True)
                row |= {axis: position, f"live/{name}": float(np.average(values, weights=repeats))}
        self.tell(row)

    def _notes(self) -> Iterator[tuple[int, Points]]:
        """The number of repeats, and the points, of each running chunk."""
        for path in sorted(self.folder.glob("*.json")):
            with suppress(OSError, ValueError):  # the chunk has just ended
                yield tuple(json.loads(path.read_text()))


@contextmanager
def feed_for(tell: Tell | None) -> Iterator[Feed | None]:
    """A feed for one job; None without a logger to tell."""
    if tell is None:
        yield None
        return
    with TemporaryDirectory(prefix="siamnas-") as folder:
        with closing(Feed(tell, Path(folder))) as feed:
            yield feed


@contextmanager
def noted(folder: Path | None, search: Search, report: Report) -> Iterator[Callable[[float], None]]:
    """A report of progress that also writes the notes of a chunk, while this is active.

    Args:
        folder: of the feed; None to write none.
        search: of the chunk.
        report: called with the same share.
    """
    if folder is None:
        yield report
        return
    path = folder / f"{search.state.seeds[0]}.json"
    best: list[tuple[int, float]] = []
    written = time.monotonic()

    def note(share: float) -> None:
        nonlocal written
        if time.monotonic() - written >= EVERY:
            written = time.monotonic()
            with suppress(OSError):  # a full disk must not end the search here
                part = path.with_suffix(".part")
                part.write_text(json.dumps([len(search.state.seeds), points_of(search, best)]))
                part.replace(path)
        report(share)

    try:
        yield note
    finally:
        path.unlink(missing_ok=True)


def points_of(search: Search, best: list[tuple[int, float]]) -> Points:
    """The points of a running search: the loss over the epochs, and the best label over the evaluations.

    Args:
        search: of a chunk.
        best: points of earlier calls, to which this one adds.
    """
    labels = search.labels
    if labels.shape[1] > (best[-1][0] if best else 0) and np.isfinite(labels).any(axis=1).all():
        best.append((labels.shape[1], float(np.nanmax(labels, axis=1).mean() * search.state.metric.sign)))
    losses = search.state.predictor.curves.get("loss", [])
    return {"loss": [(i + 1, float(np.mean(loss))) for i, loss in enumerate(losses)], "best": best}
