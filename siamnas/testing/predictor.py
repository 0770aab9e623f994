"""The contract of a predictor."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import kendalltau

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.table import TableOracle
from siamnas.predictors.base import Predictor, Stage
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space
from siamnas.testing import expect, small
from siamnas.training.training_set import TrainingSet

SEEDS = range(3, 5)
TRAINING = 60  # architectures


class PredictorContract(ABC):
    """Subclass it as `TestMine` and say how yours is made.

    Attributes:
        correlation: Kendall's tau with an easy target (half of a graph's value is in its three operations) that it must
            reach after 60 evaluations, where it learns.
        tolerance: by how much a score may differ between a repeat in a batch and the repeat alone. It is 0; networks
            whose sums are rounded otherwise in a batch may say more.
        code_length: L of the Estimation Codes that are there, for a predictor that asks for it.
        priced: names of the measured columns that are there.
    """

    correlation = 0.3
    tolerance = 0.0
    code_length = small.CODE_LENGTH
    priced = (small.PRICED,)

    @abstractmethod
    def make(self, space: Space, seeds: range) -> Predictor:
        """A new predictor, not yet fitted."""

    def config(self) -> Mapping[str, Any]:
        """Its configuration: `_target_` and some or all of its keys."""
        return expect.target(self.make(small.graphs().space, SEEDS))

    def test_scores_have_a_row_for_each_repeat(self) -> None:
        for benchmark in (small.graphs(), small.chains()):
            predictor, archs = self._fitted(benchmark, SEEDS), small.draw(len(benchmark.space), 9, SEEDS)
            scores = predictor.score(archs)
            expect.shaped(scores, (len(SEEDS), 9), "score of (R, m) architectures")
            assert np.isfinite(scores).all(), "score: must be finite"
            every = predictor.score(np.arange(len(benchmark.space)))
            expect.shaped(every, (len(SEEDS), len(benchmark.space)), "score of (m,) architectures")
            picked = np.take_along_axis(every, archs, axis=1)
            expect.same(scores, picked, "score: of some architectures, as among all", max(self.tolerance, 1e-5))

    def test_a_repeat_in_a_batch_is_the_repeat_alone(self) -> None:
        for benchmark in (small.graphs(), small.chains()):
            batch = self._scores(benchmark, SEEDS)
            for r, seed in enumerate(SEEDS):
                alone = self._scores(benchmark, range(seed, seed + 1))
                expect.same(batch[r], alone[0], f"repeat {r} in a batch and alone", self.tolerance)

    def test_the_same_seed_gives_the_same_scores(self) -> None:
        first, second = (self._scores(small.graphs(), SEEDS) for _ in range(2))
        expect.same(first, second, "scores of the same seeds")

    def test_it_learns_an_easy_target(self) -> None:
        benchmark = small.graphs()
        if not (predictor := self._fitted(benchmark, SEEDS)).learns:
            return
        scores = predictor.score(np.arange(len(benchmark.space)))
        found = np.mean([kendalltau(row, benchmark.measured.label).statistic for row in scores])
        assert found >= self.correlation, f"Kendall's tau is {found:.2f}, not {self.correlation}: is higher better?"

    def test_failed_evaluations_are_survived(self) -> None:
        benchmark = small.failing(small.graphs())
        scores = self._fitted(benchmark, SEEDS).score(np.arange(len(benchmark.space)))
        assert np.isfinite(scores).all(), "score: must be finite although some labels were NaN"

    def test_a_second_fit_is_possible(self) -> None:
        benchmark = small.graphs()
        predictor = self.make(benchmark.space, SEEDS)
        self._survey(predictor, benchmark)
        archs = small.draw(len(benchmark.space), TRAINING, SEEDS)
        for share, count in ((0.5, TRAINING // 2), (1.0, TRAINING)):
            self._fit(predictor, benchmark, archs[:, :count], share)
            assert np.isfinite(predictor.score(archs)).all(), "score: must be finite between the fits"

    def test_the_spread_is_a_standard_deviation(self) -> None:
        benchmark = small.graphs()
        if not (predictor := self._fitted(benchmark, SEEDS)).spreads:
            return
        archs = small.draw(len(benchmark.space), 20, SEEDS)
        spread = predictor.spread(archs).copy()
        expect.shaped(spread, archs.shape, "spread")
        assert np.isfinite(spread).all() and (spread >= 0).all(), "spread: must be finite and not negative"
        assert (spread > 0).any(), "spread: is 0 everywhere"
        left = predictor.spread_after(archs, archs[:, :2])
        expect.shaped(left, archs.shape, "spread_after")
        assert np.isfinite(left).all() and (left >= 0).all(), "spread_after: must be finite and not negative"
        assert (left <= spread * (1 + 1e-6) + 1e-9).all(), "spread_after: an evaluation must not make it less sure"
        known = spread[:, :2] > 1e-9
        assert (left[:, :2] < spread[:, :2])[known].all(), "spread_after: what will have been evaluated is surer"
        drawn = predictor.draw(archs, [np.random.default_rng(seed) for seed in SEEDS])
        expect.shaped(drawn, archs.shape, "draw")
        assert np.isfinite(drawn).all(), "draw: must be finite"

    def test_what_has_no_code_has_no_finer_score(self) -> None:
        benchmark = small.graphs()
        if not (predictor := self._fitted(benchmark, SEEDS)).coded:
            return
        archs = small.draw(len(benchmark.space), 10, SEEDS)
        codes = benchmark.measured.code[archs].copy()
        codes[:, 4] = np.nan
        refined, unknown = predictor.refine(archs, codes), np.isnan(codes).any(axis=2)
        expect.shaped(refined, archs.shape, "refine")
        assert (np.isnan(refined) == unknown).all(), "refine: must be NaN where the code is, and only there"

    def test_the_generators_of_the_user_are_untouched(self) -> None:
        benchmark = small.graphs()
        with expect.generators_untouched():
            predictor = self._fitted(benchmark, SEEDS)
            predictor.score(np.arange(len(benchmark.space)))
            if predictor.spreads:
                predictor.spread(np.arange(len(benchmark.space)))

    def test_what_it_is_given_stays_as_it_is(self) -> None:
        benchmark = small.graphs()
        predictor = self.make(benchmark.space, SEEDS)
        self._survey(predictor, benchmark)
        archs = small.draw(len(benchmark.space), TRAINING, SEEDS)
        labels, before = benchmark.measured.label[archs], archs.copy()
        given = TrainingSet(archs, self._codes(predictor, benchmark, archs))
        codes, expected = given.codes.copy(), labels.copy()
        predictor.stage = Stage(1.0, TRAINING)
        predictor.fit(given, labels)
        expect.same(archs, before, "fit: architectures")
        expect.same(labels, expected, "fit: labels")
        expect.same(given.codes, codes, "fit: codes")

    def test_a_wrong_key_is_refused_by_name(self) -> None:
        expect.wrong_key_refused("predictor", self.config())

    def _scores(self, benchmark: Benchmark, seeds: range) -> FloatArray:
        return self._fitted(benchmark, seeds).score(np.arange(len(benchmark.space)))

    def _fitted(self, benchmark: Benchmark, seeds: range) -> Predictor:
        """As a search makes it: surveyed, fitted, closed and finished."""
        predictor = self.make(benchmark.space, seeds)
        self._survey(predictor, benchmark)
        if predictor.learns:
            self._fit(predictor, benchmark, small.draw(len(benchmark.space), TRAINING, seeds))
        for _ in range(predictor.closing):
            predictor.close()
            best = predictor.score(np.arange(len(benchmark.space))).argmax(axis=1)
            predictor.keep(benchmark.measured.label[best])
        predictor.finish()
        return predictor

    def _fit(self, predictor: Predictor, benchmark: Benchmark, archs: IntArray, until: float = 1.0) -> None:
        predictor.stage = Stage(until, TRAINING)
        training_set = TrainingSet(archs, self._codes(predictor, benchmark, archs))
        predictor.fit(training_set, benchmark.measured.label[archs])

    def _survey(self, predictor: Predictor, benchmark: Benchmark) -> None:
        if predictor.surveys:
            predictor.survey(TableOracle(benchmark, len(predictor.seeds)).survey(predictor.surveys))

    def _codes(self, predictor: Predictor, benchmark: Benchmark, archs: IntArray) -> FloatArray:
        """(R, n, L), where it reads them."""
        return benchmark.measured.code[archs] if predictor.coded else np.empty((*archs.shape, 0))
