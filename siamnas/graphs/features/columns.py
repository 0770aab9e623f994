"""Free columns as they are."""

from collections.abc import Sequence

from siamnas.errors import InputError
from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.columns import check_column
from siamnas.graphs.features.base import FeatureSet

KEY = "predictor.columns"


def columns(graphs: GraphBatch, names: Sequence[str]) -> FeatureSet:
    """The named columns, each a group of its own.

    Raises:
        InputError: none is named, there is no such column, or it is not free.
    """
    if not names:
        raise InputError(f"{KEY}=[]: must name at least one column for the features `columns`")
    for name in names:
        check_column(name, f"{KEY}={','.join(names)}", graphs.columns)
    return FeatureSet.alone([graphs.columns[name] for name in names], names)
