"""Weisfeiler-Lehman histograms: how often each neighbourhood of operations occurs."""

from itertools import islice

import numpy as np

from siamnas.graphs.arrays import IntArray
from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.colours import Colours, colours
from siamnas.graphs.features.base import FeatureSet

DEPTH = 2
RARE = 0.005  # share of graphs below which a neighbourhood says nothing of the others


def wl(graphs: GraphBatch) -> FeatureSet:
    """Numbers of nodes of each colour, depth 0 to 2; a group per depth, so that their products make a WL kernel.

    Colours that fewer than .5 % of the graphs of the reference have, or only one, are left out: 24,556 Nano cells have
    more than 10,000 different ones.
    """
    frequent = _frequent(graphs.reference)
    parts, names, groups = [], [], []
    for depth, (colour, wanted) in enumerate(zip(colours(graphs.pruned), frequent, strict=False)):
        found, rows, kinds, counts = _counted(colour)
        seat = np.searchsorted(wanted, found)
        seat[~np.isin(found, wanted)] = -1
        some = seat[kinds] >= 0
        histogram = np.zeros((len(graphs), len(wanted)))
        histogram[rows[some], seat[kinds[some]]] = counts[some]
        parts.append(histogram)
        names += [f"neighbourhood {depth}.{number}" for number in range(len(wanted))]
        groups += [depth] * len(wanted)
    return FeatureSet(np.concatenate(parts, axis=1), tuple(names), np.array(groups, dtype=np.int64))


def _frequent(reference: GraphBatch) -> list[Colours]:
    """For each depth the colours that are not left out, in ascending order."""
    if (key := "frequent colours") not in reference.derived:
        reference.derived[key] = []
        for colour in islice(colours(reference.pruned), DEPTH + 1):
            found, _, kinds, _ = _counted(colour)
            having = np.bincount(kinds, minlength=len(found))
            reference.derived[key].append(found[(having >= max(2, RARE * len(reference))) & (found != 0)])
    frequent: list[Colours] = reference.derived[key]
    return frequent


def _counted(colour: Colours) -> tuple[Colours, IntArray, IntArray, IntArray]:
    """The different colours (C,) of (M, W), and how often a graph has each: graphs (n,), numbers of colours, counts."""
    found, place = np.unique(colour, return_inverse=True)
    cells = np.arange(len(colour))[:, None] * len(found) + place.reshape(colour.shape)
    flat, counts = np.unique(cells, return_counts=True)
    return found, *np.divmod(flat, len(found)), counts
