"""BTS: the batch top sampler (Siamese-NAS, section on BTS)."""

from typing import Annotated, Literal

import numpy as np

from siamnas.acquisition.base import Acquisition, Round
from siamnas.acquisition.state import State
from siamnas.config.validate import Condition as Allowed
from siamnas.config.validate import Count, Probability, Share, Times
from siamnas.graphs.arrays import IntArray


class BatchTopSampler(Acquisition):
    """Adds the architectures that the half-trained predictor ranks best among a random part of the space.

    Args:
        start: share of the training set that is drawn at random first, at least one architecture.
        rounds: further additions, evenly spaced inside the window.
        top: of the ranked part, so many are re-ranked by the fine score.
        order: how many each round adds: "published" is the rest by integer division, and the remainder in the last
            round; "even" spreads it.
        window: the shares of the training between which the rounds lie.
        share: of the space that each round ranks, drawn anew at random.
    """

    def __init__(
        self,
        start: Share,
        rounds: Times,
        top: Count,
        order: Literal["published", "even"],
        window: Annotated[
            list[Probability],
            Allowed("two shares of the training, the lower one first", lambda v: len(v) == 2 and v[0] < v[1]),
        ],
        share: Share,
    ) -> None:
        self.start = start
        self.count = rounds
        self.top = top
        self.order = order
        self.window = window
        self.share = share

    def rounds(self, n: int, least: int) -> list[Round]:
        """The random start, then the additions; those of none are left out."""
        first = min(max(int(self.start * n), 1, least), n)
        low, high = self.window
        # With 200 epochs and the published window: after 49, 58, ... 130 of them, as published.
        shares = [low + (high - low) * i / (self.count + 1) for i in range(1, self.count + 1)]
        return [Round(first, 0.0), *(Round(*pair) for pair in zip(self.additions(n - first), shares, strict=True))]

    def additions(self, rest: int) -> list[int]:
        """How many of `rest` architectures each round adds."""
        if self.order == "even":
            return np.diff(np.rint(np.linspace(0, rest, self.count + 1)).astype(int)).tolist()
        each = rest // self.count
        # At N = 30 nine rounds add one architecture each and the last one adds ten: as published.
        return [each] * (self.count - 1) + [rest - each * (self.count - 1)]

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) the best-ranked of a random share of the free architectures."""
        # At least as many as are to be chosen, and in a small space no more than are left in every repeat.
        drawn = min(max(round(self.share * len(state.space)), count), state.room)
        # The draw is new in every round, so that the best of the whole space is not all that is ever added.
        return state.best(state.draw(drawn, state.generators("bts")), max(self.top, count))[:, :count]
