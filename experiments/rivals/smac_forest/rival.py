"""SMAC: a a random forest and expected improvement (`HyperparameterOptimizationFacade`) with its default options."""

import math
import sys
import tempfile
from pathlib import Path

from ConfigSpace import CategoricalHyperparameter, Configuration, ConfigurationSpace
from smac import HyperparameterOptimizationFacade as Facade
from smac import Scenario
from smac.runhistory.dataclasses import TrialInfo, TrialValue
from smac.runhistory.enumerations import StatusType

sys.path.append(str(Path(__file__).resolve().parents[1]))
from suggested import START, Rival  # noqa: E402

FAILED = 1e9  # cost of what has no value


class SMAC(Rival):
    """See the file."""

    def begin(self) -> None:
        """See `Rival`."""
        self.space = ConfigurationSpace(seed=self.seed)
        for name, count in zip(self.names, self.options, strict=True):
            self.space.add(CategoricalHyperparameter(name, list(range(count))))
        scenario = Scenario(
            self.space, deterministic=True, n_trials=2 * self.budget, seed=self.seed,
            output_directory=Path(tempfile.mkdtemp()),
        )  # fmt: skip
        design = Facade.get_initial_design(scenario, n_configs=START)
        self.smac = Facade(scenario, lambda config, seed=0: 0.0, initial_design=design, logging_level=40)

    def suggest(self) -> list[int]:
        """See `Rival`."""
        self.asked = self.smac.ask()
        return [int(self.asked.config[name]) for name in self.names]

    def observe(self, row: list[int], value: float | None) -> None:
        """See `Rival`; what is evaluated in the place of a suggestion is told beside it."""
        if value is None or not math.isfinite(value):
            told = TrialValue(FAILED, status=StatusType.CRASHED)
        else:
            told = TrialValue(-value)
        config = Configuration(self.space, values=dict(zip(self.names, row, strict=True)))
        self.smac.tell(TrialInfo(config=config, seed=self.asked.seed), told, save=False)
