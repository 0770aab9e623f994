"""Optuna's Gaussian process with its default options."""

import sys
import warnings
from pathlib import Path

import optuna

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "optuna_tpe"))
import rival as tpe  # noqa: E402

warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


class GP(tpe.TPE):
    """See the file."""

    def sampler(self) -> optuna.samplers.BaseSampler:
        """See `TPE`."""
        return optuna.samplers.GPSampler(n_startup_trials=10, seed=self.seed)
