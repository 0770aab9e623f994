"""Output for the user: log lines and progress on stderr, tables on stdout, and the log file of a job."""

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from siamnas.runtime.progress import listening

PLAIN_WIDTH = 120  # columns of output to a file or a pipe
LATE = 2.0  # seconds after which a call that trains shows a bar
PLAIN_EVERY = 20.0  # seconds between two progress lines where there is no terminal


class _Console(Console):
    """Escapes control characters: a name in a foreign file must not command the terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        """See the parent."""
        shown = (c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)
        return super().render_str("".join(shown), **options)


def _is_terminal(stream: Any) -> bool:
    """Whether somebody looks at it; a program without streams has None in their place."""
    return bool(stream) and stream.isatty()


def _console(**options: Any) -> _Console:
    """A console that shows something: with COLUMNS=0 rich's has no columns, and leaves everything out."""
    made = _Console(soft_wrap=True, **options)
    if not made.width:
        made.width = PLAIN_WIDTH
    return made


out = _console(width=None if _is_terminal(sys.stdout) or os.environ.get("COLUMNS") else PLAIN_WIDTH)
err = _console(stderr=True)
log = logging.getLogger(__name__)
place = ""  # of the job that this process is doing in its sweep: `job 3 of 20: `


class _ErrHandler(logging.Handler):
    """Prints log lines on the console of the progress bar, so that neither cuts through the other.

    Messages of other packages below a warning, and Python's warnings, are in the log file of the job only.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep lines of this package, and logged warnings of others."""
        return record.name.startswith("siamnas") or (record.levelno >= logging.WARNING and record.name != "py.warnings")

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record, if that is possible."""
        with suppress(OSError):
            err.print(self.format(record), markup=False, highlight=False)


class _LateFile(logging.FileHandler):
    """A log file that is created, with its folder, by its first line."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, delay=True, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or path.is_fifo():  # of somebody who shares the folder
            path.unlink()
        return super()._open()

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, if that is possible."""
        with suppress(OSError):
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (its name in the parent)
        """Go on without the log file; on a full disk the job ends when it can't write a result."""


def set_up() -> None:
    """Send log lines to stderr; further calls do nothing (each worker of a sweep calls it too)."""
    root = logging.getLogger()
    if any(isinstance(handler, _ErrHandler) for handler in root.handlers):
        return
    handler = _ErrHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
    root.addHandler(handler)
    logging.getLogger("siamnas").setLevel(logging.INFO)
    logging.captureWarnings(True)


@contextmanager
def log_to(path: Path) -> Iterator[None]:
    """Append all log lines to `path` while this is active."""
    handler = _LateFile(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


class Bar:
    """Progress of one job: on a terminal a bar with the time left, else a line now and then.

    Args:
        title: of the job.
        done: share of the work in [0, 1] that is already done.
    """

    def __init__(self, title: str, done: float = 0.0) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self.title = title
        self.first = self.last = done
        self.samples = 0
        self.began = self.said = time.monotonic()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=err,
            transient=True,
            refresh_per_second=2,
            speed_estimate_period=1800,  # seconds: an evaluation may take minutes
            disable=not err.is_terminal,
        )
        self._task = self._progress.add_task(title, total=1.0)
        self._progress.update(self._task, completed=done)

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._progress.stop()

    def update(self, share: float) -> None:
        """Show the finished share of the whole job, in [0, 1]."""
        if err.is_terminal:
            self._progress.update(self._task, completed=share)
            return
        now = time.monotonic()
        self.samples += share > self.last
        self.last = max(share, self.last)
        if now - self.said >= PLAIN_EVERY and self.samples:
            self.said = now
            left = (now - self.began) * (1 - share) / (self.last - self.first)
            # The first sample took the start of processes too.
            about = f", about {duration(left)} left" if self.samples > 1 else ""
            log.info("%s: %.0f %%%s", self.title, 100 * share, about)


@contextmanager
def late_bar(title: str) -> Iterator[None]:
    """Show the progress of work on a terminal or in a notebook if it takes long, see `progress.listening`."""
    if not err.is_terminal:
        yield
        return
    began = time.monotonic()
    with ExitStack() as shown:
        bars: list[Bar] = []

        def show(share: float) -> None:
            if not bars and time.monotonic() - began >= LATE:
                bars.append(shown.enter_context(Bar(title, share)))
            for bar in bars:
                bar.update(share)

        with listening(show):
            yield


def table(**options: Any) -> Table:
    """An empty table in the style of this package; `options` are those of rich."""
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, **options)


def duration(seconds: float) -> str:
    """A time as text: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"


def complain(message: str) -> None:
    """Print an error message on stderr."""
    err.print(f"error: {message}", markup=False, highlight=False, style="red" if _is_terminal(sys.stderr) else None)
