"""A run as columns of the data frames: what it is, its repeats at one K, its curves."""

from typing import Any

import numpy as np

from siamnas.experiment import choices
from siamnas.jobs import summary
from siamnas.report.read import catalogue
from siamnas.report.read.results import CORRELATIONS, PER_REPEAT, SPENT
from siamnas.report.read.runs import Run

POINTS = 200  # of a curve over seconds
ROUNDING = 1e-12


def about(run: Run) -> dict[str, Any]:
    """What a run is, and where its repeats come from."""
    metas = [record.meta for record in run.records]
    return {
        "kind": run.kind,
        "learns": catalogue.learns(run.kind),
        "unchanged": any(meta["choices"].get("experiment/ablation") == catalogue.UNCHANGED for meta in metas),
        "trainer": run.records[0].trainer,
        "acquisition": str(metas[0]["choices"].get("acquisition", "")),
        "label": str(metas[0].get("label_name", "")),
        "code": str(metas[0].get("code_name", "")),
        "repeats": len(run.arrays["seed"]),
        "seconds": sum(record.seconds for record in run.records),
        "commits": sorted({str(meta.get("commit") or "not a checkout") for meta in metas}),
        "devices": sorted({str(meta.get("device") or "unknown") for meta in metas}),
        "files": [record.path for record in run.records],
    }


def at(run: Run, evaluations: int) -> dict[str, Any]:
    """The columns of the repeats after some evaluations, N + K or fewer; NaN beyond the curves.

    Before N, what the whole job has made of its N is not there yet: correlations and codes are NaN; so are the former
    without a predictor.
    """
    arrays, k = run.arrays, max(evaluations - run.n, 0)
    reached = k <= run.depth
    spent = {name: arrays[name][:, evaluations - 1] if reached else np.nan for name in SPENT}
    whole: dict[str, Any] = {name: arrays[name] for name in PER_REPEAT}
    if not choices.ranks(run.records[0].meta["choices"]):
        whole |= dict.fromkeys(CORRELATIONS, np.nan)
    if evaluations < run.n:
        whole = dict.fromkeys(PER_REPEAT, np.nan) | {"code_seconds": spent["spent_seconds"] - spent["query_seconds"]}
    topk = arrays["topk"][:, k - 1] if reached and k else np.full(len(arrays["seed"]), np.nan)
    if np.isnan(topk).any():  # not every repeat has evaluated so far: a mean of the others would be of another kind
        topk = np.full(len(topk), np.nan)
    median = run.records[0].median
    below_median = run.records[0].metric.no_better(topk, median)
    return {
        "k": k,
        "evaluations": evaluations,
        "seed": arrays["seed"],
        **spent,
        "topk": topk,
        "below_median": np.where(np.isnan(topk + median), np.nan, below_median),
        **whole,
    }


def curve(run: Run) -> dict[str, Any]:
    """The columns of both curves; the top-K only begins after the N."""
    best, topk = run.arrays["best"], run.arrays["topk"]
    before, evaluations = np.full(run.n, np.nan), np.arange(1, best.shape[1] + 1)
    columns = {"evaluations": evaluations, "k": np.append(before, np.arange(1, run.depth + 1)), "repeats": len(best)}
    for name, curve, pad in (("best", best, before[:0]), ("topk", topk, before)):
        mean, std = summary.mean_std(curve)
        columns |= {f"{name}_mean": np.append(pad, mean), f"{name}_std": np.append(pad, std)}
    return columns | {"best_min": best.min(axis=0), "best_max": best.max(axis=0)}


def anytime(run: Run) -> dict[str, Any]:
    """The columns of the curve over GPU-seconds; empty where no time is known.

    It begins where every repeat has evaluated something, and ends where one has spent all. Between two evaluations a
    repeat holds what it has found by the former.
    """
    best, spent = run.arrays["best"], run.arrays["spent_seconds"]
    first, last = float(spent[:, 0].max()), float(spent[:, -1].min())
    if not 0 < first < last:
        return dict.fromkeys(("seconds", "best_mean", "best_std", "repeats"), np.empty(0))
    seconds = np.geomspace(first, last, POINTS)
    # A rounding error must not take away the first evaluation, nor the last.
    seats = np.stack([np.searchsorted(row, seconds * (1 + ROUNDING), side="right") - 1 for row in spent])
    mean, std = summary.mean_std(np.take_along_axis(best, seats, axis=1))
    return {"seconds": seconds, "best_mean": mean, "best_std": std, "repeats": len(best)}
