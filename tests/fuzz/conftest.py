"""The sweep that reports are tested with."""

from tests.report.conftest import swept

__all__ = ["swept"]
