"""How good a ranking is: best-so-far curve, regret, rank correlations."""

import numpy as np

from siamnas.spaces.space import FloatArray, IntArray, Space


def best_so_far(space: Space, ranked: IntArray, start: IntArray | None = None) -> tuple[FloatArray, IntArray]:
    """What each repeat holds after evaluating the first K = 1 .. D cells of its ranking (SCIENCE section 5).

    The choice is made by the label, the only thing a search can see; its value is the reported accuracy. Of two equal
    labels the earlier wins.

    Args:
        space: the search space.
        ranked: (R, D) cells in the order of their evaluation.
        start: (R,) cell that each repeat holds before the first evaluation, or None.

    Returns:
        (R, D) float64 reported accuracy of the chosen cell, as a fraction, and (R, D) the chosen cells.
    """
    line = ranked if start is None else np.concatenate([start[:, None], ranked], axis=1)
    label = space.label[line]
    record = np.maximum.accumulate(label, axis=1)
    is_new = np.ones(line.shape, dtype=bool)
    is_new[:, 1:] = label[:, 1:] > record[:, :-1]
    holder = np.maximum.accumulate(np.where(is_new, np.arange(line.shape[1]), 0), axis=1)
    chosen = np.take_along_axis(line, holder, axis=1)[:, line.shape[1] - ranked.shape[1] :]
    return space.report[chosen].astype(np.float64), chosen


def regret(space: Space, best: FloatArray) -> FloatArray:
    """Distance of reported accuracies `best` to the optimum of the space, in the same unit (fractions)."""
    return space.optimum - best


def correlations(order: IntArray, label: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Spearman's rho and Kendall's tau-b between rankings of the whole space and the true labels.

    Args:
        order: (R, M) all cells, best first.
        label: (M,) true labels; equal labels get their mean rank.

    Returns:
        rho and tau, each (R,); NaN where all labels are equal.
    """
    from scipy import stats  # takes half a second to import, and `siamnas --help` should not wait for it

    repeats, cells = order.shape
    if cells < 2 or label.min() == label.max():
        return np.full(repeats, np.nan), np.full(repeats, np.nan)
    true = stats.rankdata(label)
    true -= true.mean()
    score = np.empty((repeats, cells))  # a rank without ties: the first cell of the order scores highest
    np.put_along_axis(score, order, np.arange(cells, 0, -1.0)[None, :], axis=1)
    centred = score - score.mean()
    rho = centred @ true / np.sqrt((true @ true) * (centred * centred).sum(axis=1))
    tau = np.array([stats.kendalltau(row, label).statistic for row in score])
    return rho, tau
