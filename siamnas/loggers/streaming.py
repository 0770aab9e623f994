"""What a job has found so far, from the processes that work on it to a logger, while it runs."""

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

EVERY = 2.0  # seconds between two notes, and between two looks at them
PROGRESS = "progress"
AXES = {"loss": "epoch", "best": "evaluations"}
"""What is shown while a job runs -> over what."""

Points = dict[str, list[tuple[int, float]]]
"""Names of `AXES` -> places on the axis with the mean over the repeats of a chunk."""


class Feed:
    """Where the chunks of a job put what they have found so far, and what a logger is told of it.

    A thread tells the logger, so that no work waits for it.

    Args:
        tell: of the logger.
        folder: for the notes of the chunks, one file each; removed with it.
    """

    def __init__(self, tell: Tell, folder: Path) -> None:
        self.tell = tell
        self.folder = folder
        self._thread = ThreadPoolExecutor(1)
        self._telling: Future[None] | None = None
        self._looked = -EVERY
        self._shown = {name: 0 for name in AXES}

    def look(self, share: float) -> None:
        """Tell what is new: the progress in percent, and the mean of the chunks that are being worked on.

        Args:
            share: of the job that is finished.
        """
        if time.monotonic() - self._looked >= EVERY and (self._telling is None or self._telling.done()):
            self._looked = time.monotonic()
            self._telling = self._thread.submit(self._tell, share)

    def wait(self) -> None:
        """Wait until what was looked at last is told."""
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
            place = notes[0][1][name][at - 1][0]
            if place > self._shown[name]:  # the next chunks begin anew
                self._shown[name] = place
                values = [points[name][at - 1][1] for _, points in notes]
                row |= {axis: place, f"live/{name}": float(np.average(values, weights=[count for count, _ in notes]))}
        self.tell(row)

    def _notes(self) -> Iterator[tuple[int, Points]]:
        """The number of repeats, and the points, of each chunk that is being worked on."""
        for path in sorted(self.folder.glob("*.json")):
            with suppress(OSError, ValueError):  # it has just been finished
                yield tuple(json.loads(path.read_text()))


@contextmanager
def feed_for(tell: Tell | None) -> Iterator[Feed | None]:
    """A feed for one job; None where nobody is to be told."""
    if tell is None:
        yield None
        return
    with TemporaryDirectory(prefix="siamnas-") as folder:
        with closing(Feed(tell, Path(folder))) as feed:
            yield feed


@contextmanager
def noted(folder: Path | None, search: Search, report: Report) -> Iterator[Callable[[float], None]]:
    """A report that also notes what a search has found so far, while this is active.

    Args:
        folder: of the feed; None to note nothing.
        search: of the chunk.
        report: of the progress.
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
            with suppress(OSError):  # a full disk spoils no search here
                part = path.with_suffix(".part")
                part.write_text(json.dumps([len(search.state.seeds), points_of(search, best)]))
                part.replace(path)
        report(share)

    try:
        yield note
    finally:
        path.unlink(missing_ok=True)


def points_of(search: Search, best: list[tuple[int, float]]) -> Points:
    """What a search has found so far: its loss per epoch, and the best label after so many evaluations.

    Args:
        search: while it runs.
        best: what was found at earlier calls; it grows.
    """
    labels = search.labels
    if labels.shape[1] > (best[-1][0] if best else 0) and np.isfinite(labels).any(axis=1).all():
        best.append((labels.shape[1], float(np.nanmax(labels, axis=1).mean() * search.state.metric.sign)))
    losses = search.state.predictor.curves.get("loss", [])
    return {"loss": [(i + 1, float(np.mean(loss))) for i, loss in enumerate(losses)], "best": best}
