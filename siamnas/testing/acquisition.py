"""The contract of an acquisition function."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from siamnas.acquisition.base import Acquisition
from siamnas.acquisition.state import State
from siamnas.graphs.arrays import IntArray
from siamnas.oracle.table import TableOracle
from siamnas.predictors.base import Predictor
from siamnas.predictors.regressor import Regressor
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space
from siamnas.testing import expect, small

SEEDS = range(5, 7)
N = 24
FOREST = {"_target_": "sklearn.ensemble.RandomForestRegressor", "n_estimators": 5}


class AcquisitionContract(ABC):
    """Subclass it as `TestMine` and say how yours is made."""

    @abstractmethod
    def make(self) -> Acquisition:
        """A new acquisition function."""

    def predictor(self, space: Space, seeds: range) -> Predictor:
        """What it reads: a small random forest, which has a spread."""
        return Regressor(space, seeds, {}, 0, ["encoding"], [], False, FOREST)

    def config(self) -> Mapping[str, Any]:
        """Its configuration: `_target_` and some or all of its keys."""
        return expect.target(self.make())

    def test_the_rounds_sum_to_n(self) -> None:
        for n, least in ((N, 1), (N, 12), (7, 7), (3, 1), (1, 1), (2, 2)):
            rounds = self.make().rounds(n, least)
            assert sum(one.count for one in rounds) == n, f"rounds: the counts must sum to n={n}"
            assert min(one.count for one in rounds) >= 0, "rounds: a count is negative"
            assert rounds[0].count >= least, f"rounds: the first must be of least={least} or more, for the first fit"
            trained = [one.trained for one in rounds]
            assert all(0 <= share <= 1 for share in trained), "rounds: trained must be a share from 0 to 1"
            assert trained == sorted(trained), "rounds: the training can't go back"

    def test_it_chooses_free_and_different_architectures(self) -> None:
        for benchmark in (small.graphs(), small.failing(small.graphs()), small.chains()):
            self._grown(benchmark, SEEDS)

    def test_it_can_take_the_last_that_are_free(self) -> None:
        benchmark = small.graphs()
        state = self._state(benchmark, SEEDS)
        self._add(state, benchmark, state.at_random(state.room - 5))
        self._choose(self.make(), state, 5, 1)

    def test_the_same_seed_takes_the_same_architectures(self) -> None:
        first, second = (self._grown(small.graphs(), SEEDS) for _ in range(2))
        expect.same(first, second, "choices of the same seeds")

    def test_a_repeat_in_a_batch_is_the_repeat_alone(self) -> None:
        for benchmark in (small.graphs(), small.failing(small.graphs()), small.chains()):
            batch = self._grown(benchmark, SEEDS)
            for r, seed in enumerate(SEEDS):
                alone = self._grown(benchmark, range(seed, seed + 1))
                expect.same(batch[r], alone[0], f"choices of repeat {r} in a batch and alone")

    def test_the_generators_of_the_user_are_untouched(self) -> None:
        with expect.generators_untouched():
            self._grown(small.graphs(), SEEDS)

    def test_a_wrong_key_is_refused_by_name(self) -> None:
        expect.wrong_key_refused("acquisition", self.config())

    def _state(self, benchmark: Benchmark, seeds: range) -> State:
        predictor = self.predictor(benchmark.space, seeds)
        self.make().check(predictor)
        return State(predictor, TableOracle(benchmark, len(seeds)), benchmark.measured.metric)

    def _grown(self, benchmark: Benchmark, seeds: range) -> IntArray:
        """(R, n) a training set that has grown in all its rounds."""
        state, acquisition = self._state(benchmark, seeds), self.make()
        for index, one in enumerate(acquisition.rounds(N, 10)):
            if not one.count:
                continue
            self._add(state, benchmark, self._choose(acquisition, state, one.count, index), one.trained)
        return state.archs

    def _add(self, state: State, benchmark: Benchmark, archs: IntArray, trained: float = 1.0) -> None:
        state.add(archs, benchmark.measured.label[archs])
        state.fit(trained, N)

    def _choose(self, acquisition: Acquisition, state: State, count: int, index: int) -> IntArray:
        if not index:
            return state.at_random(count)
        free, archs, labels = state.free, state.archs.copy(), state.labels.copy()
        chosen = acquisition.choose(state, count, index)
        expect.shaped(chosen, (len(state.seeds), count), "choose")
        assert np.issubdtype(chosen.dtype, np.integer), "choose: must be numbers of architectures"
        expect.all_differ(chosen, "choose")
        assert np.take_along_axis(free, chosen, axis=1).all(), "choose: an architecture is not free"
        expect.same(state.archs, archs, "choose: the training set")
        expect.same(state.labels, labels, "choose: the labels")
        return chosen
