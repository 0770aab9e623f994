"""BTS: the batch top sampler (Siamese-NAS, section on BTS)."""

from typing import Annotated, Literal

import numpy as np

from siamnas.acquisition.base import Acquisition, Round
from siamnas.acquisition.ranking import rank
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
        candidates: what the share is drawn from: `free` architectures, or the `whole` space (published), in which those
            of the training set are ranked, too, and then skipped.
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
        candidates: Literal["free", "whole"] = "free",
    ) -> None:
        self.start = start
        self.count = rounds
        self.top = top
        self.order = order
        self.window = window
        self.share = share
        self.candidates = candidates

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
        """(R, count) the best-ranked of a random share of the architectures."""
        if self.candidates == "whole":
            return self._of_whole(state, count)
        # At least as many as are to be chosen, and in a small space no more than are left in every repeat.
        drawn = min(max(round(self.share * len(state.space)), count), state.room)
        # The draw is new in every round, so that the best of the whole space is not all that is ever added.
        return state.best(state.draw(drawn, state.generators("bts")), max(self.top, count))[:, :count]

    def _of_whole(self, state: State, count: int) -> IntArray:
        """The same where the share is drawn from the training set, too."""
        open_ = state.free
        np.put_along_axis(open_, state.archs, True, axis=1)
        known = state.archs.shape[1]  # so that `count` free ones are drawn in any case
        drawn = min(max(round(self.share * len(state.space)), known + count), int(open_.sum(axis=1).min()))
        generators = zip(open_, state.generators("bts"), strict=True)
        archs = np.stack([rng.choice(np.flatnonzero(row), drawn, replace=False) for row, rng in generators])
        ranked = np.take_along_axis(archs, rank(state.predictor.score(archs)), axis=1)
        return state.first(state.refined(ranked, max(self.top, count)), count)
