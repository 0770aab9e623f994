"""How work reports its progress."""

from collections.abc import Callable

Report = Callable[[float], None]
"""Called with the finished share of the work, in [0, 1]."""


def no_report(_: float) -> None:
    """Do nothing."""


def part_of(report: Report, begin: float, end: float) -> Report:
    """A report for the part of the work between the shares `begin` and `end`."""
    return lambda share: report(begin + (end - begin) * share)
