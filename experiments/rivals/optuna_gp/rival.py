"""Optuna's Gaussian process with its default options."""

import sys
import warnings
from pathlib import Path

import optuna

sys.path.append(str(Path(__file__).resolve().parents[1]))
from on_optuna import OnOptuna  # noqa: E402
from suggested import START  # noqa: E402

warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


class GP(OnOptuna):
    """See the file."""

    def sampler(self) -> optuna.samplers.BaseSampler:
        """See `OnOptuna`."""
        return optuna.samplers.GPSampler(n_startup_trials=START, seed=self.seed)
