"""A Gaussian process whose prior mean may help or mislead: the evaluations say how far it is to be believed."""

from collections.abc import Sequence

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors.gaussian.kernel import Linear, Term
from siamnas.predictors.gaussian.posterior import Posterior
from siamnas.training.belief import Belief


class Mixture:
    """Hypotheses that are weighed by their evidence: no prior mean, or one of H with a weight that is learnt.

    Under hypothesis h the function is w m_h + g, where g is the process without a prior mean and w is normal, a linear
    term of the kernel. The marginal likelihood of the targets says how probable each hypothesis is, and all of them
    predict by that weight (Bayesian model averaging). So a prior mean that the evaluations contradict has no say; a
    mere regression on it goes on to believe a part of it. It is used as a `Posterior` is.

    Args:
        kernel: terms of g, over U rows.
        noise: variance of the targets.
        means: (H, U) prior means, of variance 1.
        belief: in them.
    """

    def __init__(self, kernel: Sequence[Term], noise: float, means: FloatArray, belief: Belief) -> None:
        self._belief = belief
        self._set(means)
        self._posteriors = [Posterior(own, noise) for own in self._kernels(kernel)]
        self._rows: IntArray = np.empty(0, dtype=np.int64)
        self._scores = self._centres  # (H + 1, U) the posterior means
        self.shares = np.exp(self._prior)  # (H + 1,) how probable each hypothesis is

    def _set(self, means: FloatArray) -> None:
        """Take prior means."""
        self._means = means
        self._centres = np.concatenate([np.zeros((1, means.shape[1])), self._belief.weight[0] * means])

    @property
    def _prior(self) -> FloatArray:
        """(H + 1,) logarithms of the probabilities before any evaluation."""
        trust, count = self._belief.trust, len(self._means)
        return np.log([1 - trust, *[trust / count] * count])

    def _kernels(self, kernel: Sequence[Term]) -> list[list[Term]]:
        """Of each hypothesis."""
        variance = self._belief.weight[1] ** 2
        return [list(kernel), *([*kernel, Linear(mean[:, None], variance)] for mean in self._means)]

    def add(self, rows: IntArray) -> None:
        """See `Posterior`."""
        self._rows = np.append(self._rows, rows)
        for posterior in self._posteriors:
            posterior.add(rows)

    def move(self, kernel: Sequence[Term], means: FloatArray) -> None:
        """See `Posterior`; with the prior means of the other rows."""
        self._set(means)
        self._scores = self._centres
        for posterior, own in zip(self._posteriors, self._kernels(kernel), strict=True):
            posterior.move(own)

    def mean(self, y: FloatArray) -> FloatArray:
        """See `Posterior`; it weighs the hypotheses anew."""
        from scipy.special import softmax

        left = [y - centre[self._rows] for centre in self._centres]
        pairs = list(zip(self._posteriors, left, strict=True))
        self.shares = softmax(self._prior + [posterior.evidence(rest) for posterior, rest in pairs])
        self._scores = self._centres + [posterior.mean(rest) for posterior, rest in pairs]
        found: FloatArray = self.shares @ self._scores
        return found

    def variance(self, rows: IntArray | None = None) -> FloatArray:
        """See `Posterior`; what the hypotheses differ by is a part of it."""
        within = self.shares @ [posterior.variance(rows) for posterior in self._posteriors]
        found: FloatArray = within + self.shares @ np.square(self._scores - self.shares @ self._scores)
        return found

    def left_out(self, y: FloatArray) -> FloatArray:
        """See `Posterior`; by the hypothesis that is the most probable one."""
        best = int(self.shares.argmax())
        return self._posteriors[best].left_out(y - self._centres[best][self._rows])

    def covariance(self, rows: IntArray) -> FloatArray:
        """See `Posterior`."""
        off = (self._scores - self.shares @ self._scores)[:, rows]
        within = sum(s * p.covariance(rows) for s, p in zip(self.shares, self._posteriors, strict=True))
        return within + (off.T * self.shares) @ off
