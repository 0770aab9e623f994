"""The protocol of all predictors: fit on a training set of labelled architectures, score any architectures."""

import functools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siamnas.errors import InputError
from siamnas.graphs import features as sets
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.runtime.progress import Report, tell_listener
from siamnas.spaces.listed import Space
from siamnas.training.belief import Belief
from siamnas.training.training_set import Source, TrainingSet

ROUNDING = 1e-9  # of an epoch
SHARPNESS = 2.0  # of the similarity of features; two random architectures differ by 2 in the mean square


@dataclass(frozen=True)
class Stage:
    """Where in the search a fit stands.

    Attributes:
        until: share of the training to be done when the fit returns; below 1 while the training set still grows.
        total: final size of the training set.
        report: to call with the finished share of this fit.
    """

    until: float = 1.0
    total: int = 0
    report: Report = tell_listener

    def epochs(self, total: int) -> int:
        """How many of `total` epochs are done by `until`."""
        return int(self.until * total + ROUNDING)


class Predictor(ABC):
    """R independent predictors, one per repeat, fitted and scored together.

    The search makes one object per chunk of repeats, and calls it in this order: `survey`; `fit` once or, while the
    training set grows, several times; `close` and `keep` in turn, `closing` times; `finish`; then `score` and `refine`.
    Between fits it may ask for scores too. Everything random comes from `siamnas.seeding.stream(seed, purpose)`, so
    that a repeat does not depend on its neighbours.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat; R = len(seeds).
        trainer: the `trainer` config as a plain dict; a predictor that trains no network ignores it.

    Attributes:
        stage: of the next fit; set by the search.
        curves: what the training leaves behind for plots: name -> one (R,) array per epoch, such as the loss.
    """

    results_version = 1
    """Raised when the same options give other numbers than before; results of another version do not count then."""
    follows_trainer = False
    """Whether it trains networks by the schedule of the group `trainer`."""
    parallel = True
    """Whether chunks of repeats are worth processes of their own (on a CPU)."""
    device: str = "cpu"
    """Where it computes: cpu or cuda."""
    learns = True
    """Whether it learns from labels; one that does not needs no N."""
    coded = False
    """Whether it reads the Estimation Codes of its training set, and of what it refines."""
    surveys: tuple[str, ...] = ()
    """Measured columns, or the Estimation Code, that it reads of the whole space before the first fit."""
    least = 1
    """Labels without which it can't be fitted."""
    pure_fit = False
    """Whether a fit depends on its training set and labels alone (but for rounding), not on the fits before."""
    spreads = False
    """Whether it has a `spread`."""
    takes_fidelity = False
    """Whether it takes a low fidelity, see `add_fidelity`."""
    takes_sources = False
    """Whether it learns from evaluations of other tasks, see `learn_from`."""
    closing = 0
    """How many of its N labels choose among its last states, see `close`."""

    def __init__(self, space: Space, seeds: range, trainer: dict[str, Any]) -> None:
        self.space = space
        self.seeds = seeds
        self.trainer = trainer
        self.stage = Stage()
        self.curves: dict[str, list[FloatArray]] = {}

    @classmethod
    def backend(cls, trainer: Mapping[str, Any]) -> str | None:
        """What computes its numbers, where their bits depend on it, such as `cuda`; None where it is as always.

        Args:
            trainer: the `trainer` config.
        """
        return None

    @abstractmethod
    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Learn from a training set.

        A predictor that trains in epochs does those up to `stage.until` and goes on from there in the next fit; others
        are fitted anew.

        Args:
            training_set: all that has been evaluated so far.
            labels: (R, n), higher is better; NaN where an evaluation failed. At least `least` of every row are usable,
                see `TrainingSet.usable`.
        """

    @abstractmethod
    def score(self, archs: IntArray) -> FloatArray:
        """(R, m) scores of the architectures (m,), or (R, m), other ones for every repeat; higher is better.

        The coarse accuracy where the predictor has one. The search puts architectures of equal score in random order.
        """

    def refine(self, archs: IntArray, codes: FloatArray) -> FloatArray:
        """(R, k) finer scores of `archs` (R, k) from their Estimation Codes (R, k, L); only asked where `coded`.

        Only the order within `archs` is used. An architecture whose code is NaN must score NaN: it keeps its place.
        """
        raise NotImplementedError

    def spread(self, archs: IntArray) -> FloatArray:
        """(R, m) standard deviation of what `score` predicts; only asked where `spreads`."""
        raise NotImplementedError

    def calibrated_spread(self, archs: IntArray) -> FloatArray:
        """(R, m) the spread as users are told it: times the `correction`."""
        return self.spread(archs) * self.correction[:, None]

    @property
    def correction(self) -> FloatArray:
        """(R,) by how much further off evaluations were than their standard deviation says; 1 if nothing says so."""
        return np.ones(len(self.seeds))

    def spread_after(self, archs: IntArray, chosen: IntArray) -> FloatArray:
        """(R, m) the spread that is left when `chosen` (R, c) will have been evaluated, whatever their values.

        For any predictor: an architecture whose features are like those of a chosen one will be as good as known. A
        Gaussian process of unit variance has this spread after one exact value, with the similarity as its kernel.
        """
        spread, rows = self.spread(archs), self.rows(archs)
        for r, own in enumerate(chosen):
            for arch in own:
                apart = np.square(self.features[rows[r]] - self.features[arch]).mean(axis=1)
                spread[r] *= np.sqrt(1 - np.exp(-SHARPNESS * apart) ** 2)
        return spread

    def as_learnt(self, labels: FloatArray) -> FloatArray:
        """(R, n) what it makes of labels (R, n) to learn: the unit of its scores."""
        return labels

    @property
    def noise(self) -> float:
        """The variance of a target about what `score` predicts, beside that of `spread`; of the first repeat."""
        return 0.0

    def draw(self, archs: IntArray, generators: Sequence[np.random.Generator]) -> FloatArray:
        """(R, m) a draw from the predictive distribution; only asked where `spreads`.

        For any predictor: every architecture independently. One that knows correlations draws jointly.
        """
        normal = np.stack([rng.standard_normal(np.shape(archs)[-1]) for rng in generators])
        return self.score(archs) + self.spread(archs) * normal

    @functools.cached_property
    def features(self) -> FloatArray:
        """(M, D) what tells architectures apart, standardised."""
        return sets.build(self.space, ("onehot",)).values

    def move(self, space: Space) -> None:
        """Go on in another window of a space without a list, see `siamnas.candidates.window`.

        What has been fitted stays. The training set has the same numbers in all windows; all others differ.

        Raises:
            InputError: the predictor knows lists alone.
        """
        name = type(self).__name__
        raise InputError(f"predictor: {name} has no method `move`, which spaces without a list need; give it a list")

    def add_fidelity(self, values: FloatArray) -> None:
        """Take (R, M) values of the whole space, predicted from a low fidelity, as a further feature.

        All earlier fits are forgotten. Only called where `takes_fidelity`.
        """
        raise NotImplementedError

    def learn_from(self, sources: Sequence[Sequence[Source]], belief: Belief) -> None:
        """Take the sources of each of the R repeats, at least one, as prior means that evaluations confirm or refute.

        All earlier fits are forgotten. Only called where `takes_sources`.
        """
        raise NotImplementedError

    def expected(self, archs: IntArray) -> FloatArray:
        """(R, m) what the sources say of architectures, before anything is evaluated; see `learn_from`."""
        raise NotImplementedError

    def survey(self, values: FloatArray) -> None:
        """Take the values (M, C) of the columns of `surveys`."""
        raise NotImplementedError

    def close(self) -> None:
        """Go on to the next of the last states, among which evaluations choose."""
        raise NotImplementedError

    def keep(self, labels: FloatArray) -> None:
        """Keep the present state where it is the best so far, by the labels (R,) of what it ranks first."""
        raise NotImplementedError

    def finish(self) -> None:  # noqa: B027 (most have nothing left to do)
        """Get ready for the final ranking: the training set is complete, and no further fit follows."""

    def rows(self, archs: IntArray) -> IntArray:
        """(R, m) architectures from what `score` takes."""
        return np.broadcast_to(archs, (len(self.seeds), np.shape(archs)[-1]))
