"""Labels of the spaces with a shipped table: which accuracy a query returns, and which columns are free."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from siamnas.benchmarks import user_tables
from siamnas.benchmarks.codes import Code
from siamnas.benchmarks.measurements import Fidelity, Measured
from siamnas.benchmarks.metric import Metric
from siamnas.benchmarks.user_tables import Table
from siamnas.config.validate import Condition, Count, Word
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.columns import ACCURACY, Columns, sort


@dataclass
class Accuracy:
    """Options of `label` and `report`; the table says which combinations exist."""

    split: Word
    epochs: Count
    run: Annotated[Any, Condition("mean or the number of a run", lambda v: v == "mean" or type(v) is int)]


def accuracy(columns: Columns, options: Accuracy, key: str) -> tuple[FloatArray, str]:
    """Accuracies chosen by `split`, `epochs` and `run` as fractions, and the name of their column.

    An architecture with fewer runs than the chosen one answers with run modulo its number of runs; where a mean was not
    published for an architecture, its run 0 stands in. The column itself keeps its NaN.

    Args:
        columns: columns such as `test_200_mean` or `valid_12_run0`, each (M,) in percent.
        options: which one.
        key: dotted key of the options for messages.

    Raises:
        InputError: the table has no such accuracy; names the key, the value and what the table has.
    """
    left = {match.groups(): name for name in columns if (match := ACCURACY.fullmatch(name))}
    given: list[str] = []
    for place, part in enumerate(("split", "epochs", "run")):
        value = str(getattr(options, part))
        have = ", ".join(dict.fromkeys(names[place] for names in left))
        left = {names: name for names, name in left.items() if names[place] == value}
        if not left:
            where = " ".join(["on this data set", *(["with", ", ".join(given)] if given else [])])
            raise InputError(f"{key}.{part}={value}: must be one of {have} (all that was measured {where})")
        given.append(f"{part} {value}")
    ((split, epochs, run), name) = next(iter(left.items()))
    values = columns[name]
    gaps = np.isnan(values)
    if gaps.any():
        single = [column for column in columns if re.fullmatch(rf"{split}_{epochs}_run\d+", column)]
        runs = np.stack([columns[column] for column in single])  # (runs, M), NaN behind the last run of an architecture
        chosen = (0 if run == "mean" else int(run)) % np.sum(~np.isnan(runs), axis=0)
        values = np.where(gaps, np.take_along_axis(runs, chosen[None], axis=0)[0], values)
    return values / 100, name


def tabled(
    columns: Columns,
    label: Accuracy,
    report: Accuracy,
    code: Code,
    train_seconds: FloatArray,
    tables: Sequence[Table],
    column_seconds: Columns | None = None,
) -> tuple[Columns, Measured]:
    """The free columns of a table, and what of it only an oracle may hand out.

    Args:
        columns: all of the table, and those of `tables`.
        label: options of the accuracy that queries return, see `accuracy`.
        report: of the accuracy that results report.
        code: Estimation Codes.
        train_seconds: (M,) cost of one query.
        tables: what `siamnas measure` has measured.
        column_seconds: see `Measured`.
    """
    values, label_name = accuracy(columns, label, "space.label")
    reported, report_name = accuracy(columns, report, "space.report")
    free, priced = sort(columns, user_tables.columns(tables))
    measured = Measured(
        metric=Metric(report_name),
        label=values,
        label_name=label_name,
        report=reported,
        code=code.values,
        code_name=code.name,
        code_seconds=code.seconds,
        train_seconds=train_seconds,
        columns=priced,
        column_seconds={**(column_seconds or {}), **user_tables.seconds(tables)},
        early=early(columns, label.epochs),
        runs=single_runs(columns, label),
    )
    return free, measured


def single_runs(columns: Columns, label: Accuracy) -> FloatArray | None:
    """(M, S) the single runs of the split and the epochs of a label, as fractions; None where the table has none."""
    found = [values for name, values in columns.items() if re.fullmatch(rf"{label.split}_{label.epochs}_run\d+", name)]
    return np.stack(found, axis=1) / 100 if found else None


def early(columns: Columns, epochs: int) -> dict[str, Fidelity]:
    """Accuracies after fewer epochs than those of the label, as `valid_12`, where their price is known.

    One run where the table has it; a mean of two or more runs costs two.

    Args:
        columns: of the table, in percent.
        epochs: of the label.
    """
    found: dict[str, Fidelity] = {}
    for name in sorted(columns, reverse=True):  # a run comes before the mean
        if (match := ACCURACY.fullmatch(name)) and int(match[2]) < epochs:
            split, length, run = match.groups()
            seconds = columns.get(f"train_seconds_{length}")
            if seconds is not None and run in ("0", "mean"):
                price = seconds * (2 if run == "mean" else 1)
                found.setdefault(f"{split}_{length}", Fidelity(columns[name] / 100, price))
    return found
