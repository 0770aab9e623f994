"""Train N, rank the space, evaluate the top K."""

import numpy as np

from siamnas.acquire import ranking
from siamnas.errors import InputError
from siamnas.oracle import scores
from siamnas.oracle.table import Oracle
from siamnas.predictors.base import Predictor
from siamnas.progress import Report, part_of
from siamnas.seeding import streams
from siamnas.spaces.space import IntArray

Arrays = dict[str, np.ndarray]
POOL_RULES = ("keep", "exclude", "start")
FIT_SHARE = 0.95  # of the progress bar; ranking and scoring take the rest


class TopK:
    """The search of the paper: fit a predictor on N queries, rank the whole space, evaluate its top (Figure 6).

    One fit at N serves every K: the curves hold the outcome for K = 1 .. D with D = min(M, max(k, depth)).

    Args:
        n: N, labels that each repeat pays for before the ranking.
        k: K, evaluated cells in the tables.
        rerank: this many of the coarse top are re-ordered by the fine score; 0 switches it off.
        depth: length of the curves.
        pool: what becomes of the cells that the fit has labelled. `keep`: they stay in the ranking, so that some of
            the K may have been paid for already (published behaviour). `exclude`: they go behind all other cells, and
            every one of the K is new. `start`: they stay, and the curves start from the best of them.
    """

    def __init__(self, n: int, k: int, rerank: int, depth: int, pool: str) -> None:
        self.n = n
        self.k = k
        self.rerank = rerank
        self.depth = depth
        self.pool = pool
        for key, value, least in (("n", n, 1), ("k", k, 1), ("rerank", rerank, 0), ("depth", depth, 1)):
            if value < least:
                raise InputError(f"search.{key}={value}: must be at least {least}")
        if pool not in POOL_RULES:
            raise InputError(f"search.pool={pool}: choose one of {', '.join(POOL_RULES)}")

    def run(self, predictor: Predictor, oracle: Oracle, report: Report) -> Arrays:
        """Search with `predictor` for all its repeats at once.

        Args:
            predictor: not yet fitted.
            oracle: counts what is spent; of the same space and number of repeats as the predictor.
            report: called with the finished share of the whole search in [0, 1].

        Returns:
            Arrays whose leading axis is the repeat; n_pool is the number of cells in the pool after the fit.

            - `identity` (R,): `seed + repeat`.
            - `pool` (R, n_pool) int32: the labelled cells in the order of their queries.
            - `ranked` (R, D) int32: the first D cells of the ranking.
            - `best` (R, D) float64: reported accuracy (fraction) of the cell chosen after K evaluations.
            - `chosen` (R, D) int32: that cell.
            - `spearman`, `kendall` (R,): of the ranking of the whole space against the true labels (with `exclude`: of
              the ranking before the pool was moved, which is what the predictor is responsible for).
            - `queries` (R, D): different cells whose accuracy was looked at when K are evaluated, fit included;
              `query_seconds` (R, D): their training time.
            - `codes`, `code_seconds` (R,): different cells whose Estimation Code was computed, and the time of these.
            - `curve/<name>` (R, epochs) float32: what the fit has logged.

        Raises:
            InputError: the space is too small for N and K.
        """
        space = oracle.space
        self._check(oracle)
        log = predictor.fit(oracle, self.n, part_of(report, 0.0, FIT_SHARE))

        order = ranking.rank(predictor.score(np.arange(len(space))), streams(predictor.identities, "ties"))
        order = self._refine(order, predictor, oracle)
        spearman, kendall = scores.correlations(order, space.label)

        if self.pool == "exclude":
            order = ranking.to_back(order, oracle.pool)
        ranked = order[:, : max(self.k, self.depth)]
        start = self._best_of_pool(oracle) if self.pool == "start" else None
        _, queries, query_seconds = oracle.follow(ranked)
        best, chosen = scores.best_so_far(space, ranked, start)
        cost = oracle.cost()
        report(1.0)
        return {
            "identity": np.array(predictor.identities),
            "pool": oracle.pool.astype(np.int32),
            "ranked": ranked.astype(np.int32),
            "best": best,
            "chosen": chosen.astype(np.int32),
            "spearman": spearman,
            "kendall": kendall,
            "queries": queries,
            "query_seconds": query_seconds,
            "codes": cost.codes,
            "code_seconds": cost.code_seconds,
            **{f"curve/{name}": np.asarray(curve, dtype=np.float32).T for name, curve in log.curves.items()},
        }

    def _check(self, oracle: Oracle) -> None:
        """N and K must fit into the space."""
        cells, coded = len(oracle.space), int(oracle.space.coded.sum())
        if self.n > coded:
            raise InputError(f"search.n={self.n}: {oracle.space.name} has {coded} cells that can be trained on")
        if self.n + self.k > cells:
            raise InputError(f"search.n={self.n} + search.k={self.k}: {oracle.space.name} has only {cells} cells")

    def _refine(self, order: IntArray, predictor: Predictor, oracle: Oracle) -> IntArray:
        """Re-rank the top by the fine score, and pay for the codes if the predictor has used them."""
        top = order[:, : self.rerank]
        if not top.shape[1]:
            return order
        fine = predictor.refine(top, oracle.space.code[top])
        if fine is None:  # no fine branch: the codes were not looked at, and cost nothing
            return order
        oracle.codes(top)
        return ranking.rerank(order, fine)

    def _best_of_pool(self, oracle: Oracle) -> IntArray | None:
        """(R,) best labelled cell of each pool, the earlier query where two are equal; None where it is empty."""
        if not oracle.pool.shape[1]:
            return None
        seat = oracle.space.label[oracle.pool].argmax(axis=1)
        return np.take_along_axis(oracle.pool, seat[:, None], axis=1)[:, 0]
