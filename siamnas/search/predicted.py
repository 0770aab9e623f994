"""Predictions as a picture: against what came true, and whether their spread is honest."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from siamnas.graphs.arrays import FloatArray
from siamnas.predictors.calibration import Predictions
from siamnas.runtime.drawing import INK, MUTED
from siamnas.runtime.line_labels import name_ends

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOUR = "#0072b2"
LEVELS = np.linspace(0, 1, 41)  # probabilities of central intervals
TICKS = 5
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)))


def scatter(ax: "Axes", values: FloatArray, found: Predictions, colour: str = COLOUR) -> None:
    """The predictions against the truth, each with its spread; on the dashed line they would be right.

    Both axes are in the unit of what is learnt, such as the scores of ranks, and are labelled with values.

    Args:
        ax: drawn on.
        values: (n,) as the user knows them.
        found: of them.
        colour: of the points.
    """
    known = ~np.isnan(found.truth + found.score)
    truth, score, spread = found.truth[known], found.score[known], found.spread[known]
    ends = [truth.min(initial=np.inf), truth.max(initial=-np.inf)]
    ax.plot(ends, ends, color=INK, linewidth=0.9, linestyle=(0, (4, 2.5)))
    ax.vlines(truth, score - spread, score + spread, color=colour, alpha=0.25, linewidth=0.8)
    ax.plot(truth, score, "o", color=colour, markersize=3.2)
    if len(truth):
        order = np.argsort(truth, kind="stable")
        ticks = np.linspace(ends[0], ends[1], TICKS)
        texts = [f"{value:.3g}" for value in np.interp(ticks, truth[order], values[known][order])]
        ax.set_xticks(ticks, texts)
        ax.set_yticks(ticks, texts)
    ax.set(xlabel="true value", ylabel="predicted from all others")
    ax.set_title(f"Kendall's tau {found.kendall:.2f}")


def coverage(ax: "Axes", found: Mapping[str, Predictions], colours: Mapping[str, str] | None = None) -> None:
    """The share of the values in central intervals of the predictions, against their probability.

    Args:
        ax: drawn on.
        found: name -> predictions.
        colours: name -> colour; None for the picture of one search, whose score is its title.
    """
    ax.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)), label="_right")
    for number, (name, own) in enumerate(found.items()):
        colour = (colours or {}).get(name, COLOUR)
        ax.plot(LEVELS, own.coverage(LEVELS), color=colour, linestyle=DASHES[number % len(DASHES)], label=name)
    ax.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="probability of a central interval", ylabel="share of values within")
    if colours is None:
        ax.set_title(", ".join(map(scored, found.values())))
    else:
        name_ends(ax)


def scored(found: Predictions) -> str:
    """The score of predictions by that of having no predictor."""
    without = found.without.crps
    share = f"{found.crps / without:.0%}" if without else "nothing to be told apart, not a share"
    return f"score (CRPS) {share} of that without a predictor"
