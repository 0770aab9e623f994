"""Result files for the tests of the report."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from siamnas.jobs.store import RESULT, Result


def path_of(root: Path, predictor: str, n: int) -> Path:
    (path,) = root.glob(f"nb201_c100/{predictor}/n={n},*/{RESULT}")
    return path


def variant(
    path: Path, name: str, change: Callable[[dict[str, Any]], None], arrays: dict[str, Any] | None = None
) -> Path:
    """The result at `path` as that of another configuration, in a folder beside it."""
    result = Result.load(path)
    meta = copy.deepcopy(result.meta)
    change(meta)
    meta["config"]["search"] = meta["science"]["search"]
    made = path.parent.with_name(name) / RESULT
    Result({**result.arrays, **(arrays or {})}, meta).save(made)
    return made
