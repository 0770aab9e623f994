"""Which architectures lie beside an architecture: those that differ from it in one place."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import IntArray
from siamnas.spaces.listed import Space


class Neighbourhood:
    """The neighbours of the architectures of any space.

    Two architectures are as far from each other as there are places in which they differ; a place is a node with its
    operation, or a pair of nodes with an edge between them or none. It is the distance along which local search and
    evolution move (White et al., arXiv 2005.02960; Real et al., arXiv 1802.01548).

    Args:
        space: the search space. Nothing is computed of it before the first question.
    """

    def __init__(self, space: Space) -> None:
        self.space = space

    @cached_property
    def places(self) -> NDArray[np.uint8]:
        """(M, P) what each architecture has in the P places in which any two differ: its operations, then its edges."""
        space, everything = self.space, [self.space.types]
        if space.adjacency.ndim == 3:
            everything.append((space.adjacency[:, space.support] != 0).astype(np.uint8))
        places = np.concatenate(everything, axis=1)
        return np.ascontiguousarray(places[:, (places != places[0]).any(axis=0)])

    def distances(self, place: NDArray[np.uint8]) -> IntArray:
        """(M,) in how many places each architecture differs from (P,) what stands in all of them."""
        return np.count_nonzero(self.places != place, axis=1)

    def of(self, arch: int, among: NDArray[np.bool_] | None = None) -> IntArray:
        """The neighbours of an architecture, in ascending order.

        Args:
            arch: its index.
            among: (M,) True for those that may be one; all if None.

        Returns:
            Those that differ in one place; where there are none, in the fewest places. Empty where nothing differs.
        """
        distances = self.distances(self.places[arch])
        others = distances > 0 if among is None else (distances > 0) & among
        return np.flatnonzero(others & (distances == distances.min(where=others, initial=self.places.shape[1])))

    def nearest(self, place: NDArray[np.uint8], among: NDArray[np.bool_]) -> IntArray:
        """The architectures, in ascending order, that differ least from (P,) what may be none of the space.

        Args:
            place: what stands in each of the `places`.
            among: (M,) True for those that may be taken.
        """
        distances = self.distances(place)
        return np.flatnonzero(among & (distances == distances.min(where=among, initial=self.places.shape[1])))
