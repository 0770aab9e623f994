"""CPU seconds of the Gaussian process beside those of GPyTorch, on one thread.

Run as: OMP_NUM_THREADS=1 python experiments/gaussian/measure.py   (GPyTorch: pip install gpytorch==1.15)

For each n: 30 steps of Adam on the hyperparameters of 25 repeats with n evaluations of NAS-Bench-201, and the mean and
variance of all its different architectures, from the beginning. GPyTorch has a length scale for each feature, not for
each group of them.
"""

import time
import warnings

import numpy as np

from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.graphs import features
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors.gaussian import evidence, kernel
from siamnas.predictors.gaussian.posterior import Posterior

REPEATS, STEPS, NUMBERS = 25, 30, (10, 30, 60)
PRIOR = evidence.Prior((0.5, 0.5), (0.0, 0.5), (-4.0, 1.0))


def ours(rows: FloatArray, groups: IntArray, seen: IntArray, y: FloatArray) -> tuple[float, float]:
    """Seconds of the fit and of the posterior."""
    began = time.process_time()
    distances = kernel.group_distances(rows[seen], groups)
    first = evidence.start(len(seen), int(groups.max()) + 1, PRIOR)
    found = evidence.scales(evidence.fit(first, distances, y, np.ones(y.shape, bool), PRIOR, STEPS))
    fitted = time.process_time()
    for r, own in enumerate(seen):
        z = kernel.scaled(rows, groups, found.weights[r])
        posterior = Posterior(z, float(found.variance[r]), float(found.noise[r]))
        posterior.add(own)
        posterior.mean(y[r])
        posterior.variance()
    return fitted - began, time.process_time() - fitted


def gpytorch(rows: FloatArray, seen: IntArray, y: FloatArray) -> tuple[float, float]:
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
    for _ in range(STEPS):
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


def main() -> None:
    """Print a line for each n."""
    warnings.simplefilter("ignore")
    space = build.space(configuration.load(*compose(["space=nb201_img16"])).config)
    table = features.build(space, ("graph", "paths", "onehot"))
    rows = np.unique(table.values, axis=0)
    for n in NUMBERS:
        seen = np.stack([np.random.default_rng(r).choice(len(rows), n, replace=False) for r in range(REPEATS)])
        y = np.random.default_rng(n).normal(size=seen.shape)
        own, theirs = ours(rows, table.groups, seen, y), gpytorch(rows, seen, y)
        print(f"n={n}: fit {own[0]:.2f} s, GPyTorch {theirs[0]:.2f} s; ", end="")
        print(f"posterior of {len(rows):,} rows {own[1]:.2f} s, GPyTorch {theirs[1]:.2f} s")


if __name__ == "__main__":
    main()
