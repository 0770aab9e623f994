"""The arrays of a result: what a search has found, by the true values that it never saw."""

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle import ground_truth
from siamnas.oracle.base import Oracle
from siamnas.oracle.ground_truth import Truth
from siamnas.search.base import Search
from siamnas.search.recommendation import best_so_far
from siamnas.spaces.benchmark import Benchmark, DomainBenchmark

POINTS = ("cost", "value")


def evaluate(search: Search, oracle: Oracle, benchmark: Benchmark | DomainBenchmark) -> dict[str, np.ndarray]:
    """Compare a finished search with the true values of the benchmark.

    All methods are treated alike: every different architecture that a search has evaluated counts once, in the order of
    the evaluations, and an incumbent is chosen by the labels that the search has seen. The protocol of the paper, the
    top K of the final ranking only, is an array of its own.

    Returns:
        Arrays whose leading axis is the repeat; D is the depth of the search and T = N + D.

        - `seed` (R,): seed of the job + repeat.
        - `evaluated` (R, T) int32: different architectures in the order of their evaluation.
        - `chosen` (R, T) int32: the incumbent after 1 .. T of them, that is the architecture of the best label, or
          what the search recommends otherwise.
        - `best` (R, T) float64: the reported value of `chosen`.
        - `query_seconds` (R, T): training time up to each evaluation; unknown times count 0.
        - `spent_seconds` (R, T): the same with the time of all codes and cheaper measurements asked for until then.
        - `topk` (R, D) float64: reported value of the best label among the first K = 1 .. D of the final ranking,
          which may include architectures of the first N; NaN from the first one on that was not evaluated.
        - `spearman`, `kendall` (R,): of the predictor's ranking of the whole space with the true labels; without a
          list, of a random sample that is always the same.
        - `codes`, `code_seconds` (R,): different architectures whose Estimation Code, or another measured column, was
          computed, and the time of these.
        - `curve/<name>` (R, epochs) float32: what the training has logged.
    """
    truth, cost = ground_truth.truth(benchmark, oracle), oracle.cost()
    order = search.order
    evaluated, labels = search.evaluated
    chosen = search.incumbents
    query_seconds = truth.seconds(evaluated).cumsum(axis=1)
    spearman, kendall = truth.correlations(order)
    return {
        "seed": np.array(search.state.seeds),
        "evaluated": evaluated.astype(np.int32),
        "best": truth.reported(chosen),
        "chosen": chosen.astype(np.int32),
        "query_seconds": query_seconds,
        "spent_seconds": query_seconds + np.take_along_axis(cost.code_seconds_before, search.counted, axis=1),
        "topk": _topk(order, search.depth, evaluated, labels, truth),
        "spearman": spearman,
        "kendall": kendall,
        "codes": cost.codes,
        "code_seconds": cost.code_seconds,
        **{f"curve/{name}": np.asarray(curve, dtype=np.float32).T for name, curve in search.state.curves.items()},
    }


def points(
    search: Search, oracle: Oracle, benchmark: Benchmark | DomainBenchmark, column: str
) -> dict[str, np.ndarray]:
    """Both objectives of the evaluated architectures.

    Args:
        search: that has ended.
        oracle: that has answered it.
        benchmark: of its space.
        column: name of the second objective.

    Returns:
        `cost` (R, T), and `value` (R, T), the reported one, in the order of `evaluated`, see `evaluate`. Both are NaN
        where the evaluation failed, the cost also where it is unknown.
    """
    evaluated, labels = search.evaluated
    failed, truth = np.isnan(labels), ground_truth.truth(benchmark, oracle)
    pair = truth.column(column, evaluated), truth.reported(evaluated)
    return {name: np.where(failed, np.nan, values) for name, values in zip(POINTS, pair, strict=True)}


def _topk(order: IntArray, depth: int, evaluated: IntArray, labels: FloatArray, truth: Truth) -> FloatArray:
    """(R, depth) reported value of the best label among the first 1 .. depth of a ranking; NaN where one is missing."""
    if not depth:
        return np.empty((len(order), 0))
    found, seen = np.full(order.shape, np.nan), np.zeros(order.shape, dtype=bool)
    np.put_along_axis(found, evaluated, labels, axis=1)
    np.put_along_axis(seen, evaluated, True, axis=1)
    ranked = order[:, :depth]
    best = best_so_far(ranked, np.take_along_axis(found, ranked, axis=1))
    known = np.logical_and.accumulate(np.take_along_axis(seen, ranked, axis=1), axis=1)
    return np.where(known, truth.reported(best), np.nan)
