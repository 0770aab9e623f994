"""The contract of a search."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from siamnas.benchmarks.metric import Metric
from siamnas.oracle.base import Prior
from siamnas.oracle.table import TableOracle
from siamnas.search.base import Search
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space
from siamnas.testing import expect, small

SEEDS = range(7, 9)


class SearchContract(ABC):
    """Subclass it as `TestMine` and say how yours is made, with a budget of about 20."""

    @abstractmethod
    def make(self, space: Space, seeds: range, prior: Prior, metric: Metric) -> Search:
        """A new search; where it needs a predictor and an acquisition function, with new ones."""

    def config(self) -> Mapping[str, Any]:
        """Its configuration: `_target_` and some or all of its keys."""
        return expect.target(self._made(small.graphs(), SEEDS))

    def test_it_evaluates_its_budget_of_different_architectures(self) -> None:
        for benchmark in (small.graphs(), small.chains()):
            self._budget(self._ended(benchmark, SEEDS), benchmark)

    def test_failed_evaluations_are_survived(self) -> None:
        benchmark = small.failing(small.graphs())
        self._budget(self._ended(benchmark, SEEDS), benchmark)

    def test_ask_stays_the_same_until_it_is_told(self) -> None:
        benchmark = small.graphs()
        search = self._made(benchmark, SEEDS)
        first = search.ask()
        assert first is not None, "ask: nothing is asked for"
        expect.same(search.ask(), first, "ask: before it was told")
        search.tell(first, benchmark.measured.label[first])
        while (archs := search.ask()) is not None:
            search.tell(archs, benchmark.measured.label[archs])
        assert search.ask() is None, "ask: goes on after the end"

    def test_the_same_seed_goes_the_same_way(self) -> None:
        first, second = (self._ended(small.graphs(), SEEDS) for _ in range(2))
        expect.same(first.evaluations, second.evaluations, "evaluations of the same seeds")
        expect.same(first.order, second.order, "order of the same seeds")

    def test_a_repeat_in_a_batch_is_the_repeat_alone(self) -> None:
        for benchmark in (small.graphs(), small.failing(small.graphs()), small.chains()):
            batch = self._ended(benchmark, SEEDS)
            for r, seed in enumerate(SEEDS):
                alone = self._ended(benchmark, range(seed, seed + 1))
                expect.same(batch.evaluated[0][r], alone.evaluated[0][0], f"evaluations of repeat {r}, and alone")
                expect.same(batch.order[r], alone.order[0], f"order of repeat {r}, and alone")
                expect.same(batch.incumbents[r], alone.incumbents[0], f"incumbents of repeat {r}, and alone")

    def test_the_order_has_every_architecture_once(self) -> None:
        benchmark = small.graphs()
        order = self._ended(benchmark, SEEDS).order
        expect.shaped(order, (len(SEEDS), len(benchmark.space)), "order")
        assert (np.sort(order, axis=1) == np.arange(len(benchmark.space))).all(), "order: must be a permutation"

    def test_what_it_recommends_was_evaluated(self) -> None:
        for benchmark in (small.graphs(), small.failing(small.graphs())):
            search = self._ended(benchmark, SEEDS)
            expect.shaped(search.incumbents, search.evaluated[0].shape, "incumbents")
            for archs, row in zip(search.evaluated[0].tolist(), search.incumbents.tolist(), strict=True):
                early = [i for i, arch in enumerate(row) if arch not in archs[: i + 1]]
                assert not early, f"incumbents: what is recommended was not evaluated yet, at {early}"

    def test_the_generators_of_the_user_are_untouched(self) -> None:
        with expect.generators_untouched():
            self._ended(small.graphs(), SEEDS)

    def test_a_wrong_key_is_refused_by_name(self) -> None:
        expect.wrong_key_refused("search", self.config())

    def _made(self, benchmark: Benchmark, seeds: range) -> Search:
        return self.make(benchmark.space, seeds, TableOracle(benchmark, len(seeds)), benchmark.measured.metric)

    def _ended(self, benchmark: Benchmark, seeds: range) -> Search:
        search = self._made(benchmark, seeds)
        while (archs := search.ask()) is not None:
            assert archs.ndim == 2 and len(archs) == len(seeds), f"ask: must be (R, m), not {archs.shape}"
            assert np.issubdtype(archs.dtype, np.integer), "ask: must be numbers of architectures"
            assert archs.min() >= 0 and archs.max() < len(benchmark.space), "ask: there is no such architecture"
            expect.all_differ(archs, "ask")
            search.tell(archs, benchmark.measured.label[archs])
        return search

    def _budget(self, search: Search, benchmark: Benchmark) -> None:
        archs, labels = search.evaluated  # refuses fewer than n + depth
        expect.shaped(archs, (len(SEEDS), search.n + search.depth), "evaluated")
        expect.all_differ(archs, "evaluated")
        expect.same(labels, benchmark.measured.label[archs], "evaluated: labels")
