"""NePS: Bayesian optimisation with its default options, on unordered choices."""

import math
import sys
import warnings
from pathlib import Path

import neps
import numpy as np
import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))
from suggested import START, Rival  # noqa: E402

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


class NePS(Rival):
    """See the file."""

    def begin(self) -> None:
        """See `Rival`."""
        np.random.seed(self.seed)  # noqa: NPY002 (it draws from the global generators)
        torch.manual_seed(self.seed)
        places = {
            name: neps.HPOCategorical(list(range(count)))
            for name, count in zip(self.names, self.options, strict=True)
        }  # fmt: skip
        optimiser = neps.algorithms.bayesian_optimization(neps.SearchSpace(places), initial_design_size=START)
        self.neps, self.told = neps.AskAndTell(optimiser), 0

    def suggest(self) -> list[int]:
        """See `Rival`."""
        self.asked = self.neps.ask()
        return [int(self.asked.config[name]) for name in self.names]

    def observe(self, row: list[int], value: float | None) -> None:
        """See `Rival`; what is evaluated in the place of a suggestion is told as one of our own."""
        result = ValueError("no value") if value is None or not math.isfinite(value) else -value
        config = dict(zip(self.names, row, strict=True))
        if config == dict(self.asked.config):
            self.neps.tell(self.asked.metadata.id, result)
            return
        self.neps.trials.pop(self.asked.metadata.id)
        self.told += 1
        self.neps.tell_custom(config_id=f"own_{self.told}", config=config, result=result)
