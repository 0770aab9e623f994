"""Free columns of a space as they are."""

from collections.abc import Sequence

from siamnas.errors import InputError
from siamnas.graphs.columns import check_column
from siamnas.graphs.features.base import FeatureSet
from siamnas.spaces.listed import Space

KEY = "predictor.columns"


def columns(space: Space, names: Sequence[str]) -> FeatureSet:
    """The named columns, each a group of its own.

    Raises:
        InputError: none is named, there is no such column, or it is not free.
    """
    if not names:
        raise InputError(f"{KEY}=[]: must name at least one column for the features `columns`")
    for name in names:
        check_column(name, f"{KEY}={','.join(names)}", space.columns)
    return FeatureSet.alone([space.columns[name] for name in names], names)
