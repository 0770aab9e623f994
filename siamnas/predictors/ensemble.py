"""Several of any predictor for each repeat: their mean is the score, their disagreement the spread."""

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from siamnas.config import instantiate
from siamnas.config.validate import Count, Share
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors import answers
from siamnas.predictors.base import Predictor
from siamnas.seeding import streams
from siamnas.spaces.listed import Space
from siamnas.training.training_set import TrainingSet

T = TypeVar("T", bound=np.generic)


class Ensemble(Predictor):
    """E members for each of R repeats, which are R E repeats of one predictor (deep ensembles, Lakshminarayanan 2017).

    Member e of the repeat with seed i has the seed E i + e, so that all are trained as one program, and a repeat
    depends on nothing but its own seed. Members differ by what they draw at random, and by what they leave out.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        trainer: that of the members.
        code_length: L of the Estimation Codes.
        priced: measured columns that can be looked up.
        members: E.
        share: of the training set that each member learns from, drawn at random; below 1 for a model that draws nothing
            itself.
        member: the fields of the predictor.

    Raises:
        InputError: what the predictor refuses.
    """

    spreads = True

    def __init__(
        self,
        space: Space,
        seeds: range,
        trainer: dict[str, Any],
        code_length: int,
        priced: tuple[str, ...],
        members: Count,
        share: Share,
        member: dict[str, Any],
    ) -> None:
        super().__init__(space, seeds, trainer)
        instantiate.check_fields(member, "predictor.member")
        own = range(seeds.start * members, seeds.stop * members)
        given = {"space": space, "seeds": own, "trainer": trainer, "code_length": code_length, "priced": priced}
        self.inner: Predictor = instantiate.make("predictor.member", member, given)
        answers.check(self.inner)
        self.members = members
        self.share = share
        for name in ("parallel", "device", "learns", "coded", "surveys", "least", "closing"):
            setattr(self, name, getattr(self.inner, name))
        self._left_out = streams(own, "members")
        self._kept = np.empty((len(own), 0), dtype=bool)

    def move(self, space: Space) -> None:
        """See `Predictor`."""
        self.space = space
        self.inner.move(space)
        self.__dict__.pop("features", None)

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Let every member learn from its share; what it leaves out stays left out while the training set grows."""
        training_set = TrainingSet(self._for_members(training_set.archs), self._for_members(training_set.codes))
        labels = self._for_members(labels)
        more = labels.shape[1] - self._kept.shape[1]
        drawn = np.stack([rng.random(more) < self.share for rng in self._left_out])
        self._kept = np.concatenate([self._kept, drawn], axis=1)
        enough = (self._kept & training_set.usable(labels)).sum(axis=1, keepdims=True) >= max(self.least, 1)
        self.inner.stage = self.stage
        self.inner.fit(training_set, np.where(self._kept | ~enough, labels, np.nan))
        curves = self.inner.curves.items()
        self.curves = {name: [self._of_members(each).mean(axis=1) for each in curve] for name, curve in curves}

    def score(self, archs: IntArray) -> FloatArray:
        """(R, m) mean scores of the members."""
        return self._scores(archs).mean(axis=1)

    def spread(self, archs: IntArray) -> FloatArray:
        """(R, m) standard deviation of the scores of the members."""
        return self._scores(archs).std(axis=1)

    def draw(self, archs: IntArray, generators: Sequence[np.random.Generator]) -> FloatArray:
        """(R, m) the scores of one member of each repeat."""
        scores = self._scores(archs)
        return np.stack([row[rng.integers(self.members)] for row, rng in zip(scores, generators, strict=True)])

    def refine(self, archs: IntArray, codes: FloatArray) -> FloatArray:
        """(R, k) mean finer scores of the members."""
        finer = self.inner.refine(self._for_members(archs), self._for_members(codes))
        return self._of_members(finer).mean(axis=1)

    def survey(self, values: FloatArray) -> None:
        """See `Predictor`."""
        self.inner.survey(values)

    def close(self) -> None:
        """See `Predictor`."""
        self.inner.close()

    def keep(self, labels: FloatArray) -> None:
        """See `Predictor`; all members of a repeat keep theirs at once."""
        self.inner.keep(self._for_members(labels))

    def finish(self) -> None:
        """See `Predictor`."""
        self.inner.finish()

    def _scores(self, archs: IntArray) -> FloatArray:
        """(R, E, m) scores of the members."""
        return self._of_members(self.inner.score(self._for_members(archs) if np.ndim(archs) == 2 else archs))

    def _for_members(self, values: NDArray[T]) -> NDArray[T]:
        """(R, ...) as (R E, ...)."""
        return np.repeat(values, self.members, axis=0)

    def _of_members(self, values: FloatArray) -> FloatArray:
        """(R E, ...) as (R, E, ...)."""
        return values.reshape(len(self.seeds), self.members, *values.shape[1:])
