"""Local search (White et al. 2021, arXiv 2005.02960)."""

from siamnas.benchmarks.metric import Metric
from siamnas.config.validate import Count
from siamnas.oracle.base import Prior
from siamnas.search.walks import Memory, Walk, Walks
from siamnas.spaces.listed import Space


class Local(Walks):
    """From the best of a few random ones to any neighbour that is better, and from a local optimum to a random one.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        prior: not used.
        metric: of the values.
        n: N, evaluations in all.
        start: random architectures at the beginning.
    """

    stream = "Local"

    def __init__(self, space: Space, seeds: range, prior: Prior, metric: Metric, n: Count, start: Count) -> None:
        super().__init__(space, seeds, prior, metric, n)
        self.start = start

    def walk(self, memory: Memory) -> Walk:
        """See `Walks`."""
        for _ in range(self.start):
            yield memory.at_random()
        centre = memory.best
        while True:
            for arch in memory.rng.permutation(self.near.of(centre)).tolist():
                if not memory.free[arch] and arch not in memory.values:
                    continue  # equal to one that is known
                # One that is known costs nothing, and may be the better one as well.
                found = arch if arch in memory.values else (yield arch)
                if memory.values[found] > memory.values[centre]:
                    centre = found
                    break
            else:
                centre = yield memory.at_random()
