"""CPU seconds of the Gaussian process beside those of GPyTorch, on one thread.

Run as: OMP_NUM_THREADS=1 python experiments/gaussian/measure.py   (GPyTorch: pip install gpytorch==1.15)

For each n: 30 steps of Adam on the hyperparameters of 25 repeats with n evaluations of NAS-Bench-201, and the mean and
variance of all its different architectures, from the beginning. GPyTorch has a length scale for each feature, not for
each group of them; without it the Gaussian process is measured alone.
"""

import argparse
import importlib.util
import time
import warnings
from collections.abc import Sequence

import numpy as np

from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.graphs import features
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors.gaussian import evidence, kernel
from siamnas.predictors.gaussian.posterior import Posterior

PRIOR = evidence.Prior((0.5, 0.5), (0.0, 0.5), (-4.0, 1.0))


def ours(rows: FloatArray, groups: IntArray, seen: IntArray, y: FloatArray, steps: int) -> tuple[float, float]:
    """Seconds of the fit and of the posterior."""
    began = time.process_time()
    distances = kernel.group_distances(rows[seen], groups)
    first = evidence.start(len(seen), int(groups.max()) + 1, PRIOR)
    found = evidence.scales(evidence.fit(first, distances, y, np.ones(y.shape, bool), PRIOR, steps))
    fitted = time.process_time()
    for r, own in enumerate(seen):
        z = kernel.scaled(rows, groups, found.weights[r])
        posterior = Posterior([kernel.Matern(z, float(found.variance[r]))], float(found.noise[r]))
        posterior.add(own)
        posterior.mean(y[r])
        posterior.variance()
    return fitted - began, time.process_time() - fitted


def gpytorch(rows: FloatArray, seen: IntArray, y: FloatArray, steps: int) -> tuple[float, float]:
    """The same by GPyTorch, batched over the repeats."""
    import torch
    from gpytorch import distributions, kernels, likelihoods, means, mlls, models, settings

    torch.set_num_threads(1)
    batch = torch.Size([len(seen)])
    x, told = torch.tensor(rows[seen]), torch.tensor(y)
    likelihood = likelihoods.GaussianLikelihood(batch_shape=batch)

    class Model(models.ExactGP):
        def __init__(self) -> None:
            super().__init__(x, told, likelihood)
            self.mean_module = means.ZeroMean(batch_shape=batch)
            matern = kernels.MaternKernel(nu=2.5, ard_num_dims=rows.shape[1], batch_shape=batch)
            self.covar_module = kernels.ScaleKernel(matern, batch_shape=batch)

        def forward(self, x: torch.Tensor) -> distributions.MultivariateNormal:
            return distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))

    model = Model().double().train()
    evidence = mlls.ExactMarginalLogLikelihood(likelihood.double().train(), model)
    adam = torch.optim.Adam(model.parameters(), lr=0.1)
    began = time.process_time()
    for _ in range(steps):
        adam.zero_grad()
        (-evidence(model(x), told).sum()).backward()
        adam.step()
    fitted = time.process_time()
    model.eval()
    with torch.no_grad(), settings.fast_pred_var():
        every = torch.tensor(rows)
        posterior = model(every.expand(len(seen), *every.shape))
        _ = posterior.mean, posterior.variance
    return fitted - began, time.process_time() - fitted


def main(space_name: str, numbers: Sequence[int], repeats: int, steps: int) -> None:
    """Print a line for each n."""
    warnings.simplefilter("ignore")
    space = build.space(configuration.load(*compose([f"space={space_name}", "predictor=gp"])).config)
    table = features.build(space, ("graph", "paths", "onehot"))
    rows = np.unique(table.values, axis=0)
    for n in numbers:
        seen = np.stack([np.random.default_rng(r).choice(len(rows), n, replace=False) for r in range(repeats)])
        y = np.random.default_rng(n).normal(size=seen.shape)
        own, beside = ours(rows, table.groups, seen, y, steps), ["", ""]
        if importlib.util.find_spec("gpytorch"):
            beside = [f", GPyTorch {seconds:.3g} s" for seconds in gpytorch(rows, seen, y, steps)]
        print(f"n={n}: fit {own[0]:.3g} s{beside[0]}; posterior of {len(rows):,} rows {own[1]:.3g} s{beside[1]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--space", default="nb201_img16", help="option of the group space (default: nb201_img16)")
    parser.add_argument("--n", type=int, nargs="+", default=[10, 30, 60], help="evaluations (default: 10 30 60)")
    parser.add_argument("--repeats", type=int, default=25, help="fitted together (default: 25)")
    parser.add_argument("--steps", type=int, default=30, help="of Adam (default: 30)")
    given = parser.parse_args()
    main(given.space, given.n, given.repeats, given.steps)
