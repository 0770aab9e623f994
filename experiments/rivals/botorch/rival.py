"""BoTorch: a Gaussian process for categorical choices (`MixedSingleTaskGP`), log expected improvement, local search."""

import math
import sys
import warnings
from pathlib import Path

import torch
from botorch.acquisition import LogExpectedImprovement
from botorch.fit import fit_gpytorch_mll
from botorch.models import MixedSingleTaskGP
from botorch.models.transforms import Standardize
from botorch.optim import optimize_acqf_discrete_local_search
from gpytorch.mlls import ExactMarginalLogLikelihood

sys.path.append(str(Path(__file__).resolve().parents[1]))
from suggested import START, Rival  # noqa: E402

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


class BoTorch(Rival):
    """See the file."""

    def begin(self) -> None:
        """See `Rival`."""
        torch.manual_seed(self.seed)
        self.x: list[list[int]] = []
        self.y: list[float] = []

    def suggest(self) -> list[int]:
        """See `Rival`."""
        if len(self.y) < START:
            return self.at_random()
        x = torch.tensor(self.x, dtype=torch.float64)
        y = torch.tensor(self.y, dtype=torch.float64)[:, None]
        model = MixedSingleTaskGP(x, y, cat_dims=list(range(len(self.options))), outcome_transform=Standardize(1))
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        found, _ = optimize_acqf_discrete_local_search(
            LogExpectedImprovement(model, best_f=y.max()),
            discrete_choices=[torch.arange(count, dtype=torch.float64) for count in self.options],
            q=1, num_restarts=5, raw_samples=256, X_avoid=x,
        )  # fmt: skip
        return [round(value) for value in found[0].tolist()]

    def observe(self, row: list[int], value: float | None) -> None:
        """See `Rival`."""
        if value is not None and math.isfinite(value):
            self.x.append(row)
            self.y.append(value)
