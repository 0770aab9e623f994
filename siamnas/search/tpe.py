"""The tree-structured Parzen estimator (Bergstra et al. 2011), as Optuna has it."""

import math
from typing import TYPE_CHECKING

import numpy as np

from siamnas.benchmarks.metric import Metric
from siamnas.config.validate import Count
from siamnas.errors import InputError
from siamnas.oracle.base import Prior
from siamnas.search.walks import Memory, Walk, Walks
from siamnas.spaces.listed import Space

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

SEEDS = 2**31


class TPE(Walks):
    """Optuna's sampler on what stands in each place of an architecture, as categorical choices.

    Its suggestion may be known already, or be no architecture of the space: the nearest one that is not known is
    evaluated, and the sampler is told of that.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        prior: not used.
        metric: of the values.
        n: N, evaluations in all.
        start: random architectures at the beginning.

    Raises:
        InputError: Optuna is not installed.
    """

    stream = "TPE"

    def __init__(self, space: Space, seeds: range, prior: Prior, metric: Metric, n: Count, start: Count) -> None:
        super().__init__(space, seeds, prior, metric, n)
        self.start = start
        try:
            import optuna  # noqa: F401 (an optional dependency)
        except ImportError as error:
            raise InputError("search=tpe: needs Optuna: pip install 'optuna>=4'") from error

    def walk(self, memory: Memory) -> Walk:
        """See `Walks`."""
        import optuna
        from optuna.distributions import CategoricalDistribution
        from optuna.trial import TrialState, create_trial

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        places = self.near.places
        choices: dict[str, BaseDistribution] = {
            f"{i:03}": CategoricalDistribution(np.unique(place).tolist()) for i, place in enumerate(places.T)
        }
        sampler = optuna.samplers.TPESampler(n_startup_trials=self.start, seed=int(memory.rng.integers(SEEDS)))
        study = optuna.create_study(direction="maximize", sampler=sampler)
        while True:
            if len(memory.values) < self.start:
                wanted = memory.at_random()
            else:
                trial = study.ask(choices)
                suggested = np.array([trial.params[key] for key in choices], dtype=places.dtype)
                study.tell(trial, state=TrialState.FAIL)  # the architecture that is evaluated is told below
                wanted = memory.one_of(self.near.nearest(suggested, memory.free))
            arch = yield wanted
            value = memory.values[arch]
            params = dict(zip(choices, places[arch].tolist(), strict=True))
            told = {"value": value} if math.isfinite(value) else {"state": TrialState.FAIL}
            study.add_trial(create_trial(params=params, distributions=choices, **told))
