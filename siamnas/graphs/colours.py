"""Weisfeiler-Lehman colours of nodes (JMLR 12 (2011), 2539-2561), with directed edges."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.pruning import Pruned

Colours = NDArray[np.uint64]


def colours(pruned: Pruned) -> Iterator[Colours]:
    """(M, W) colours of depth 0, 1, 2, ...; 0 for nodes that are left out.

    Nodes of equal colour have, up to this depth, the same operations before and after them. Two others are given the
    same colour by chance with a probability of about 2^-64.
    """
    there = pruned.labels >= 0
    edges = pruned.edges.astype(np.uint64)
    back = edges.transpose(0, 2, 1)
    colour = mixed(pruned.labels.astype(np.uint64)) * there
    while True:
        yield colour
        before = np.matmul(back, mixed(colour ^ np.uint64(1))[:, :, None])[:, :, 0]
        after = np.matmul(edges, mixed(colour ^ np.uint64(2))[:, :, None])[:, :, 0]
        colour = mixed(mixed(mixed(colour) + before) + after) * there


def mixed(number: Colours) -> Colours:
    """A permutation of 64-bit numbers without any pattern (SplitMix64, OOPSLA 2014, p. 459)."""
    number = number + np.uint64(0x9E3779B97F4A7C15)
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))
