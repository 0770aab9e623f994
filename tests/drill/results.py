"""All results below a folder, to compare."""

from pathlib import Path

import numpy as np

from siamnas.jobs.store import RESULT, Result

Arrays = dict[str, dict[str, np.ndarray]]


def arrays(folder: Path) -> Arrays:
    return {str(path.relative_to(folder)): Result.load(path).arrays for path in folder.rglob(RESULT)}


def results(folder: Path) -> dict[str, int]:
    """Path -> when it was written."""
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob(RESULT)}


def same(one: Arrays, other: Arrays) -> None:
    """Check that all results are there, and equal to the bit."""
    assert one.keys() == other.keys() and one
    for path in one:
        assert one[path].keys() == other[path].keys()
        for name in one[path]:
            np.testing.assert_array_equal(one[path][name], other[path][name], f"{path}: {name}")
