"""How good predictions are: their order, and whether their spread says how far off they are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    import pandas as pd

WITHIN = 0.6827  # of a normal distribution is less than one standard deviation from its mean
FEW = 2  # models that have a spread


def out_of_bag(each: FloatArray, drawn: IntArray, labels: FloatArray) -> float:
    """By what factor an ensemble of bootstrap samples is further off than its spread says.

    The spread times this factor holds `WITHIN` of the labels, if each is predicted by those models alone that have not
    learnt from it. Their errors have long tails, so that a quantile says more than a mean square.

    Args:
        each: (T, n) predictions of T models for the n labels.
        drawn: (T, n) how often each label is in the sample of each model.
        labels: (n,).

    Returns:
        1 where no label has at least `FEW` such models, which disagree.
    """
    known = (drawn == 0).sum(axis=0) >= FEW
    left = np.ma.masked_array(each, drawn != 0)[:, known]
    spread = left.std(axis=0).filled(0.0)
    off = np.abs(left.mean(axis=0).filled(0.0) - labels[known])[spread > 0] / spread[spread > 0]
    return float(np.quantile(off, WITHIN)) if len(off) else 1.0


@dataclass(frozen=True)
class Predictions:
    """Normal distributions that were predicted for n architectures, and what came true.

    Attributes:
        truth: (n,) in the unit of what the predictor learns; NaN is left out by all methods.
        score: (n,) means; NaN where nothing was predicted.
        spread: (n,) standard deviations of the truth about them.
    """

    truth: FloatArray
    score: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, rows: "pd.DataFrame") -> "Predictions":
        """Those of a frame with these three columns."""
        return cls(*(rows[name].to_numpy() for name in ("truth", "score", "spread")))

    @property
    def known(self) -> "Predictions":
        """Those that were predicted and came true."""
        seats = ~np.isnan(self.truth + self.score + self.spread)
        return Predictions(self.truth[seats], self.score[seats], self.spread[seats])

    @property
    def kendall(self) -> float:
        """Kendall's tau-b of the scores with the truth; NaN where one of them is constant."""
        from scipy.stats import kendalltau  # takes half a second to import

        known = self.known
        return float(kendalltau(known.score, known.truth).statistic)

    def coverage(self, levels: FloatArray) -> FloatArray:
        """(m,) share of the truth inside the central intervals of some probabilities (m,)."""
        from scipy.special import ndtr

        known = self.known
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.abs(known.truth - known.score) / known.spread
        inside = 2 * ndtr(np.where(known.truth == known.score, 0.0, off)) - 1
        return (inside[:, None] <= levels).mean(axis=0) if len(inside) else np.full(len(levels), np.nan)

    @property
    def crps(self) -> float:
        """Mean continuous ranked probability score, smaller is better; in the unit of the truth.

        Of a normal distribution in closed form (Gneiting and Raftery 2007, equation 21); with a spread of 0 it is the
        absolute error.
        """
        from scipy.special import ndtr

        known = self.known
        off, spread = known.truth - known.score, np.where(known.spread > 0, known.spread, 1.0)
        z = off / spread
        density = np.exp(-np.square(z) / 2) / np.sqrt(2 * np.pi)
        scores = spread * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
        scores = np.where(known.spread > 0, scores, np.abs(off))
        return float(scores.mean()) if len(scores) else float("nan")

    @property
    def without(self) -> "Predictions":
        """What is predicted without a predictor: the mean and the standard deviation of the truth, for all alike."""
        known = self.known
        if not len(known.truth):
            return known
        return Predictions(
            known.truth, np.full(len(known.truth), known.truth.mean()), np.full(len(known.truth), known.truth.std())
        )
