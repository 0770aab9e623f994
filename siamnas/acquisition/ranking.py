"""Scores -> order of the architectures, and its correction by finer scores."""

from collections.abc import Sequence

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray


def rank(coarse: FloatArray, ties: Sequence[np.random.Generator] | None = None) -> IntArray:
    """Order the architectures of each repeat by descending score.

    The order is total and reproducible. Architectures whose score is NaN come last (a column of the table may be NaN
    for a few; those are never guessed).

    Args:
        coarse: (R, M) scores, higher is better.
        ties: one generator per repeat, which puts equal scores in random order; without them these keep the order of
            their indices. An index says what an architecture is made of, so a method whose scores are often equal (a
            column of few values, a tree) would be given that order as knowledge.

    Returns:
        (R, M) int64 indices of the architectures, best first.
    """
    coarse = np.asarray(coarse)
    if ties is None:
        return np.argsort(-coarse, axis=1, kind="stable")
    lines = [rng.permutation(coarse.shape[1]) for rng in ties]
    return np.stack([line[np.argsort(-row[line], kind="stable")] for row, line in zip(coarse, lines, strict=True)])


def rerank(order: IntArray, fine: FloatArray) -> IntArray:
    """Put the first `top` architectures of each repeat into the order of their fine scores (published code).

    An architecture whose fine score is NaN (it has no Estimation Code) keeps its position; the others share the
    remaining positions among them. Equal fine scores keep their coarse order.

    Args:
        order: (R, M) indices of the architectures, best first.
        fine: (R, top) fine scores of `order[:, :top]`, higher is better.

    Returns:
        (R, M) new order; from position `top` on it equals `order`.
    """
    top = fine.shape[1]
    # Both lines list the scored positions first and the NaN ones after them, so that entry t of `best` moves to
    # entry t of `seats`; a NaN position moves to itself.
    best = np.argsort(-fine, axis=1, kind="stable")
    seats = np.argsort(np.isnan(fine), axis=1, kind="stable")
    order = order.copy()
    head = np.take_along_axis(order[:, :top], best, axis=1)
    np.put_along_axis(order[:, :top], seats, head, axis=1)
    return order


def to_back(order: IntArray, archs: IntArray) -> IntArray:
    """Move `archs` (R, m) behind all others; the order within both parts stays.

    Args:
        order: (R, M) indices of the architectures, best first.
        archs: (R, m) indices of those to move.
    """
    moved = np.zeros(order.shape, dtype=bool)
    np.put_along_axis(moved, archs, True, axis=1)
    moved = np.take_along_axis(moved, order, axis=1)
    return np.take_along_axis(order, np.argsort(moved, axis=1, kind="stable"), axis=1)
