"""The shipped spaces, loaded once."""

import pytest

from siamnas.spaces.benchmark import Benchmark
from tests.spaces.shipped import TABLES, make


@pytest.fixture(scope="session")
def shipped() -> dict[str, Benchmark]:
    """Name -> benchmark."""
    return {name: make(name) for name in TABLES}
