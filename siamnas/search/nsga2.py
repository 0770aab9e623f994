"""NSGA-II (Deb et al. 2002), as pymoo has it: evolution towards a front."""

from typing import Annotated

import numpy as np

from siamnas.acquisition.ehvi import Objective
from siamnas.benchmarks.metric import Metric
from siamnas.config.validate import Condition, Count
from siamnas.errors import InputError
from siamnas.graphs.columns import check_column
from siamnas.oracle.base import Prior
from siamnas.search.walks import Memory, Walk, Walks
from siamnas.spaces.listed import Space

SEEDS = 2**31
WORST = 1e12  # of either objective, where it is not known: larger than any that is


class NSGA2(Walks):
    """The metric and a free column; parents by rank and crowding, children by uniform crossover and random operations.

    What stands in each place of an architecture is a categorical choice, which a child changes in one place on average.
    A child may be known already, or no architecture of the space: the nearest one that is not known takes its place.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        prior: not used.
        metric: of the values.
        n: N, evaluations in all.
        population: P, architectures that live at a time, and are evaluated in a generation; the first ones are random.
        column: the second objective, lower is better.

    Raises:
        InputError: the column is not free, or pymoo is not installed.
    """

    stream = "NSGA2"

    def __init__(
        self,
        space: Space,
        seeds: range,
        prior: Prior,
        metric: Metric,
        n: Count,
        population: Annotated[int, Condition("an integer of at least 2", lambda v: v >= 2)],
        column: Objective,
    ) -> None:
        super().__init__(space, seeds, prior, metric, n)
        self.population = population
        check_column(column, f"search.column={column}", space.columns)
        self.cost = np.nan_to_num(space.columns[column], nan=WORST)
        try:
            import pymoo  # noqa: F401 (an optional dependency)
        except ImportError as error:
            raise InputError("search=nsga2: needs pymoo: pip install 'pymoo>=0.6.1.5'") from error

    def walk(self, memory: Memory) -> Walk:
        """See `Walks`."""
        from pymoo.algorithms.moo.nsga2 import NSGA2 as Algorithm
        from pymoo.core.problem import Problem
        from pymoo.core.variable import Choice
        from pymoo.operators.crossover.ux import UX
        from pymoo.operators.mutation.rm import ChoiceRandomMutation

        archs: list[int] = []
        while len(archs) < self.population:
            archs.append((yield memory.at_random()))
        places = self.near.places
        choices = {f"{i:03}": Choice(options=np.unique(place)) for i, place in enumerate(places.T)}
        algorithm = Algorithm(
            pop_size=self.population,
            sampling=places[archs],
            crossover=UX(),
            mutation=ChoiceRandomMutation(),
            eliminate_duplicates=False,  # of two that are equal the second becomes its nearest neighbour
            seed=int(memory.rng.integers(SEEDS)),
        )
        algorithm.setup(Problem(vars=choices, n_obj=2), termination=("n_gen", np.inf))
        while True:
            asked = algorithm.ask()  # the first ones as they are, then children
            for child in asked.get("X")[len(archs) :]:
                archs.append((yield memory.one_of(self.near.nearest(child.astype(places.dtype), memory.free))))
            worths = np.array([memory.values[arch] for arch in archs])
            asked.set("X", places[archs])
            asked.set("F", np.stack([np.minimum(-worths, WORST), self.cost[archs]], axis=1))
            algorithm.tell(infills=asked)
            archs = []
