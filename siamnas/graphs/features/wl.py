"""Weisfeiler-Lehman histograms: how often each neighbourhood of operations occurs."""

from itertools import islice

import numpy as np

from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.colours import colours
from siamnas.graphs.features.base import FeatureSet

DEPTH = 2
RARE = 0.005  # share of graphs below which a neighbourhood says nothing of the others


def wl(graphs: GraphBatch) -> FeatureSet:
    """Numbers of nodes of each colour, depth 0 to 2; a group per depth, so that their products make a WL kernel.

    Colours that fewer than .5 % of the graphs have, or only one, are left out: 24,556 Nano cells have more than 10,000
    different ones.
    """
    parts, names, groups = [], [], []
    for depth, colour in enumerate(islice(colours(graphs.pruned), DEPTH + 1)):
        found, place = np.unique(colour, return_inverse=True)
        cells = np.arange(len(graphs))[:, None] * len(found) + place.reshape(colour.shape)
        flat, counts = np.unique(cells, return_counts=True)
        rows, kinds = np.divmod(flat, len(found))
        having = np.bincount(kinds, minlength=len(found))
        kept = np.flatnonzero((having >= max(2, RARE * len(graphs))) & (found != 0))
        seat = np.full(len(found), -1)
        seat[kept] = np.arange(len(kept))
        some = seat[kinds] >= 0
        histogram = np.zeros((len(graphs), len(kept)))
        histogram[rows[some], seat[kinds[some]]] = counts[some]
        parts.append(histogram)
        names += [f"neighbourhood {depth}.{number}" for number in range(len(kept))]
        groups += [depth] * len(kept)
    return FeatureSet(np.concatenate(parts, axis=1), tuple(names), np.array(groups, dtype=np.int64))
