"""A run as columns of the data frames: what it is, its repeats at one K, its curves."""

from typing import Any

import numpy as np

from siamnas.jobs import summary
from siamnas.report.read import catalogue
from siamnas.report.read.runs import Run
from siamnas.report.read.results import PER_REPEAT, SPENT

POINTS = 200  # of a curve over seconds
ROUNDING = 1e-12


def about(run: Run) -> dict[str, Any]:
    """What a run is, and where its repeats come from."""
    metas = [source.meta for source in run.sources]
    return {
        "kind": run.kind,
        "learns": catalogue.learns(run.kind),
        "unchanged": any(meta["choices"].get("experiment/ablation") == catalogue.UNCHANGED for meta in metas),
        "trainer": run.sources[0].trainer,
        "acquire": str(metas[0]["choices"].get("acquire", "")),
        "label": str(metas[0].get("label_name", "")),
        "code": str(metas[0].get("code_name", "")),
        "repeats": len(run.arrays["identity"]),
        "seconds": sum(source.seconds for source in run.sources),
        "commits": sorted({str(meta.get("commit") or "not a checkout") for meta in metas}),
        "devices": sorted({str(meta.get("device") or "unknown") for meta in metas}),
        "files": [source.path for source in run.sources],
    }


def at(run: Run, k: int) -> dict[str, Any]:
    """The columns of the repeats at one K; NaN beyond the curves."""
    arrays, reached = run.arrays, k <= run.depth
    spent = {name: arrays[name][:, run.n + k - 1] if reached else np.nan for name in SPENT}
    published = arrays["published"][:, k - 1] if reached and k else np.full(len(arrays["identity"]), np.nan)
    if np.isnan(published).any():  # not every repeat has looked so far: a mean of the others would be of another kind
        published = np.full(len(published), np.nan)
    failed = run.sources[0].metric.no_better(published, run.sources[0].median)
    return {
        "k": k,
        "identity": arrays["identity"],
        **spent,
        "published": published,
        "failed": np.where(np.isnan(published), np.nan, failed),
        **{name: arrays[name] for name in PER_REPEAT},
    }


def curve(run: Run) -> dict[str, Any]:
    """The columns of both curves; the published one begins behind the N."""
    best, published = run.arrays["best"], run.arrays["published"]
    before, evaluations = np.full(run.n, np.nan), np.arange(1, best.shape[1] + 1)
    columns = {"evaluations": evaluations, "k": np.append(before, np.arange(1, run.depth + 1)), "repeats": len(best)}
    for name, curve, pad in (("best", best, before[:0]), ("published", published, before)):
        mean, std = summary.mean_std(curve)
        columns |= {f"{name}_mean": np.append(pad, mean), f"{name}_std": np.append(pad, std)}
    return columns | {"best_min": best.min(axis=0), "best_max": best.max(axis=0)}


def costs(run: Run) -> dict[str, Any]:
    """The columns of the curve over GPU-seconds; empty where no time is known.

    It begins where every repeat has evaluated something, and ends where one has spent all. Between two evaluations a
    repeat holds what it has found by the former.
    """
    best, spent = run.arrays["best"], run.arrays["spent_seconds"]
    first, last = float(spent[:, 0].max()), float(spent[:, -1].min())
    if not 0 < first < last:
        return {"seconds": np.empty(0), "best_mean": np.empty(0), "best_std": np.empty(0)}
    seconds = np.geomspace(first, last, POINTS)
    # A rounding error must not take away the first evaluation, nor the last.
    seats = np.stack([np.searchsorted(row, seconds * (1 + ROUNDING), side="right") - 1 for row in spent])
    mean, std = summary.mean_std(np.take_along_axis(best, seats, axis=1))
    return {"seconds": seconds, "best_mean": mean, "best_std": std}
