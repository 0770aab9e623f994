"""What a search has found, beside the truth that it never saw: the arrays of a result."""

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.base import Oracle
from siamnas.oracle.ground_truth import GroundTruth
from siamnas.search.base import Search
from siamnas.search.recommendation import best_so_far
from siamnas.spaces.benchmark import Benchmark


def evaluate(search: Search, oracle: Oracle, benchmark: Benchmark) -> dict[str, np.ndarray]:
    """The account of a search beside the truth.

    Every method is credited alike: with all that it has looked at, by the label that it may see, at the number of
    different architectures that it has paid for. The reading of the paper stands beside it.

    Returns:
        Arrays whose leading axis is the repeat; D is the depth of the search and T = N + D.

        - `identity` (R,): `seed + repeat`.
        - `evaluations` (R, T) int32: different architectures in the order of their evaluation.
        - `chosen` (R, T) int32: the architecture that would be handed over after 1 .. T of them: that of the best
          label, or what the search makes of the labels.
        - `best` (R, T) float64: its reported value.
        - `query_seconds` (R, T): training time of these (architectures without a known time count 0).
        - `spent_seconds` (R, T): that, and the time of everything cheaper that was looked at by then.
        - `topk` (R, D) float64: reported value of the best among the first K = 1 .. D of the final ranking, where
          those that were paid for before stay and are not credited otherwise; NaN from where the search has not
          looked at the ranking.
        - `spearman`, `kendall` (R,): of the predictor's ranking of the whole space against the true labels.
        - `codes`, `code_seconds` (R,): different architectures whose Estimation Code, or another measured column, was
          computed, and the time of these.
        - `curve/<name>` (R, epochs) float32: what the training has logged.
    """
    truth, cost = GroundTruth(benchmark), oracle.cost()
    order = search.order
    evaluations, labels = search.evaluated
    chosen = search.incumbents
    query_seconds = truth.seconds(evaluations).cumsum(axis=1)
    spearman, kendall = truth.correlations(order)
    return {
        "seed": np.array(search.state.seeds),
        "evaluated": evaluations.astype(np.int32),
        "best": truth.reported(chosen),
        "chosen": chosen.astype(np.int32),
        "query_seconds": query_seconds,
        "spent_seconds": query_seconds + np.take_along_axis(cost.code_seconds_before, search.counted, axis=1),
        "topk": _topk(order, search.depth, evaluations, labels, truth),
        "spearman": spearman,
        "kendall": kendall,
        "codes": cost.codes,
        "code_seconds": cost.code_seconds,
        **{f"curve/{name}": np.asarray(curve, dtype=np.float32).T for name, curve in search.state.curves.items()},
    }


def _topk(order: IntArray, depth: int, evaluations: IntArray, labels: FloatArray, truth: GroundTruth) -> FloatArray:
    """(R, depth) reported value of the best among the first K of a ranking, by the labels of what was looked at."""
    found, seen = np.full(order.shape, np.nan), np.zeros(order.shape, dtype=bool)
    np.put_along_axis(found, evaluations, labels, axis=1)
    np.put_along_axis(seen, evaluations, True, axis=1)
    ranked = order[:, :depth]
    best = best_so_far(ranked, np.take_along_axis(found, ranked, axis=1))
    known = np.logical_and.accumulate(np.take_along_axis(seen, ranked, axis=1), axis=1)
    return np.where(known, truth.reported(best), np.nan)
