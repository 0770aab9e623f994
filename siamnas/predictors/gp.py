"""A Gaussian process per repeat: few evaluations are enough, and it knows how sure it is."""

import functools
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from siamnas.config.validate import Count, Natural, Word
from siamnas.graphs import features as sets
from siamnas.graphs.arrays import FloatArray, IntArray, unique_rows
from siamnas.predictors.base import Predictor
from siamnas.predictors.gaussian import evidence
from siamnas.predictors.gaussian.kernel import Matern, Term, Terms, group_distances, scaled
from siamnas.predictors.gaussian.mixture import Mixture
from siamnas.predictors.gaussian.posterior import Posterior, mean_of
from siamnas.predictors.gaussian.scores import SCORES
from siamnas.spaces.listed import Space
from siamnas.training.belief import Belief
from siamnas.training.training_set import Source, TrainingSet

CANDIDATES = 256  # architectures that a draw is about, at most
LOCAL = ("onehot", "choices")  # sets of features of the kernel's residual: they tell the most architectures apart
EXPECTED = 5  # evaluations, see `GaussianProcess.correction`
TINY = 1e-12  # below it, values do not differ
DEVIATIONS = 3.0  # of the spread that an architecture may be better than its score


class GaussianProcess(Predictor):
    """Exact Gaussian processes, one per repeat, on named features of the architectures.

    The kernel is a Matern 5/2 one, in which features of one group share a length scale, plus the terms of `kernel`. The
    hyperparameters are what the prior expects or, with `steps`, those of the largest posterior density given the
    evaluations so far (MAP), fitted again after a few; in between the posterior grows by what has come. Targets are
    made of the ranks of the labels, so that neither their unit nor a few wild values matter. An evaluation that has
    failed is left out. Architectures of equal features have one posterior.

    Why not GPyTorch: for 25 repeats with 60 evaluations it takes 0.50 CPU seconds for the 30 steps of a fit instead of
    0.35, but 2.19 instead of 0.65 for the posterior of the 9,445 different architectures of NAS-Bench-201, which it
    computes from the beginning after every evaluation (`experiments/gaussian/measure.py`).

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        trainer: ignored.
        features: names of feature sets, see `siamnas.graphs.features`.
        columns: free columns, for the set `columns`.
        targets: see `siamnas.predictors.gaussian.scores`.
        refit: evaluations after which the hyperparameters are fitted again.
        steps: of each fit, which begins at the hyperparameters of the one before.
        prior: see `evidence.Prior`.
        kernel: further terms of the kernel, which are not fitted; None for the Matern one alone.

    Raises:
        InputError: there is no such set of features or column.
    """

    spreads = True
    takes_fidelity = True
    takes_sources = True

    def __init__(
        self,
        space: Space,
        seeds: range,
        trainer: dict[str, Any],
        features: list[Word],
        columns: list[Word],
        targets: Literal["normal", "ranks"],
        refit: Count,
        steps: Natural,
        prior: evidence.Prior,
        kernel: Terms | None = None,
    ) -> None:
        super().__init__(space, seeds, trainer)
        self._sets = tuple(features), tuple(columns)
        # (U, D) the different rows of the features, and (M,) the one of each architecture.
        self._table, self._rows, self._kind = _features(space, *self._sets)
        self._groups = self._table.groups
        self._fidelity: FloatArray = np.empty((len(seeds), len(self._rows), 0))
        self._scores = SCORES[targets]
        self._refit = refit
        self._steps = steps
        self.pure_fit = not steps  # a fit of hyperparameters begins at those of the one before
        self._prior = prior
        self._kernel = kernel
        self._sources: Sequence[Sequence[Source]] = [[]] * len(seeds)
        self._belief: Belief | None = None
        self._moments: dict[Source, tuple[float, float]] = {}
        self._expected: list[FloatArray] = []  # of each repeat (S, U), what its S sources expect
        self._forget()

    def _forget(self) -> None:
        """Forget all evaluations."""
        repeats = len(self.seeds)
        self._parameters = evidence.start(repeats, int(self._groups.max(initial=-1)) + 1, self._prior)
        self._fitted = 0  # evaluations when the hyperparameters were fitted
        self._training_set: IntArray = np.empty((repeats, 0), dtype=np.int64)
        self._known = np.empty((repeats, 0), dtype=bool)
        self._y: FloatArray = np.empty((repeats, 0))
        self._further = self._terms()
        self._posteriors: list[Posterior | Mixture] = []
        self._mean = np.zeros((repeats, len(self._rows)))

    @functools.cached_property
    def features(self) -> FloatArray:
        """See `Predictor`."""
        return self._table.values

    def move(self, space: Space) -> None:
        """See `Predictor`."""
        self.space = space
        self._table, self._rows, self._kind = _features(space, *self._sets)
        self.__dict__.pop("features", None)
        self._fidelity = np.empty((len(self.seeds), len(self._rows), 0))
        self._further = self._terms()
        self._expect()
        for r, (posterior, kernel) in enumerate(zip(self._posteriors, self._kernels(), strict=False)):
            if isinstance(posterior, Mixture):
                posterior.move(kernel, self._expected[r])
            else:
                posterior.move(kernel)
        self._mean = np.zeros((len(self.seeds), len(self._rows)))
        self._predict()

    def add_fidelity(self, values: FloatArray) -> None:
        """See `Predictor`; it weighs a quarter of all other features together until a fit says otherwise.

        Architectures of equal features must have equal values.
        """
        first = np.unique(self._kind, return_index=True)[1]
        feature = values[:, first] - values.mean(axis=1, keepdims=True)
        groups = int(self._table.groups.max(initial=-1)) + 1
        feature *= np.sqrt(max(groups, 1) / 4) / np.maximum(values.std(axis=1, keepdims=True), TINY)
        self._fidelity = feature[:, :, None]
        self._groups = np.append(self._table.groups, groups)
        self._forget()

    def learn_from(self, sources: Sequence[Sequence[Source]], belief: Belief) -> None:
        """See `Predictor`; a source is a Gaussian process of its own, whose posterior mean is a prior mean here."""
        self._sources, self._belief = sources, belief
        self._expect()
        self._forget()

    def _expect(self) -> None:
        """What the sources of each repeat expect of the rows, which repeats may share."""
        if self._belief is None:
            return
        with _blas().limit(limits=1, user_api="blas"):
            found = {
                source: self._mean_of(source) for source in dict.fromkeys(one for own in self._sources for one in own)
            }
        self._expected = [np.stack([found[source] for source in own]) for own in self._sources]

    def _mean_of(self, source: Source) -> FloatArray:
        """(U,) the posterior mean from a source alone, of mean 0 and variance 1 over the list or the reference."""
        x = np.concatenate([sets.build(source.graphs, *self._sets).values[source.archs], self._rows])
        scales = evidence.scales(self._parameters)
        terms: list[Term] = [Matern(scaled(x, self._table.groups, scales.weights[0]), float(scales.variance[0]))]
        if self._kernel:
            terms += self._kernel.over(x, self._table.groups, self._local)
        mean = mean_of(terms, float(scales.noise[0]), self._scores(source.labels[None])[0])
        if source not in self._moments:
            every = mean[self._kind]
            self._moments[source] = float(every.mean()), max(float(every.std()), TINY)
        centre, unit = self._moments[source]
        return (mean - centre) / unit

    def expected(self, archs: IntArray) -> FloatArray:
        """See `Predictor`: the mean over the sources."""
        return self._at(np.array([own.mean(axis=0) for own in self._expected]), archs)

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Learn from a training set; if it has only grown, the new part is added to the posterior."""
        with _blas().limit(limits=1, user_api="blas"):  # the matrices are small: a second thread mostly waits
            self._fit(training_set, labels)

    def _fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """See `fit`."""
        known, before = training_set.usable(labels), self._training_set.shape[1]
        grown = np.array_equal(training_set.archs[:, :before], self._training_set) and np.array_equal(
            known[:, :before], self._known
        )
        y = self._scores(np.where(known, labels, np.nan))
        due = bool(self._steps) and training_set.archs.shape[1] - self._fitted >= self._refit
        if not grown or not before or due:
            self._begin(training_set.archs, known, y)
            before = 0
        self._training_set, self._known, self._y = training_set.archs, known, y
        for r, posterior in enumerate(self._posteriors):
            fresh = training_set.archs[r, before:][known[r, before:]]
            if len(fresh):
                posterior.add(self._kind[fresh])
        self._predict()

    def _predict(self) -> None:
        """The posterior means."""
        for r, posterior in enumerate(self._posteriors):
            self._mean[r] = posterior.mean(self._y[r, self._known[r]])

    def _begin(self, archs: IntArray, known: Any, y: FloatArray) -> None:
        """New hyperparameters, and posteriors that know nothing yet."""
        self._fitted = archs.shape[1]
        if self._steps:
            seats = self._kind[archs]
            fidelity = np.take_along_axis(self._fidelity, seats[:, :, None], axis=1)
            distances = group_distances(np.concatenate([self._rows[seats], fidelity], axis=2), self._groups)
            self._parameters = evidence.fit(
                self._parameters, distances, y, known, self._prior, self._steps, self._fixed(seats)
            )
        noises = evidence.scales(self._parameters).noise.tolist()
        self._posteriors = [
            Posterior(kernel, noise)
            if self._belief is None
            else Mixture(kernel, noise, self._expected[r], self._belief)
            for r, (kernel, noise) in enumerate(zip(self._kernels(), noises, strict=True))
        ]

    def _kernels(self) -> list[list[Term]]:
        """The kernel of each repeat."""
        found = evidence.scales(self._parameters)
        repeats = zip(self._fidelity, found.weights, found.variance, self._further, strict=True)
        return [
            [Matern(scaled(self._with(own), self._groups, weights), float(variance)), *terms]
            for own, weights, variance, terms in repeats
        ]

    def _with(self, own: FloatArray) -> FloatArray:
        """(U, D) all features of a repeat; `own` (U, 0 or 1) are its own."""
        return np.append(self._rows, own, axis=1)

    def _terms(self) -> list[list[Term]]:
        """For each repeat the terms of the kernel that are not fitted; repeats of equal features share them."""
        if not self._kernel:
            return [[]] * len(self.seeds)
        local = np.append(self._local, np.zeros(self._fidelity.shape[2], dtype=bool))
        if not self._fidelity.shape[2]:
            return [self._kernel.over(self._rows, self._groups, local)] * len(self.seeds)
        return [self._kernel.over(self._with(own), self._groups, local) for own in self._fidelity]

    @property
    def _local(self) -> NDArray[np.bool_]:
        """(D,) which features are of the residual, see `Terms`."""
        return np.array([name in LOCAL for name in self._table.sets], dtype=bool)

    def _fixed(self, seats: IntArray) -> FloatArray:
        """(R, n, n) covariances of rows (R, n) by the terms that are not fitted."""
        found = np.zeros((*seats.shape, seats.shape[1]))
        for total, rows, terms in zip(found, seats, self._further, strict=True):
            for term in terms:
                total += term.among(rows)
        return found

    def score(self, archs: IntArray) -> FloatArray:
        """(R, m) posterior means, in the unit of the targets."""
        return self._at(self._mean, archs)

    def spread(self, archs: IntArray) -> FloatArray:
        """(R, m) posterior standard deviations of the function, without the noise."""
        return self.spread_after(archs, np.empty((len(self.seeds), 0), dtype=np.int64))

    def spread_after(self, archs: IntArray, chosen: IntArray) -> FloatArray:
        """See `Predictor`; the variance of a Gaussian process does not depend on the values, so that it is exact."""
        if not self._posteriors:
            raise RuntimeError("fit comes before spread")
        pairs = zip(self._posteriors, chosen, strict=True)
        return self._at(np.sqrt([posterior.variance(self._kind[own]) for posterior, own in pairs]), archs)

    @property
    def correction(self) -> FloatArray:
        """See `Predictor`.

        The evaluations so far, each predicted from all others, say by what factor; a few more count as if they were off
        by what was expected, so that it is near 1 while there are few.
        """
        if not self._posteriors:
            return super().correction
        off = [
            posterior.left_out(y[known])
            for posterior, y, known in zip(self._posteriors, self._y, self._known, strict=True)
        ]
        found: FloatArray = np.sqrt([(EXPECTED + own @ own) / (EXPECTED + len(own)) for own in off])
        return found

    def as_learnt(self, labels: FloatArray) -> FloatArray:
        """See `Predictor`."""
        return self._scores(labels)

    @property
    def noise(self) -> float:
        """See `Predictor`."""
        return float(evidence.scales(self._parameters).noise[0])

    def draw(self, archs: IntArray, generators: Sequence[np.random.Generator]) -> FloatArray:
        """(R, m) a draw of the function at the most promising architectures, all at once; NaN for the hopeless.

        Promising are those whose score + 3 spreads is largest: the function has too many values to draw all.
        """
        every = np.full(self._mean.shape, np.nan)
        for r, (posterior, rng) in enumerate(zip(self._posteriors, generators, strict=True)):
            hope = self._mean[r] + DEVIATIONS * np.sqrt(posterior.variance())
            rows = np.argsort(-hope, kind="stable")[:CANDIDATES]
            values, vectors = np.linalg.eigh(posterior.covariance(rows))
            normal = rng.standard_normal(len(rows)) * np.sqrt(np.maximum(values, 0))
            every[r, rows] = self._mean[r, rows] + vectors @ normal
        return self._at(every, archs)

    def _at(self, values: FloatArray, archs: IntArray) -> FloatArray:
        """(R, m) values (R, U) of the rows at architectures."""
        if np.ndim(archs) == 1:
            return values[:, self._kind[archs]]
        return np.take_along_axis(values, self._kind[archs], axis=1)


def _features(
    space: Space, names: tuple[str, ...], columns: tuple[str, ...]
) -> tuple[sets.Features, FloatArray, IntArray]:
    """The features of a space and their `unique_rows`, computed once: a job builds its predictor to check it, too."""
    key = ("distinct features", names, columns)
    if key not in space.derived:
        table = sets.build(space, names, columns)
        # In a window the training set comes first, and stays there.
        rows = unique_rows(table.values) if space.reference is space else (table.values, np.arange(len(space)))
        space.derived[key] = table, *rows
    found: tuple[sets.Features, FloatArray, IntArray] = space.derived[key]
    return found


@functools.cache
def _blas() -> ThreadpoolController:
    """What limits the threads of the linear algebra."""
    import scipy.linalg  # noqa: F401 (it brings a library of its own, which has to be there to be found)

    return ThreadpoolController()
