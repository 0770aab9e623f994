"""What a search has found, beside the truth that it never saw: the arrays of a result."""

import numpy as np

from siamnas.oracle.base import Oracle
from siamnas.oracle.judge import Judge
from siamnas.search.base import Search
from siamnas.spaces.benchmark import Benchmark


def judged(search: Search, oracle: Oracle, benchmark: Benchmark) -> dict[str, np.ndarray]:
    """The outcome of a search beside the truth.

    Returns:
        Arrays whose leading axis is the repeat; n is the size of the pool.

        - `identity` (R,): `seed + repeat`.
        - `pool` (R, n) int32: the architectures that were learnt from, in the order of their queries.
        - `ranked` (R, D) int32: the first D architectures in the order of their evaluation.
        - `best` (R, D) float64: reported value of the architecture chosen after K evaluations.
        - `chosen` (R, D) int32: that architecture.
        - `spearman`, `kendall` (R,): of the predictor's ranking of the whole space against the true labels.
        - `queries` (R, D): different architectures looked at when K are evaluated, everything before included;
          `query_seconds` (R, D): their training time.
        - `codes`, `code_seconds` (R,): different architectures whose Estimation Code, or another measured column, was
          computed, and the time of these.
        - `curve/<name>` (R, epochs) float32: what the training has logged.
    """
    judge, outcome, cost = Judge(benchmark), search.outcome, oracle.cost()
    depth = outcome.ranked.shape[1]  # the last evaluations of the search
    spearman, kendall = judge.correlations(outcome.order)
    return {
        "identity": np.array(search.state.identities),
        "pool": outcome.pool.astype(np.int32),
        "ranked": outcome.ranked.astype(np.int32),
        "best": judge.reported(outcome.chosen),
        "chosen": outcome.chosen.astype(np.int32),
        "spearman": spearman,
        "kendall": kendall,
        # A search may ask in many batches; the curve is about its last evaluations, the bill about all until then.
        "queries": np.concatenate([bill.queries for bill in oracle.bills], axis=1)[:, -depth:],
        "query_seconds": np.concatenate([bill.seconds for bill in oracle.bills], axis=1)[:, -depth:],
        "codes": cost.codes,
        "code_seconds": cost.code_seconds,
        **{f"curve/{name}": np.asarray(curve, dtype=np.float32).T for name, curve in outcome.curves.items()},
    }
