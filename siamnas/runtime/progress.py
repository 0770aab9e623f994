"""How work reports its progress."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Report = Callable[[float], None]
"""Called with the finished share of the work, in [0, 1]."""


def no_report(_: float) -> None:
    """Do nothing."""


def part_of(report: Report, begin: float, end: float) -> Report:
    """A report for the part of the work between the shares `begin` and `end`."""
    return lambda share: report(begin + (end - begin) * share)


_listener: ContextVar[Report] = ContextVar("_listener", default=no_report)


def tell_listener(share: float) -> None:
    """Report to who listens to this thread, see `listening`: for work that nobody has given a report."""
    _listener.get()(share)


@contextmanager
def listening(report: Report) -> Iterator[None]:
    """Within it, `report` gets what `tell_listener` is told in this thread."""
    before = _listener.set(report)
    try:
        yield
    finally:
        _listener.reset(before)
