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
from siamnas.report.read.results import POINTS, SPENT, TOP, Source


@dataclass
class Run:
    """All repeats of one method at one N, from one or more files.

    Attributes:
        name: of the method.
        option: of the group `predictor`.
        kind: the entry of the catalogue that it is drawn as.
        sources: the files that its repeats are from.
        arrays: of all repeats, sorted by identity.
        ks: the K of its jobs; empty for a search without a final ranking.
    """

    name: str
    option: str
    kind: str
    sources: list[Source]
    arrays: Arrays
    ks: frozenset[int]

    @property
    def n(self) -> int:
        """N."""
        return self.sources[0].n

    @property
    def depth(self) -> int:
        """The largest K."""
        return self.arrays["published"].shape[1]

    @property
    def place(self) -> tuple[int, list[str], int]:
        """In tables and legends: in the order of the catalogue, then by name, where numbers count by their size."""
        words = [word.zfill(12) if word.isdigit() else word for word in re.split(r"(\d+)", self.name)]
        return catalogue.seat(self.kind), words, self.n


def key(fields: Fields) -> str:
    """The same for the same fields only."""
    return str(sorted(fields.items(), key=str))


def group(sources: Iterable[Source], by: Any) -> dict[Hashable, list[Source]]:
    """Sources by what a function says of each."""
    groups: dict[Hashable, list[Source]] = {}
    for source in sources:
        groups.setdefault(by(source), []).append(source)
    return groups


def of_benchmark(sources: Sequence[Source], notes: list[str]) -> list[Run]:
    """The runs of one benchmark in their order, every method with a name of its own."""
    methods = list(group(sources, lambda source: key(source.method)).values())
    first = [_model(found) for found in methods]
    names = naming.tell_apart(
        [source.name for source in first], [source.method for source in first], [source.trainer for source in first]
    )
    runs = []
    for name, source, found in zip(names, first, methods, strict=True):
        about = name, source.option, naming.method_kind(source.meta)
        runs += [_merge(about, own, notes) for own in group(found, lambda source: source.n).values()]
    return sorted(runs, key=lambda run: run.place)


def _model(found: list[Source]) -> Source:
    """The source that a method is called after: where several options make the same method, one of the catalogue."""
    known = (source for source in found if source.option in METHODS and METHODS[source.option].name == source.name)
    return next(known, found[0])


def _merge(about: tuple[str, str, str], found: list[Source], notes: list[str]) -> Run:
    """The repeats of one method at one N; one that is in several files is taken from the file with the most."""
    found = sorted(found, key=lambda source: (-source.repeats, -source.modified))
    depth = min(source.depth for source in found)
    ends = dict.fromkeys((*SPENT, *POINTS), found[0].n + depth) | dict.fromkeys(TOP, depth)
    title = f"{found[0].name} on {found[0].space}, N = {found[0].n}"
    taken: dict[int, np.ndarray] = {}
    parts, sources, twice, unequal = [], [], 0, 0
    for source in found:
        arrays = {name: a[:, : ends[name]] if name in ends else a for name, a in source.arrays.items()}
        fresh = np.array([identity not in taken for identity in arrays["identity"].tolist()])
        for identity, best in zip(arrays["identity"][~fresh].tolist(), arrays["best"][~fresh], strict=True):
            twice += 1
            unequal += not np.array_equal(taken[identity], best, equal_nan=True)
        if not fresh.any():
            continue
        arrays = {name: a[fresh] for name, a in arrays.items()}
        taken |= dict(zip(arrays["identity"].tolist(), arrays["best"], strict=True))
        parts.append(arrays)
        sources.append(source)
    if unequal:
        notes.append(
            f"{title}: {unequal} of {plural(twice, 'repeat')} that occur in several files differ between them; "
            f"those of {sources[0].path} were used"
        )
    if any(source.depth > depth for source in found):
        notes.append(f"{title}: the curves of its files end at different K; all were cut to K = {depth}, the shortest")
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(arrays["identity"])
    ks = frozenset(source.k for source in found if source.k)
    return Run(*about, sources, {name: a[order] for name, a in arrays.items()}, ks)
