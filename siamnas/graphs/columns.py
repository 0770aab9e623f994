"""Columns: which are free, which have a price, which only a query may see."""

import re
from collections.abc import Collection, Iterable

from siamnas.config.validate import near
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray

Columns = dict[str, FloatArray]

ACCURACY = re.compile(r"(test|valid)_(\d+)_(?:run(?=\d))?(mean|\d+)")  # a column: split, epochs, run
# Known by their names, so that new columns are hidden without further ado.
HIDDEN = re.compile(ACCURACY.pattern + r"|(test|valid)_\d+_runs.*|train_seconds_\d+|(\w+_)?accuracy|test_loss")
"""Columns that only a query may see: they are known when a network has been trained."""
PRICED = re.compile(r"(proxy|landscape|code)_loss_\d+|proxy_seconds_\d+|mote_score|synflow(_code)?")
"""Columns that were measured for every graph by something cheaper than its training."""

FREE = {"flops", "params"}  # columns that are counted, not measured


def sort(columns: Columns, measured: Collection[str] = ()) -> tuple[Columns, Columns]:
    """The columns that are free, and those that have a price; what only a query may see is in neither.

    Args:
        columns: all.
        measured: names of those that `siamnas measure` has measured, or counted.
    """
    seen = {name: values for name, values in columns.items() if not HIDDEN.fullmatch(name)}
    with_price = {name for name in seen if PRICED.fullmatch(name) or name in measured} - FREE
    priced = {name: values for name, values in seen.items() if name in with_price}
    return {name: values for name, values in seen.items() if name not in priced}, priced


def check_column(name: str, key: str, known: Iterable[str]) -> None:
    """Check the name of a column that is wanted as prior knowledge.

    Args:
        name: the column.
        key: how the user has named it, for messages.
        known: all columns that may be wanted.

    Raises:
        InputError: only a query may see it, or there is no such column.
    """
    if HIDDEN.fullmatch(name):
        raise InputError(f"{key}: {name} is known only after a training, so only a query may see it")
    known = list(known)
    if name not in known:
        allowed = ", ".join(abbreviated(known))
        raise InputError(f"{key}: no column {name}{near(name, known)}; choose one of {allowed}")


def abbreviated(names: Iterable[str]) -> list[str]:
    """Names with every run of three or more consecutive numbers shortened: `proxy_loss_1..50`."""
    short: list[str] = []
    runs: dict[str, list[int]] = {}
    for name in names:
        numbered = re.fullmatch(r"(.*_)(\d+)", name)
        if not numbered:
            short.append(name)
            continue
        runs.setdefault(numbered[1], []).append(int(numbered[2]))
    for stem, numbers in runs.items():
        low, high = min(numbers), max(numbers)
        if len(numbers) > 2 and sorted(numbers) == list(range(low, high + 1)):
            short.append(f"{stem}{low}..{high}")
        else:
            short.extend(f"{stem}{number}" for number in numbers)
    return sorted(short)
