"""Predictions of what was evaluated, each from all the others: what a predictor knows of an architecture unseen."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors.calibration import Predictions
from siamnas.search.proposals import Proposals

if TYPE_CHECKING:
    import pandas as pd

MOST = 100  # evaluations that are left out in turn; each needs a fit


def seats(count: int) -> IntArray:
    """(m,) which of `count` evaluations are left out in turn: all, or some at equal distances."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST)).round().astype(np.int64))


def left_out(proposals: Proposals, archs: IntArray, labels: FloatArray) -> Predictions:
    """The prediction of each evaluation by a predictor that has learnt from all others (leave one out).

    Args:
        proposals: of the search, whose predictor is fitted again.
        archs: (n,) evaluated architectures.
        labels: (n,) of them, higher is better; NaN where the evaluation failed. Of several numbers (T, n), the first.

    Returns:
        Those of `seats`; the spread is that of a label, which the noise is a part of.

    Raises:
        InputError: the predictor has no spread.
    """
    chosen, found = seats(len(archs)), []
    targets = proposals.learnt(labels)[0]
    for seat in chosen:
        others = archs != archs[seat]
        score, spread = (
            np.ravel(one)[0] for one in proposals.predict(archs[others], labels[..., others], archs[[seat]])
        )
        if np.isnan(spread) and not np.isnan(score):
            raise InputError("predictions: need a predictor that has a spread, such as predictor=gp or forest")
        noise = proposals.learnt(labels)[1]  # of the fit without it
        found.append((score, np.sqrt(np.square(spread) + noise)))
    scores, spreads = np.reshape(found, (-1, 2)).T
    return Predictions(np.atleast_2d(targets)[0][chosen], scores, spreads)


def frame(
    found: Predictions, archs: Sequence[int], values: Mapping[int, float], name: Callable[[int], str]
) -> "pd.DataFrame":
    """One row per evaluation of `seats`: `architecture`, `index`, `value` (the first of several), and its prediction.

    In the unit of what is learnt these are the `truth`, the `score` and the `spread`, the standard deviation of the
    truth about the score.

    Args:
        found: of `left_out`.
        archs: all that was evaluated.
        values: of them.
        name: architecture -> its text.
    """
    import pandas as pd

    kept = [archs[seat] for seat in seats(len(archs))]
    about = {"architecture": [*map(name, kept)], "index": kept, "value": [float(values[arch]) for arch in kept]}
    return pd.DataFrame(about | vars(found))
