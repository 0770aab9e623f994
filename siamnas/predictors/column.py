"""Rank by one column of the space: a cheap baseline for every method."""

from typing import Any, Literal

from siamnas.config.validate import Word
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.columns import check_column
from siamnas.predictors.base import Predictor
from siamnas.spaces.listed import Space
from siamnas.training.training_set import TrainingSet


class Column(Predictor):
    """The order of a column; it learns nothing from labels.

    All repeats have the same order but for architectures of equal value, which the search puts in random order: the
    FLOPs of NAS-Bench-201 have 28 different values for 15,625 architectures. A column that had to be measured, such as
    a proxy loss, costs as much as an Estimation Code of the whole space; FLOPs and parameters are free.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        trainer: ignored.
        priced: measured columns that can be looked up.
        column: name of one of these or of a free one, for example `flops`, `params` or `proxy_loss_3`.
        order: `descending` ranks the largest value first (FLOPs), `ascending` the smallest (losses). Architectures
            without a value are ranked last either way.

    Raises:
        InputError: there is no such column, or only a query may see it.
    """

    parallel = False
    learns = False
    pure_fit = True

    def __init__(
        self,
        space: Space,
        seeds: range,
        trainer: dict[str, Any],
        priced: tuple[str, ...],
        column: Word,
        order: Literal["descending", "ascending"],
    ) -> None:
        super().__init__(space, seeds, trainer)
        check_column(column, f"predictor.column={column}", [*space.columns, *priced])
        self._column = column
        self._sign = 1 if order == "descending" else -1
        # A free column is there at once; any other one has to be measured before the fit.
        if column in space.columns:
            self.move(space)
        else:
            self.surveys = (column,)

    def move(self, space: Space) -> None:
        """See `Predictor`; only free columns are known of other windows."""
        self.space = space
        self.survey(space.columns[self._column][:, None])

    def survey(self, values: FloatArray) -> None:
        """Take the column (M, 1)."""
        self._score = self._sign * values[:, 0]

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Nothing to learn."""

    def score(self, archs: IntArray) -> FloatArray:
        """(R, m) values of the column, negated for an ascending order; NaN where there is none."""
        return self._score[self.rows(archs)]
