"""What the samplers of Optuna share: they suggest categorical choices, and learn what was evaluated in their place."""

import math
from abc import abstractmethod
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import TrialState, create_trial
from suggested import Rival

optuna.logging.set_verbosity(optuna.logging.ERROR)


class OnOptuna(Rival):
    """A sampler of Optuna."""

    @abstractmethod
    def sampler(self) -> optuna.samplers.BaseSampler:
        """What suggests."""

    def begin(self) -> None:
        """See `Rival`."""
        self.places: dict[str, BaseDistribution] = {
            name: CategoricalDistribution(list(range(count)))
            for name, count in zip(self.names, self.options, strict=True)
        }
        self.study = optuna.create_study(direction="maximize", sampler=self.sampler())

    def suggest(self) -> list[int]:
        """See `Rival`."""
        trial = self.study.ask(self.places)
        self.study.tell(trial, state=TrialState.FAIL)  # what is evaluated is told below
        return [trial.params[name] for name in self.names]

    def observe(self, row: list[int], value: float | None) -> None:
        """See `Rival`."""
        told: dict[str, Any] = (
            {"state": TrialState.FAIL} if value is None or not math.isfinite(value) else {"value": value}
        )
        params = dict(zip(self.names, row, strict=True))
        self.study.add_trial(create_trial(params=params, distributions=self.places, **told))
