"""Results for the tests of the report: files, and collections of made-up numbers."""

import copy
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from siamnas.benchmarks.metric import Metric
from siamnas.jobs.store import RESULT, Result
from siamnas.report.read.collect import Benchmark, Collection

ACCURACY, LOSS = Metric("test_200_mean"), Metric("val_loss", maximise=False, unit="")
C100 = Benchmark("NAS-Bench-201, CIFAR-100", "nb201_c100", ACCURACY, 0.735133, 15_625, False, (10, 20, 30))


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
    meta["config"]["search"] = meta["identity"]["search"]
    made = path.parent.with_name(name) / RESULT
    Result({**result.arrays, **(arrays or {})}, meta).save(made)
    return made


def repeats(method: str, best: Iterable[float], topk: Any = np.nan, **other: Any) -> pd.DataFrame:
    """The repeats of one method at N = 30 and K = 10 (or as `other` has it), as `collect` makes them."""
    frame = pd.DataFrame({"benchmark": C100.name, "method": method, "n": 30, "k": 10, "best": list(best)})
    frame["topk"] = topk
    frame["below_median"] = np.where(frame["topk"].isna(), np.nan, frame["topk"] < 0.6)
    return frame.assign(seed=range(len(frame))).assign(**other)


def collection(tidy: Iterable[pd.DataFrame], benchmark: Benchmark = C100) -> Collection:
    """What a report knows of some repeats."""
    return Collection(
        [benchmark], pd.DataFrame(), pd.concat(tidy, ignore_index=True), pd.DataFrame(), pd.DataFrame(), [], {}
    )


def runs(methods: Mapping[str, tuple[str, bool]], **other: Any) -> Collection:
    """What a report knows of some methods: name -> its kind, and whether it learns."""
    rows = [
        {"benchmark": C100.name, "method": name, "kind": kind, "learns": learns, "unchanged": False, "trainer": "fast"}
        for name, (kind, learns) in methods.items()
    ]
    frame = pd.DataFrame(rows).assign(**other)
    return Collection([C100], frame, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), [], {})
