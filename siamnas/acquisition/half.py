"""BRP-NAS's iterative data selection (arXiv 2007.08668): half from the top, half from the better part at random."""

import numpy as np

from siamnas.acquisition.rounds import EqualRounds
from siamnas.acquisition.state import State
from siamnas.graphs.arrays import IntArray


class HalfAndHalf(EqualRounds):
    """Equal rounds: half of each comes from the top of the ranking, the rest at random from its best 1 / 2^index."""

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) free architectures."""
        best = len(state.space) // 2**index
        chosen = []
        for row, free, rng in zip(state.ranking(state.ties), state.free, state.ties, strict=True):
            line = row[free[row]]  # free architectures, best first
            # An odd one goes to the random half.
            top, others = line[: count // 2], line[count // 2 :]
            missing = count - len(top)
            near = max(int(free[row[:best]].sum()) - len(top), missing)  # in a small space the best may not suffice
            chosen.append(np.concatenate([top, rng.choice(others[:near], missing, replace=False)]))
        return np.stack(chosen)
