"""The main job on one page: check, build, search in chunks of repeats, save, log."""

import logging
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from siamnas.errors import InputError
from siamnas.experiment import build, dry_run
from siamnas.experiment.configuration import Job
from siamnas.experiment.identity import all_versions as results_versions
from siamnas.jobs import agreement, evaluation, lease, progress, provenance, record, stated, summary
from siamnas.jobs.store import Result, Store, merge
from siamnas.loggers import streaming
from siamnas.loggers.base import Tell, Watcher
from siamnas.measure import cached
from siamnas.oracle.domain import DomainOracle
from siamnas.runtime import generators, memory, streams, terminal
from siamnas.runtime import parallel as processes
from siamnas.runtime.progress import Report, no_report, part_of
from siamnas.spaces.benchmark import Benchmark, DomainBenchmark

if TYPE_CHECKING:
    from siamnas.loggers.base import Logger
    from siamnas.oracle.training import Evaluators
    from siamnas.search.base import Search

DRAWN = (
    "something draws from the global generators of numpy or Python, so that its numbers depend on how the repeats are "
    "divided among processes; draw from siamnas.seeding.stream(seed, purpose)"
)
log = logging.getLogger(__name__)


class Done(NamedTuple):
    """A job that is done.

    Attributes:
        result: of it.
        path: of the file.
        before: whether it was there already.
    """

    result: Result
    path: Path
    before: bool


def run(job: Job, checks: dry_run.Checks | None = None) -> Done:
    """Do a job, or what is left of it.

    A finished job makes up for reports that are missing. A job that was cut off starts after its last finished chunk.

    Args:
        job: the checked configuration.
        checks: of the sweep that this process has started, if the job is one of its.

    Raises:
        InputError: the configuration does not fit the space, or the result can't be read or written.
        Busy: another process is doing this job.
    """
    store = Store(job.folder, job.identity)
    if (done := store.finished()) is not None:
        complete_reports(job, store, done)
        return Done(done, store.path, True)

    with terminal.doing(f"{terminal.place}checking {job.title}"):
        ready = (checks or dry_run.Checks()).ready(job)  # what does not fit shows before anything is written
    evaluators = cached.of(job) if job.trains else None
    logger = build.logger(job.config)
    store.prepare()

    watching = logger.watch(job) if isinstance(logger, Watcher) else nullcontext()
    with lease.hold(job) as own_lease, terminal.log_to(job.folder / "run.log"), watching as tell:
        try:
            # The process that has just let go may have done it.
            if not (before := (result := store.finished()) is not None):
                log.info("%s%s, %s", terminal.place, job.title, summary.plural(job.config["repeats"], "repeat"))
                result = search_all(job, store, ready, own_lease, evaluators, tell)
                store.save(result)
            report(job, result, logger)
        except InputError:
            raise
        except Exception as error:
            if not memory.is_short(error):  # which is said without a traceback
                log.exception("%s failed", job.title)
            raise
    return Done(result, store.path, before)


def report(job: Job, result: Result, logger: "Logger | None") -> None:
    """Do what comes after a result, as far as that has not been done before.

    Args:
        job: held by this process.
        result: of the job, on disk.
        logger: of the job.
    """
    if not (curves := job.folder / summary.CURVES).exists():
        summary.write_csv(curves, list(summary.curve_rows(result)))
    name = record.logger_of(job)
    if logger is None or name is None or name in record.logged(job.folder):
        return
    if logger.log(job, result) is not False:
        record.add_logged(job.folder, name)


def complete_reports(job: Job, store: Store, result: Result) -> None:
    """Make up for what an earlier run has not come to, or was not asked for: parts, curves.csv, another logger."""
    store.drop_parts()
    name = record.logger_of(job)
    if (job.folder / summary.CURVES).exists() and (name is None or name in record.logged(job.folder)):
        lease.discard_expired(job)
        return
    logger = build.logger(job.config)
    store.prepare()
    try:
        with lease.taken(job), terminal.log_to(job.folder / "run.log"):
            report(job, result, logger)
    except lease.Busy as busy:  # who holds it has computed the result and reports it
        log.info("%s", busy)


def search_all(
    job: Job,
    store: Store,
    ready: dry_run.Ready,
    own_lease: lease.Lease,
    evaluators: "Evaluators | None",
    tell: Tell | None = None,
) -> Result:
    """Search with all repeats that are not on disk yet, in chunks; each is saved when it is finished."""
    parts = store.parts(job.seeds)
    done = sum(part.repeats for part in parts)
    # Repeats are told apart by their identity, so that parts of any split of an earlier run count.
    missing = sorted(set(job.seeds) - {i for part in parts for i in part.arrays["seed"].tolist()})
    if parts:
        log.info("%d of %d repeats are already on disk", done, len(job.seeds))

    trainer = job.config["trainer"]
    workers = (trainer["threads"] or processes.cores()) if ready.parallel else 1
    # No core should wait while another has more than its share of repeats.
    chunks = split(missing, min(trainer["chunk"], -(-len(missing) // workers)))
    start = done / len(job.seeds)
    before = sum(part.meta["seconds"] for part in parts)
    with streaming.feed_for(tell) as feed:
        if feed is not None and min(workers, len(chunks)) == 1:
            feed.look(start)
            feed.wait()  # here the start of a logger would count as part of the search
        began = time.perf_counter()
        with terminal.Bar(f"{terminal.place}{job.title}", start) as bar:

            def show_all(share: float) -> None:
                bar.update(share)
                if feed is not None:
                    feed.look(share)

            # Only one chunk is for the first repeat alone, and then it is searched in this process.
            built = ready.take(chunks[0] if len(chunks) == 1 else None)
            notes = feed.folder if feed else None
            # A space of the user's functions can't be sent to other processes, which make it anew.
            benchmark = None if workers > 1 and build.is_without_list(ready.benchmark) else ready.benchmark
            work = partial(search_chunk, job, store, benchmark, built, evaluators, notes)
            report = own_lease.beating(part_of(show_all, start, 1.0))
            with progress.kept(job.folder, report, cached.rows(job) if job.trains else None) as report:
                parts += processes.run(work, chunks, min(workers, len(chunks)), report)
        seconds = before + time.perf_counter() - began
    return complete(job, ready.benchmark, parts, seconds)


def search_chunk(
    job: Job,
    store: Store,
    benchmark: Benchmark | DomainBenchmark | None,
    built: dry_run.Built | None,
    evaluators: "Evaluators | None",
    notes: Path | None,
    chunk: range,
    report: Report,
) -> Result:
    """Search with some of the repeats, and save what was found."""
    began = time.perf_counter()
    benchmark = benchmark or build.searched_once(job.config)
    _, oracle, search = built or dry_run.search_of(job, benchmark, chunk, evaluators)
    with streaming.noted(notes, search, report) as shown, generators.lent(chunk.start) as drawn:
        search.report = no_report if job.trains else shown
        while (archs := search.ask()) is not None:
            if job.trains:  # which takes the time
                oracle.report = part_of(shown, *_shares(search, archs.shape[1]))
            search.tell(archs, oracle.query(archs))
        arrays = evaluation.evaluate(search, oracle, benchmark)
        if drawn():
            log.warning("%s: %s", job.title, DRAWN)
    if objective := job.config["objective"]:
        arrays |= evaluation.points(search, oracle, benchmark, objective)
    seconds = time.perf_counter() - began
    made = {"identity": job.identity, "seconds": seconds, "device": search.device}
    made["own_code"] = provenance.own_code(job.config)
    if isinstance(oracle, DomainOracle):
        made[agreement.ARCHITECTURES] = oracle.seen.texts
    part = Result(arrays, made | provenance.origin())
    store.save_part(chunk, part)
    return part


def _shares(search: "Search", count: int) -> tuple[float, float]:
    """Which shares of all evaluations are done before and after so many more."""
    done, total = search.evaluations.shape[1], search.n + search.depth
    return min(done / total, 1.0), min((done + count) / total, 1.0)


def complete(job: Job, benchmark: Benchmark | DomainBenchmark, parts: list[Result], seconds: float) -> Result:
    """The result of all repeats, with what is needed to plot and to repeat it."""
    parts, texts = stated.numbered_alike(sorted(parts, key=lambda part: part.arrays["seed"][0]))
    result = Result(
        merge(parts),
        {
            "identity": job.identity,
            "config": job.config,
            "choices": job.choices,
            **provenance.origin(),
            "computed_by": provenance.shares([(part.repeats, part.meta) for part in parts]),
            "results_versions": results_versions(job.config),
            "own_code": provenance.of_parts([part.meta.get("own_code", {}) for part in parts]),
            "device": parts[-1].meta["device"],
            "seconds": seconds,
            "chunk_seconds": [part.meta["seconds"] for part in parts],
            **stated.of(benchmark, job.reports_labels),
        },
    )
    if objective := job.config["objective"]:
        result.meta["front"] = stated.front(benchmark, objective, result.arrays)
    if texts is not None:
        result.meta[agreement.ARCHITECTURES] = texts
    archs = texts if isinstance(benchmark, DomainBenchmark) else benchmark.space.archs
    result.meta["found"] = summary.found(result, archs, result.meta["report_name"])
    return result


def split(seeds: list[int], size: int) -> list[range]:
    """Cut the repeats into runs of at most `size` consecutive ones."""
    chunks: list[range] = []
    for i in seeds:
        if chunks and i == chunks[-1].stop and len(chunks[-1]) < size:
            chunks[-1] = range(chunks[-1].start, i + 1)
        else:
            chunks.append(range(i, i + 1))
    return chunks


def show(done: Done) -> None:
    """Print the table and where the result lies."""
    terminal.out.print(summary.table(done.result, terminal.out.width))
    if others := provenance.taken_over(done.result.meta):
        terminal.out.print(others, markup=False, highlight=False)
    if warning := summary.warned(done.result):
        log.warning("%s", warning)
    place = f"{'done before' if done.before else 'result'}: {terminal.placed(done.path)}"
    terminal.out.print(place, markup=False, highlight=False)
    if lost := streams.loss():
        terminal.err.print(f"stdout: {lost.strerror or lost}; {place}", markup=False, highlight=False)
