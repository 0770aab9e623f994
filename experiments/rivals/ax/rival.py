"""Ax: its default strategy on unordered choices."""

import logging
import math
import sys
import warnings
from pathlib import Path

from ax.api.client import Client
from ax.api.configs import ChoiceParameterConfig

sys.path.append(str(Path(__file__).resolve().parents[1]))
from suggested import START, Rival  # noqa: E402

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)


class Ax(Rival):
    """See the file."""

    def begin(self) -> None:
        """See `Rival`."""
        self.client = Client(random_seed=self.seed)
        places = [
            ChoiceParameterConfig(name=f"x{name}", values=list(range(count)), parameter_type="int", is_ordered=False)
            for name, count in zip(self.names, self.options, strict=True)
        ]
        self.client.configure_experiment(parameters=places)
        self.client.configure_optimization(objective="value")
        self.client.configure_generation_strategy(initialization_budget=START, initialization_random_seed=self.seed)

    def suggest(self) -> list[int]:
        """See `Rival`."""
        ((self.trial, asked),) = self.client.get_next_trials(max_trials=1).items()
        self.asked = [int(asked[f"x{name}"]) for name in self.names]
        return self.asked

    def observe(self, row: list[int], value: float | None) -> None:
        """See `Rival`; what is evaluated in the place of a suggestion is a trial of its own."""
        trial = self.trial
        if row != self.asked:
            self.client.mark_trial_abandoned(trial_index=trial)
            trial = self.client.attach_trial(parameters={f"x{n}": v for n, v in zip(self.names, row, strict=True)})
        if value is None or not math.isfinite(value):
            self.client.mark_trial_failed(trial_index=trial)
        else:
            self.client.complete_trial(trial_index=trial, raw_data={"value": value})
