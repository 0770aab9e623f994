"""From result files to runs: all repeats of one method at one N, under a name that no other method has."""

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siamnas.jobs.store import Arrays
from siamnas.jobs.summary import plural
from siamnas.report.read import catalogue, naming
from siamnas.report.read.catalogue import METHODS
from siamnas.report.read.naming import Fields
from siamnas.report.read.results import POINTS, SPENT, TOP, Record


@dataclass
class Run:
    """All repeats of one method at one N, from one or more files.

    Attributes:
        name: of the method.
        option: of the group `predictor`.
        kind: the entry of the catalogue that it is drawn as.
        records: the files that its repeats are from.
        arrays: of all repeats, sorted by seed.
        ks: the K of its jobs; empty for a search without a final ranking.
    """

    name: str
    option: str
    kind: str
    records: list[Record]
    arrays: Arrays
    ks: frozenset[int]

    @property
    def n(self) -> int:
        """N."""
        return self.records[0].n

    @property
    def depth(self) -> int:
        """The largest K."""
        return self.arrays["topk"].shape[1]

    @property
    def place(self) -> tuple[int, list[str], int]:
        """In tables and legends: in the order of the catalogue, then by name, where numbers count by their size."""
        return catalogue.seat(self.kind), natural(self.name), self.n


def natural(name: str) -> list[str]:
    """What names are sorted by: numbers in them count by their size."""
    return [word.zfill(12) if word.isdigit() else word for word in re.split(r"(\d+)", name)]


def key(fields: Fields) -> str:
    """The same for the same fields only."""
    return str(sorted(fields.items(), key=str))


def group(records: Iterable[Record], by: Any) -> dict[Hashable, list[Record]]:
    """Records by what a function says of each."""
    groups: dict[Hashable, list[Record]] = {}
    for record in records:
        groups.setdefault(by(record), []).append(record)
    return groups


def of_benchmark(records: Sequence[Record], notes: list[str]) -> list[Run]:
    """The runs of one benchmark in their order, every method with a name of its own."""
    methods = list(group(records, lambda record: (key(record.method), record.label)).values())
    first = [_model(found) for found in methods]
    names = naming.tell_apart(
        [record.name for record in first],
        [record.method for record in first],
        [None if record.label else record.trainer for record in first],
        [record.typed for record in first],
    )
    runs = []
    for name, record, found in zip(names, first, methods, strict=True):
        about = name, record.option, naming.method_kind(record.meta)
        runs += [_merge(about, own, notes) for own in group(found, lambda record: record.n).values()]
    return sorted(runs, key=lambda run: run.place)


def _model(found: list[Record]) -> Record:
    """The record that a method is called after: where several options make the same method, one of the catalogue."""
    known = (record for record in found if record.option in METHODS and METHODS[record.option].name == record.name)
    return next(known, found[0])


def _merge(about: tuple[str, str, str], found: list[Record], notes: list[str]) -> Run:
    """The repeats of one method at one N; one that is in several files is taken from the file with the most."""
    found = sorted(found, key=lambda record: (-record.repeats, -record.modified))
    depth = min(record.depth for record in found)
    ends = dict.fromkeys((*SPENT, *POINTS), found[0].n + depth) | dict.fromkeys(TOP, depth)
    title = f"{found[0].name} on {found[0].space}, N = {found[0].n}"
    taken: dict[int, np.ndarray] = {}
    parts, records, twice, unequal = [], [], 0, 0
    for record in found:
        arrays = {name: a[:, : ends[name]] if name in ends else a for name, a in record.arrays.items()}
        fresh = np.array([seed not in taken for seed in arrays["seed"].tolist()])
        for seed, best in zip(arrays["seed"][~fresh].tolist(), arrays["best"][~fresh], strict=True):
            twice += 1
            unequal += not np.array_equal(taken[seed], best, equal_nan=True)
        if not fresh.any():
            continue
        arrays = {name: a[fresh] for name, a in arrays.items()}
        taken |= dict(zip(arrays["seed"].tolist(), arrays["best"], strict=True))
        parts.append(arrays)
        records.append(record)
    if unequal:
        notes.append(
            f"{title}: {unequal} of {plural(twice, 'repeat')} that occur in several files differ between them; "
            f"those of {records[0].path} were used"
        )
    if any(record.depth > depth for record in found):
        notes.append(f"{title}: the curves of its files end at different K; all were cut to K = {depth}, the shortest")
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(arrays["seed"])
    ks = frozenset(record.k for record in found if record.k)
    return Run(*about, records, {name: a[order] for name, a in arrays.items()}, ks)
