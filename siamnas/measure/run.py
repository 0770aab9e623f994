"""`siamnas measure` on one page: check, prepare the folder, share the work, write the table.

Everything that decides the values is in the name of the folder, so that commands with other architectures fill the
same table; leases keep processes, of any machine, from measuring one architecture twice.
"""

import json
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from siamnas.benchmarks.user_tables import ARCH, SECONDS
from siamnas.config import translate
from siamnas.config.translate import IDENTITY
from siamnas.errors import InputError, PartlyFailed
from siamnas.experiment import build
from siamnas.experiment.identity import named
from siamnas.jobs import provenance
from siamnas.jobs.lease import Busy
from siamnas.jobs.summary import plural
from siamnas.loggers.base import Follower
from siamnas.measure import evaluator as evaluators
from siamnas.measure import results_log, table, worker
from siamnas.measure.evaluator import NetworkEvaluator
from siamnas.measure.results_log import ResultsLog
from siamnas.measure.settings import Settings
from siamnas.runtime import parallel as processes
from siamnas.runtime import regular, terminal
from siamnas.runtime.files import prepare, whole
from siamnas.runtime.progress import Report

ABOUT = "measure.json"  # what was measured, and with what
EVERY = 60.0  # seconds between two tables, while it measures


def run(job: Settings) -> None:
    """Measure the architectures that are asked for, as far as that has not been done before, and write the table.

    Raises:
        InputError: the configuration is wrong, or the folder can't be read or written.
        PartlyFailed: an architecture has failed.
        Busy: another process is measuring the last of them.
    """
    with terminal.doing(f"{terminal.place}checking {job.title}"):
        evaluator, names = evaluators.fits(job)
    folder = evaluator.folder(job)
    describe(folder, job, evaluator)
    results = ResultsLog(folder / results_log.FOLDER, len(evaluator.measure.columns))
    results.refresh()
    if job.config["retry"]:
        results.forget_failures()

    try:
        measure(job, evaluator, names, results)
    finally:
        table.write(folder, evaluator.measure.columns, evaluator.ordered, results)
    table.show(job.title, names, results, folder)
    if failed := sum(bool(entry.failed) for entry in results.own):
        said = f"{plural(failed, 'architecture')} of {len(results.own)} failed"
        raise PartlyFailed(f"{said}; retry=true measures them again")
    if left := sum(name not in results for name in names):
        raise Busy(f"{plural(left, 'architecture')} of {job.title}: other processes are measuring them")


def measure(job: Settings, evaluator: NetworkEvaluator, names: list[str], results: ResultsLog) -> None:
    """Let worker processes measure what is missing in `results`, and follow what they find."""
    missing = dict.fromkeys(name for name in names if name not in results)
    if not missing:
        return
    columns, before = evaluator.measure.columns, len(names) - len(missing)
    seen, told, written = 0.0, 0, time.monotonic()
    logger = build.logger(job.config)
    follow = logger.follow(job.root, about(job)) if isinstance(logger, Follower) else nullcontext(lambda _: None)
    with follow as tell, terminal.Bar(f"{terminal.place}{job.title}", before / len(names)) as bar:

        def look(_: float, last: bool = False) -> None:
            nonlocal seen, told, written
            now = time.monotonic()
            if now - seen < processes.POLL and not last:
                return
            seen = now
            results.refresh()
            for entry in results.own[told:]:
                tell({ARCH: entry.arch, **dict(zip(columns, entry.values, strict=False)), SECONDS: entry.seconds})
            told = len(results.own)
            bar.update((before + len(missing.keys() & results.entries.keys())) / len(names))
            if now - written > EVERY:
                table.write(evaluator.folder(job), columns, evaluator.ordered, results)
                written = now

        try:
            distribute(job, evaluator, list(missing), results, look)
        finally:
            look(1.0, last=True)


def distribute(job: Settings, evaluator: NetworkEvaluator, names: list[str], results: ResultsLog, look: Report) -> None:
    """Let worker processes measure architectures; when it returns, only those leased by other processes are missing.

    Args:
        job: what is measured.
        evaluator: of the job.
        names: of the architectures.
        results: what is there already; new ones are on disk.
        look: called now and then.
    """
    workers = job.config["workers"] or (processes.cores() if job.config["device"] == "cpu" else 1)
    workers = min(workers, len(names))
    work = partial(worker.measure, job.config, evaluator.folder(job), names, results)
    for _ in processes.run(work, [range(i, i + 1) for i in range(workers)], workers, look):
        pass


def describe(folder: Path, job: Settings, evaluator: NetworkEvaluator) -> None:
    """Make the folder, and write down what is measured there.

    Raises:
        InputError: it can't be written, or holds something else.
    """
    path = folder / ABOUT
    prepare(folder)
    try:
        known = described(json.loads(regular.text(path)))[IDENTITY]
    except FileNotFoundError:
        known = evaluator.identity
        said = {IDENTITY: evaluator.identity, "config": job.config, "choices": job.choices}
        made = {"columns": evaluator.measure.columns, "versions": provenance.versions(), "commit": provenance.commit()}
        with whole(path) as file:
            file.write(json.dumps({**said, **made, "folder": str(Path.cwd())}, indent=1))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); move its folder away") from error
    if known != evaluator.identity:
        raise InputError(f"{path} is of another measurement; move its folder away or change out or name")


def described(about: dict[str, Any]) -> dict[str, Any]:
    """What a folder says of itself, in today's words, whichever version has written it.

    Raises:
        KeyError, TypeError: it says nothing of the kind.
    """
    now = translate.meta(about)
    return now | {IDENTITY: named(now[IDENTITY])}


def about(job: Settings) -> dict[str, Any]:
    """What a logger is to know of this command."""
    chosen = {group: job.choices[group] for group in ("what", "space", "network", "images")}
    return {
        "name": job.title,
        "group": job.config["name"],
        "tags": list(chosen.values()),
        "config": {**chosen, "seed": job.config["seed"], "config": job.config},
    }
