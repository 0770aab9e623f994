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

INTERRUPTED = 130  # exit codes as shells have them: 128 and the number of the signal
TERMINATED = 143


class Terminated(SystemExit):
    """The process got SIGTERM, as from Slurm before the time limit; leases are given back on the way out."""


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
def ended_by_sigterm() -> Iterator[None]:
    """Turn the first SIGTERM into `Terminated`; an existing handler, such as a launcher's, is kept."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        raise Terminated(TERMINATED)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def before_sigterm(do: Callable[[], None]) -> Iterator[None]:
    """Let a worker call `do` before SIGTERM ends it; an existing handler is kept.

    The handler raises nothing, because the interrupted code could swallow the exception.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        do()
        os._exit(TERMINATED)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
