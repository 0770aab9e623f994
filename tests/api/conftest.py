"""A space that takes no time."""

from pathlib import Path

import pytest

from tests.report.conftest import blank as blank
from tests.spaces.jsons import chains


@pytest.fixture(scope="session")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 40 chains with accuracies that can be learnt; the best is the last, 0.845."""
    return chains(tmp_path_factory.mktemp("own") / "cells", gt_accuracy=lambda i: 0.5 + i % 4 / 10 + i // 4 / 200)
