"""How a command ends when it is interrupted: with one line and an exit code.

This works from the start: the imports of a command take most of a second, and Ctrl-C shows no traceback then either.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

STATUS = 128  # exit codes as shells have them: this and the number of the signal
INTERRUPTED = 130
ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))

Handler = Callable[[int, FrameType | None], Any]

_came: list[int] = []  # signals that were to end what runs under `ended_by_signal`


class Terminated(SystemExit):
    """The process got SIGTERM, as from Slurm before the time limit, or SIGHUP, as its terminal was closed.

    Leases are given back on the way out.
    """

    @property
    def name(self) -> str:
        """Of the signal."""
        return signal.Signals(int(self.code or 0) - STATUS).name


def be_brief() -> None:
    """End with one line after a Ctrl-C that nothing has caught."""
    usual = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            return usual(kind, error, trace)
        sys.stdout.flush()
        print("error: interrupted", file=sys.stderr, flush=True)
        os._exit(INTERRUPTED)  # Python would end itself by the signal

    sys.excepthook = hook


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """Turn the first SIGTERM or SIGHUP into `Terminated`, see `_caught`; `check` keeps it in mind, and Ctrl-C, too."""

    def end(number: int, frame: FrameType | None) -> None:
        by_default()  # a second one ends the process at once
        _came.append(number)
        check()

    with _caught(end, with_interrupt=True) as is_outermost:
        try:
            yield
        finally:
            if is_outermost:
                _came.clear()


def check() -> None:
    """End once more what a signal was to end.

    Loops call it at every turn: where the signal finds the process in a destructor, a fork or a callback of Python's
    own, the exception is swallowed there.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
        Terminated: one of `ENDING` came.
    """
    if _came:
        raise KeyboardInterrupt if _came[0] == signal.SIGINT else Terminated(STATUS + _came[0])


@contextmanager
def before_signal(do: Callable[[], None]) -> Iterator[None]:
    """Let a worker call `do` before SIGTERM or SIGHUP ends it, see `_caught`.

    The handler raises nothing, because the interrupted code could swallow the exception.
    """

    def end(number: int, frame: FrameType | None) -> None:
        do()
        os._exit(STATUS + number)

    with _caught(end):
        yield


def by_default() -> None:
    """Let `ENDING` signals do what they do by default; those that are ignored, as under nohup, still are."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _caught(handler: Handler, with_interrupt: bool = False) -> Iterator[bool]:
    """Handle the `ENDING` signals; an existing handler, such as a launcher's, and one that ignores are kept.

    Args:
        handler: of the signals.
        with_interrupt: whether Ctrl-C is handled, too.

    Yields:
        Whether any is handled.
    """
    if threading.current_thread() is not threading.main_thread():
        yield False
        return
    usual: dict[int, Any] = dict.fromkeys(ENDING, signal.SIG_DFL)
    if with_interrupt:
        usual[signal.SIGINT] = signal.default_int_handler
    free = {number: before for number, before in usual.items() if signal.getsignal(number) == before}
    for number in free:
        signal.signal(number, handler)
    try:
        yield bool(free)
    finally:
        for number, before in free.items():
            signal.signal(number, before)
