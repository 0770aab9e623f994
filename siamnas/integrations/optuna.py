"""The search as a sampler of Optuna: `optuna.create_study(sampler=SiamnasSampler())`."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.search_space import IntersectionSearchSpace
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from siamnas.benchmarks.metric import Metric
from siamnas.candidates.known import Known
from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.search import proposing
from siamnas.search.codes import GivenCodes
from siamnas.search.proposals import Proposals
from siamnas.search.setting import Setting
from siamnas.spaces.public import Space

MOST = 10_000  # options of one parameter
BUDGET = 60  # evaluations for which the initial design is made; a study has no end
TOLD = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)

Distributions = Mapping[str, BaseDistribution]


class SiamnasSampler(BaseSampler):
    """Samples the parameters of `suggest_categorical` and `suggest_int` by what was learnt from earlier trials.

        study = optuna.create_study(direction="maximize", sampler=SiamnasSampler(seed=0))

    Trials that run are taken into account, so that any number of them may run at once. Parameters that not all earlier
    trials have, and those of `suggest_float`, are random, as is the first trial. One objective; trials that failed or
    were pruned are not tried again, and not learnt from.

    Args:
        predictor: an option of the group `predictor` that comes with `search=active`.
        seed: fixes everything random.
        overrides: further words of a command line, such as `acquisition=ei`.

    Raises:
        InputError: an option is not allowed.
    """

    def __init__(self, predictor: str = "gp", seed: int = 0, overrides: Sequence[str] = ()) -> None:
        self._setting = Setting(predictor, BUDGET, True, seed, tuple(overrides))
        self._config = self._setting.compose()
        self._random = RandomSampler(seed)
        self._intersection = IntersectionSearchSpace()
        self._learner: _Learner | None = None

    def reseed_rng(self) -> None:
        """See Optuna; what is random follows from the seed and the number of trials."""
        self._random.reseed_rng()

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """See Optuna: the parameters that all earlier trials have."""
        if len(study.directions) > 1:
            raise InputError("SiamnasSampler: a study must have one objective")
        found = self._intersection.calculate(study)
        return {name: one for name, one in found.items() if not one.single() and options(one) is not None}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """See Optuna."""
        if not search_space:
            return {}
        if self._learner is None or self._learner.distributions != search_space:
            self._learner = _Learner(search_space, self._config, self._setting.seed)
        trials = study.get_trials(deepcopy=False, states=(*TOLD, TrialState.RUNNING))
        sign = 1 if study.direction == StudyDirection.MAXIMIZE else -1
        return self._learner.next([one for one in trials if one.number != trial.number], sign)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """See Optuna: at random."""
        return self._random.sample_independent(study, trial, param_name, param_distribution)


class _Learner:
    """What proposes the parameters of the next trial.

    Args:
        distributions: name -> of the parameters.
        config: of the search.
        seed: of everything random.
    """

    def __init__(self, distributions: Distributions, config: build.Config, seed: int) -> None:
        self.distributions = dict(distributions)
        self._options = {name: options(one) or () for name, one in sorted(distributions.items())}
        # Categories by their number, so that any value can be one; numbers as they are, because they have an order.
        described = {
            f"p{i}": [self._word(name, option) for option in range(len(own))]
            for i, (name, own) in enumerate(self._options.items())
        }
        domain = Space.of_choices(described, "optuna")
        self._known = Known(domain)
        own_config = {**config, "search": {**config["search"], "n": min(BUDGET, domain.size or BUDGET)}}
        proposals = proposing.proposals(
            own_config, self._known, GivenCodes(None, 0), Metric("value", True, unit=""), seed
        )
        if proposals is None:
            raise InputError("SiamnasSampler: needs a search that learns from every evaluation: search=active")
        self._proposals: Proposals = proposals

    def next(self, trials: Sequence[FrozenTrial], sign: int) -> dict[str, Any]:
        """The parameters of the next trial; none where there is nothing new to try.

        Args:
            trials: all others.
            sign: makes a larger value a better one.
        """
        told: dict[int, float] = {}
        pending = dict[int, None]()
        for trial in trials:
            if (number := self._number(trial.params)) is None:
                continue
            if trial.state in TOLD:
                worth = sign * trial.values[0] if trial.state == TrialState.COMPLETE and trial.values else math.nan
                # Of several trials of the same parameters the last one that did not fail counts.
                told[number] = told.get(number, math.nan) if math.isnan(worth) else worth
            else:
                pending[number] = None
        archs, labels = np.array(list(told), dtype=np.int64), np.array(list(told.values()), dtype=np.float64)
        found = self._proposals.propose(archs, labels, [arch for arch in pending if arch not in told], 1)
        return self._params(found[0].arch) if found else {}

    def _number(self, params: Mapping[str, Any]) -> int | None:
        """The number of what a trial has tried; None where it has other parameters."""
        seats = []
        for name, own in self._options.items():
            if name not in params or params[name] not in own:
                return None
            seats.append(own.index(params[name]))
        words = [
            f"p{i}={self._word(name, seat)}" for i, (name, seat) in enumerate(zip(self._options, seats, strict=True))
        ]
        domain = self._known.domain
        return self._known.add(domain.stack([domain.parse(" ".join(words))]))[0]

    def _params(self, number: int) -> dict[str, Any]:
        """The parameters of a number."""
        choices = self._known.domain.choices(self._known[number])
        found = {}
        for i, (name, own) in enumerate(self._options.items()):
            words = [self._word(name, seat) for seat in range(len(own))]
            found[name] = own[words.index(choices[f"p{i}"])]
        return found

    def _word(self, name: str, seat: int) -> Any:
        """An option in the description."""
        return self._options[name][seat] if isinstance(self.distributions[name], IntDistribution) else f"c{seat}"


def options(distribution: BaseDistribution) -> tuple[Any, ...] | None:
    """All values of a parameter; None where they can't be listed."""
    if isinstance(distribution, CategoricalDistribution):
        return distribution.choices
    if isinstance(distribution, IntDistribution):
        values = range(distribution.low, distribution.high + 1, distribution.step)
        return tuple(values) if len(values) <= MOST else None
    return None
