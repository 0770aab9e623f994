"""Output for the user: log lines and progress on stderr, tables on stdout, and the log file of a job."""

import contextvars
import logging
import os
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from siamnas.runtime.live_line import LiveLine
from siamnas.runtime.progress import listening

PLAIN_WIDTH = 120  # columns of output to a file or a pipe
LATE = 2.0  # seconds after which a call that trains shows a bar
PLAIN_EVERY = 20.0  # seconds between two progress lines where there is no terminal
LIVE_EVERY = 1.0  # seconds between two changes of the line of a notebook


class _Console(Console):
    """Escapes control characters: a name in a foreign file must not command the terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        """See the parent."""
        return super().render_str(visible(text, "\n\t"), **options)


def _is_terminal(stream: Any) -> bool:
    """Whether somebody looks at it; a program without streams has None in their place."""
    return bool(stream) and stream.isatty()


def is_watched() -> bool:
    """Whether somebody sees at once what is shown: on a terminal, or in a notebook."""
    return err.is_terminal or err.is_jupyter


def _console(**options: Any) -> _Console:
    """A console that shows something: with COLUMNS=0 rich's has no columns, and leaves everything out."""
    made = _Console(soft_wrap=True, **options)
    if not made.width:
        made.width = PLAIN_WIDTH
    return made


out = _console(width=None if _is_terminal(sys.stdout) or os.environ.get("COLUMNS") else PLAIN_WIDTH)
err = _console(stderr=True)
log = logging.getLogger(__name__)
_speaking = threading.RLock()  # a process that is forked while a thread speaks would have locks that nobody opens
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_speaking.acquire, after_in_parent=_speaking.release, after_in_child=_speaking.release)
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
            said = self.format(record)
            err.print(said if "\n" in said else folded(said, 9 * " "), markup=False, highlight=False)


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
    """Append all log lines to `path` while this is active.

    A program that has no handlers of its own sees warnings by Python's last resort, which is none beside a file.
    """
    handler = _LateFile(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    shown = [logging.lastResort] if logging.lastResort and not root.handlers else []
    for each in (handler, *shown):
        root.addHandler(each)
    try:
        yield
    finally:
        for each in (handler, *shown):
            root.removeHandler(each)
        handler.close()


class Heartbeat:
    """Calls something every so many seconds in a thread, as long as work goes on that may report nothing.

    Args:
        beat: is called, and answers after how many seconds it is to be called again; None ends it.
        first: seconds before the first call.
    """

    def __init__(self, beat: Callable[[], float | None], first: float) -> None:
        self._beat = beat
        self._first: float | None = first
        self._ended = threading.Event()
        inside = contextvars.copy_context()  # a notebook knows by it to which cell something belongs
        self._thread = threading.Thread(target=inside.run, args=(self._run,), name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        wait = self._first
        while wait is not None and not self._ended.wait(wait):
            with _speaking:
                wait = self._beat()


class Bar:
    """Progress of one job: on a terminal a bar with the time left, in a notebook a line, else lines now and then.

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
        self._line = LiveLine() if err.is_jupyter else None
        self._every = LIVE_EVERY if self._line else PLAIN_EVERY
        self._heartbeat = Heartbeat(self._say_if_late, self._every)

    def __enter__(self) -> "Bar":
        self._progress.start()
        if not err.is_terminal:
            self._heartbeat.__enter__()
        return self

    def __exit__(self, *_: Any) -> None:
        self._progress.stop()
        if not err.is_terminal:
            self._heartbeat.__exit__()
        if self._line:
            self._line.end()

    def update(self, share: float) -> None:
        """Show the finished share of the whole job, in [0, 1]."""
        if err.is_terminal:
            self._progress.update(self._task, completed=share)
            return
        self.samples += share > self.last
        self.last = max(share, self.last)
        with _speaking:
            self._say_if_late()

    def _say_if_late(self) -> float:
        """Log how far it is, if the last line is old enough; returns the seconds until the next one is due."""
        now = time.monotonic()
        if (rest := self.said + self._every - now) > 0:
            return rest
        self.said = now
        about = f"{duration(now - self.began)} so far"
        if self.samples > 1:  # the first sample took the start of processes too
            left = (now - self.began) * (1 - self.last) / (self.last - self.first)
            about = f"about {duration(left)} left"
        text = f"{self.title}: {100 * self.last:.0f} %, {about}"
        self._line.show(text) if self._line else log.info("%s", text)
        return self._every


@contextmanager
def doing(work: str) -> Iterator[None]:
    """Say that some work goes on whose length is not known: from a while on, or without a terminal now and then.

    Args:
        work: what is done, such as `drawing figures`.
    """
    from rich.status import Status

    began, status, line = time.monotonic(), Status(f"{work} ...", console=err), LiveLine()

    def beat() -> float | None:
        if err.is_terminal:
            status.start()
            return None
        text = f"{work}: {duration(time.monotonic() - began)} so far"
        line.show(text) if err.is_jupyter else log.info("%s", text)
        return LIVE_EVERY if err.is_jupyter else PLAIN_EVERY

    try:
        with Heartbeat(beat, LATE if is_watched() else PLAIN_EVERY):
            yield
    finally:
        status.stop()
        line.end()


@contextmanager
def late_bar(title: str) -> Iterator[None]:
    """Show the progress of work on a terminal or in a notebook if it takes long, see `progress.listening`."""
    if not is_watched():
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


def folded(text: str, indent: str = "", width: int | None = None) -> str:
    """A text in lines that are broken between words, where somebody looks at it on a terminal; else as it is.

    Args:
        text: of one line.
        indent: of the lines behind the first.
        width: columns; those of the terminal if it is None.
    """
    if width is None and not _is_terminal(sys.stderr):
        return text
    lines = textwrap.wrap(
        text, width or err.width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines)


def placed(path: Path) -> str:
    """A path for people: from the current folder on, where it lies below that."""
    with suppress(OSError):
        if path.absolute().is_relative_to(Path.cwd()):
            return str(path.absolute().relative_to(Path.cwd()))
    return str(path)


def visible(text: str, kept: str = "\n") -> str:
    """A text in which nothing but `kept` moves the cursor, colours a terminal or turns it round: that is escaped."""
    return "".join(one if one.isprintable() or one in kept else ascii(one)[1:-1] for one in text)


def warn(message: str) -> None:
    """Print a warning on stderr."""
    err.print(folded(visible(f"warning: {message}")), markup=False, highlight=False)


def complain(message: str) -> None:
    """Print an error message on stderr."""
    style = "red" if _is_terminal(sys.stderr) else None
    for line in f"error: {message}".split("\n"):
        err.print(folded(visible(line)), markup=False, highlight=False, style=style)
