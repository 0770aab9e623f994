"""Several objectives, each predicted by a model of its own or known for free, and limits on what is measured."""

from collections.abc import Mapping

import numpy as np

from siamnas.acquisition.greedy_batch import GreedyBatch
from siamnas.acquisition.improvement import SURE, expected, log_expected, positive
from siamnas.acquisition.state import State
from siamnas.benchmarks.objectives import Objective, Objectives
from siamnas.benchmarks.pareto import by_rank, nondominated
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors.base import Predictor

ROOM = 0.25  # of the range of the scores of what was told, between the worst of them and the reference point
WIDTH = 1e-3  # of the range of a free column, beyond its worst value


class SeveralObjectives(GreedyBatch):
    """The largest expected gain of hypervolume times the probability that all limits are kept.

    What is told are T numbers, each learnt by a repeat of its own of the predictor; free columns are known exactly.
    Predictions are taken for normal and independent, so that both factors are exact, see `log_gain`. With one objective
    the gain is the expected improvement (Schonlau et al. 1998; Gardner et al. 2014 with limits). As long as nothing
    evaluated keeps all limits, the probability of keeping them is all that counts.

    Of measured objectives the scores are what is compared, whose unit is that of ranks: neither the unit nor a few wild
    values of what was told matter. The reference point lies a little beyond the worst of them. What is pending is on
    the front by its scores.

    Args:
        objectives: the first repeat stands for the first number that is told, and so on.
    """

    def __init__(self, objectives: Objectives) -> None:
        super().__init__(2)
        self.objectives = objectives

    @property
    def name(self) -> str:
        """See `Acquisition`."""
        return "ei" if len(self.objectives.aims) == 1 else "ehvi"

    def check(self, predictor: Predictor) -> None:
        """See `Acquisition`; what is free must be a column."""
        super().check(predictor)
        self.objectives.check_columns(list(predictor.space.columns))

    def worth(self, state: State, score: FloatArray, spread: FloatArray) -> FloatArray:
        """(T, M) the logarithm, the same in every row; see `GreedyBatch`."""
        spread = positive(spread, score)
        told = ~np.isnan(state.labels[0])
        archs, labels = state.archs[0][told], state.labels[:, told]
        columns = {name: state.space.columns[name] for name in self.objectives.free}
        numbers = self.objectives.numbers(
            self.objectives.signs[:, None] * labels, {name: values[archs] for name, values in columns.items()}
        )
        found = self._log_kept(columns, score, spread, score[:, archs], labels) + state.log_success
        kept = self.objectives.feasible(numbers)
        if kept.any() or not self.objectives.limits:
            found = found + self._log_gain(state, score, spread, archs, archs[kept], found)
        return np.broadcast_to(found, score.shape)

    def best_first(self, labels: FloatArray, columns: Mapping[str, FloatArray]) -> IntArray:
        """See `Acquisition`: what keeps all limits, by the fronts; then the rest, by the numbers that are not kept."""
        own = self.objectives
        numbers = own.numbers(own.signs[:, None] * labels, columns)
        kept, worth = own.feasible(numbers), own.worth(numbers)
        broken = np.isnan(labels[0]) * len(own.limits) + sum(~limit.kept(numbers[limit.name]) for limit in own.limits)
        first, rest = np.flatnonzero(kept), np.flatnonzero(~kept)
        return np.concatenate([first[by_rank(worth[first])], rest[np.argsort(broken[rest], kind="stable")]])

    def _log_kept(
        self,
        columns: dict[str, FloatArray],
        score: FloatArray,
        spread: FloatArray,
        told: FloatArray,
        labels: FloatArray,
    ) -> FloatArray:
        """(M,) logarithm of the probability that all limits are kept.

        Args:
            columns: (M,) free ones.
            score: (T, M).
            spread: (T, M).
            told: (T, n) scores of what is evaluated.
            labels: (T, n) of it.
        """
        from scipy.special import log_ndtr

        found = np.zeros(score.shape[1])
        for limit in self.objectives.limits:
            if limit.free:
                found = found + np.where(limit.kept(columns[limit.name]), 0.0, -np.inf)
                continue
            row = self.objectives.told.index(limit.name)
            sign = self.objectives.signs[row]
            level = level_of(sign * limit.constraint.limit, labels[row], told[row])
            found = found + log_ndtr(limit.sign * sign * (score[row] - level) / spread[row])
        return found

    def _log_gain(
        self, state: State, score: FloatArray, spread: FloatArray, told: IntArray, kept: IntArray, possible: FloatArray
    ) -> FloatArray:
        """(M,) logarithm of the expected gain.

        Args:
            state: see `worth`.
            score: (T, M).
            spread: (T, M).
            told: what is evaluated.
            kept: what of it keeps all limits.
            possible: (M,) see `_log_kept`.
        """
        aims, rows = self.objectives.aims, self.objectives.told
        if len(aims) == 1:
            known = kept if len(kept) else state.archs[0]
            return log_expected(score[0], spread[0], score[0, known].max())
        means, deviations, reference = [], [], []
        for aim in aims:
            if aim.free:
                mean, deviation, worst = _known(aim, state)
            else:
                mean, deviation = score[rows.index(aim.name)], spread[rows.index(aim.name)]
                own = mean[told] if len(told) else mean
                worst = own.min() - ROOM * (np.ptp(own) or 1.0)
            means.append(mean)
            deviations.append(deviation)
            reference.append(worst)
        mean, pending = np.stack(means), state.pending[0]
        seats = np.concatenate([kept, pending[possible[pending] > np.log(0.5)]])
        return log_gain(mean, np.stack(deviations), mean[:, seats].T, np.array(reference))


def _known(aim: Objective, state: State) -> tuple[FloatArray, FloatArray, float]:
    """(M,) values of a free objective, (M,) their tiny spread, and what is a little worse than all."""
    every = aim.sign * state.space.reference.columns[aim.name]
    extent = float(np.nanmax(every) - np.nanmin(every)) or 1.0
    mean = aim.sign * state.space.columns[aim.name]
    return mean, np.full(len(mean), SURE * extent), float(np.nanmin(every)) - WIDTH * extent


def level_of(limit: float, labels: FloatArray, scores: FloatArray) -> float:
    """The score that stands for a limit: it is among the scores (n,) where the limit is among the labels (n,).

    Beyond all labels it goes on as it does in the mean between the least and the largest.
    """
    places, levels = np.sort(labels), np.sort(scores)
    slope = np.ptp(levels) / (np.ptp(places) or 1.0) or 1.0
    beyond = min(limit - places[0], 0.0) + max(limit - places[-1], 0.0)
    return float(np.interp(limit, places, levels) + slope * beyond)


def log_gain(mean: FloatArray, spread: FloatArray, points: FloatArray, reference: FloatArray) -> FloatArray:
    """(M,) logarithm of the expected gain of hypervolume of independent normal predictions; NaN where one is NaN.

    What is not dominated is cut into boxes by the levels of the points, and a box adds the product over the objectives
    of what a prediction is expected to reach of its side (Emmerich et al. 2016; Yang et al. 2019).

    Args:
        mean: (A, M) higher is better; A from 2 to 3.
        spread: (A, M) above 0.
        points: (n, A) of the front, and others.
        reference: (A,) above which volume counts.
    """
    points = points[(points > reference).all(axis=1)]
    points = points[nondominated(points)]
    reached = [
        {level: expected(own, deviation, level) for level in (float(floor), *levels.tolist())}
        for own, deviation, levels, floor in zip(mean, spread, points.T, reference, strict=True)
    ]
    gain = _beyond(points, reached, reference.tolist())
    with np.errstate(divide="ignore"):
        return np.log(np.where(np.isnan(mean).any(axis=0), np.nan, gain))


def _beyond(points: FloatArray, reached: list[dict[float, FloatArray]], reference: list[float]) -> FloatArray:
    """(M,) see `log_gain`.

    Args:
        points: (n, A).
        reached: of each objective: level -> (M,) expected improvement on it.
        reference: see `log_gain`.
    """
    last, others = reached[-1], reached[:-1]
    if not others:
        return last[float(points.max(initial=reference[0]))]
    total, levels = np.zeros(len(last[reference[-1]])), [reference[-1], *np.unique(points[:, -1]).tolist()]
    for level, end in zip(levels, [*levels[1:], None], strict=True):
        side = last[level] if end is None else np.maximum(last[level] - last[end], 0.0)
        higher = points[points[:, -1] > level][:, :-1]
        total += side * _beyond(higher[nondominated(higher)], others, reference[:-1])
    return total
