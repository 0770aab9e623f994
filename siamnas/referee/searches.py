"""The searches of a method on a task: some seeds, and what each has evaluated."""

import functools
import time
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from siamnas.candidates.known import Known
from siamnas.config.compose import compose
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from siamnas.experiment.configuration import Job
from siamnas.oracle.table import TableOracle
from siamnas.referee.methods import Method
from siamnas.referee.process import Broken, Process
from siamnas.referee.tasks import Arena, DomainArena, ListArena
from siamnas.search import proposing
from siamnas.search.codes import GivenCodes
from siamnas.search.setting import divide

DONE, UNFIT = "done", "does not fit"
INVALID = 1000  # asks of a search that the constraints of its space may refuse
HOPELESS = 3  # searches in a row without an evaluation; the others end like them


@dataclass
class Row:
    """A search.

    Attributes:
        seed: of it.
        status: DONE, UNFIT (it can't be run on this task), or what has ended it: crashed, hangs, nonsense, with why.
        evaluated: names of architectures in the order of their evaluation.
        labels: that the method was told, in the sense of the metric.
        best: the reported value of the incumbent after each evaluation.
        seconds: that it took.
    """

    seed: int
    status: str = DONE
    evaluated: list[str] = field(default_factory=list)
    labels: list[float] = field(default_factory=list)
    best: list[float] = field(default_factory=list)
    seconds: float = 0.0


def search(method: Method, arena: Arena, seeds: range, budget: int, timeout: float) -> Iterator[Row]:
    """Search with some seeds; each row comes as soon as it is there.

    Args:
        method: that searches.
        arena: of the task.
        seeds: of the searches.
        budget: evaluations of each.
        timeout: seconds that a process has for an answer.
    """
    if method.command:
        yield from _by_process(method, arena, seeds, budget, timeout)
        return
    try:
        if isinstance(arena, ListArena):
            yield from _of_list(job(method, arena, budget).config, arena, seeds)
        else:
            assert isinstance(arena, DomainArena)
            for seed in seeds:
                yield _of_domain(job(method, arena, budget).config, arena, seed, budget)
    except InputError as error:
        yield from (Row(seed, f"{UNFIT}: {error}") for seed in seeds)


@functools.cache
def composed(words: tuple[str, ...]) -> Job:
    """The job of the words of a method, on any space.

    Raises:
        InputError: they are not allowed.
    """
    return configuration.load(*compose([*words, "logger=none"]))


def job(method: Method, arena: Arena, budget: int) -> Job:
    """The job of one of siamnas' own methods on a task; of a process that of random search.

    Raises:
        InputError: its words are not allowed.
    """
    made = composed(method.words or ("predictor=random",))
    search = made.config["search"]
    return replace(made, config=made.config | {"space": arena.space_fields, "search": search | divide(budget, search)})


def _of_list(made: dict[str, Any], arena: ListArena, seeds: range) -> Iterator[Row]:
    """All seeds at once."""
    began = time.perf_counter()
    benchmark, labels = arena.benchmark, np.stack([arena.labels(seed) for seed in seeds])
    oracle, metric = TableOracle(benchmark, len(seeds)), benchmark.measured.metric
    search = build.search(made, benchmark.space, oracle, metric, seeds)
    while (archs := search.ask()) is not None:
        search.tell(archs, np.take_along_axis(labels, archs, axis=1))
    evaluated, _ = search.evaluated
    told = np.take_along_axis(labels, evaluated, axis=1)
    best = benchmark.measured.report[search.incumbents]
    seconds = (time.perf_counter() - began) / len(seeds)
    for seed, own, values, incumbents in zip(seeds, evaluated, told, best, strict=True):
        yield Row(seed, DONE, benchmark.space.archs[own].tolist(), values.tolist(), incumbents.tolist(), seconds)


def _of_domain(made: dict[str, Any], arena: DomainArena, seed: int, budget: int) -> Row:
    """One seed, one evaluation after the other."""
    began, row, known = time.perf_counter(), Row(seed), Known(arena.domain)
    proposals = proposing.proposals(made, known, GivenCodes(None, 0), arena.metric, seed)
    if proposals is None:
        raise InputError(f"{arena.task.name}: has no list, which this search ranks")
    archs: list[int] = []
    while len(archs) < budget:
        told, labels = np.array(archs, dtype=np.int64), arena.metric.sign * np.array(row.labels)
        (found,) = proposals.propose(told, labels, [], 1)
        archs.append(found.arch)
        _note(row, arena, arena.domain.describe(known[found.arch]))
    row.seconds = time.perf_counter() - began
    return row


def _note(row: Row, arena: Arena, arch: Any) -> float:
    """Evaluate an architecture; its label."""
    label, better = arena.label(arch, row.seed), arena.metric.sign
    first = not any(better * label <= better * other for other in row.labels)
    row.best.append(arena.reported(arch) if first else row.best[-1])
    row.evaluated.append(arena.text(arch))
    row.labels.append(label)
    return label


def _by_process(method: Method, arena: Arena, seeds: range, budget: int, timeout: float) -> Iterator[Row]:
    """One process for all seeds; a new one where it has broken."""
    left, lost = list(seeds), 0
    while left:
        status = DONE
        for row in _of_process(method, arena, tuple(left), budget, timeout):
            left.remove(row.seed)
            lost, status = 0 if row.evaluated else lost + 1, row.status
            yield row
        if lost >= HOPELESS:
            yield from (Row(seed, status) for seed in left)
            return


def _of_process(method: Method, arena: Arena, seeds: tuple[int, ...], budget: int, timeout: float) -> Iterator[Row]:
    """The searches of one process, until it breaks."""
    row, began = Row(seeds[0]), time.perf_counter()
    try:
        with Process(method.command, timeout) as process:
            process.say(space=arena.space())
            for seed in seeds:
                row, began = Row(seed), time.perf_counter()
                _talk(process, row, arena, budget)
                row.seconds = time.perf_counter() - began
                process.finish()
                yield row
    except Broken as error:
        row.status, row.seconds = str(error), time.perf_counter() - began
        yield row


def _talk(process: Process, row: Row, arena: Arena, budget: int) -> None:
    """A search of a process.

    Raises:
        Broken: it crashes, hangs, or answers nonsense.
    """
    process.say(start={"task": arena.task.name, "seed": row.seed, "budget": budget})
    known, invalid = set[Hashable](), 0
    while len(known) < budget:
        asked = process.hear()
        try:
            arch = arena.find(asked)
        except InputError as error:
            invalid += 1
            if isinstance(arena, ListArena) or invalid > INVALID:
                raise Broken(f"nonsense: {error}") from None
            process.say(tell={"arch": asked, "value": None, "left": budget - len(known), "why": str(error)})
            continue
        if arch in known:
            raise Broken(f"nonsense: {arena.text(arch)!r:.80} was asked for twice")
        known.add(arch)
        label = _note(row, arena, arch)
        value = arena.metric.sign * label if label == label else None
        process.say(tell={"arch": asked, "value": value, "left": budget - len(known)})
