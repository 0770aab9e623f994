"""Optuna's tree-structured Parzen estimator with its default options."""

import sys
from pathlib import Path

import optuna

sys.path.append(str(Path(__file__).resolve().parents[1]))
from on_optuna import OnOptuna  # noqa: E402
from suggested import START  # noqa: E402


class TPE(OnOptuna):
    """See the file."""

    def sampler(self) -> optuna.samplers.BaseSampler:
        """See `OnOptuna`."""
        return optuna.samplers.TPESampler(n_startup_trials=START, seed=self.seed)
