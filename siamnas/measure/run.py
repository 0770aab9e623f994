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
from siamnas.errors import InputError, PartlyFailed
from siamnas.experiment import build
from siamnas.jobs import provenance
from siamnas.jobs.files import prepare, whole
from siamnas.jobs.lease import Busy
from siamnas.jobs.summary import plural
from siamnas.loggers.base import Follower
from siamnas.measure import evaluator as evaluators
from siamnas.measure import results_log as results_log
from siamnas.measure import table, worker
from siamnas.measure.evaluator import NetworkEvaluator
from siamnas.measure.results_log import ResultsLog
from siamnas.measure.settings import Settings
from siamnas.runtime import parallel as processes
from siamnas.runtime import terminal
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
    evaluator, archs = evaluators.fits(job)
    folder = evaluator.folder(job)
    describe(folder, job, evaluator)
    rows = ResultsLog(folder / results_log.FOLDER)
    rows.refresh()
    if job.config["retry"]:
        rows.forget_failures()

    try:
        measure(job, evaluator, archs, rows)
    finally:
        table.write(folder, evaluator.measure.columns, evaluator.space.archs, rows)
    names = evaluator.space.archs[archs].tolist()
    table.show(job.title, names, rows, folder)
    if failed := sum(bool(row.failed) for row in rows.own):
        said = f"{plural(failed, 'architecture')} of {len(rows.own)} failed"
        raise PartlyFailed(f"{said}; retry=true measures them again")
    if left := sum(name not in rows for name in names):
        raise Busy(f"{plural(left, 'architecture')} of {job.title}: other processes are measuring them")


def measure(job: Settings, evaluator: NetworkEvaluator, archs: list[int], rows: ResultsLog) -> None:
    """Let worker processes measure what is missing in `rows`, and look at what they find."""
    names = evaluator.space.archs[archs].tolist()
    missing = {name: arch for name, arch in zip(names, archs, strict=True) if name not in rows}
    if not missing:
        return
    columns, before = evaluator.measure.columns, len(archs) - len(missing)
    looked, told, written = 0.0, 0, time.monotonic()
    logger = build.logger(job.config)
    follow = logger.follow(job.root, about(job)) if isinstance(logger, Follower) else nullcontext(lambda _: None)
    with follow as tell, terminal.Bar(f"{terminal.place}{job.title}", before / len(archs)) as bar:

        def look(_: float, last: bool = False) -> None:
            nonlocal looked, told, written
            now = time.monotonic()
            if now - looked < processes.POLL and not last:
                return
            looked = now
            rows.refresh()
            for row in rows.own[told:]:
                tell({ARCH: row.arch, **dict(zip(columns, row.values, strict=False)), SECONDS: row.seconds})
            told = len(rows.own)
            bar.update((before + len(missing.keys() & rows.rows.keys())) / len(archs))
            if now - written > EVERY:
                table.write(evaluator.folder(job), columns, evaluator.space.archs, rows)
                written = now

        try:
            distribute(job, evaluator, list(missing.values()), rows, look)
        finally:
            look(1.0, last=True)


def distribute(job: Settings, evaluator: NetworkEvaluator, archs: list[int], rows: ResultsLog, look: Report) -> None:
    """Let worker processes measure architectures; when it returns, only those are missing that others have leased.

    Args:
        job: what is measured.
        evaluator: of the job.
        archs: their numbers.
        rows: what is there already; what is found is on disk.
        look: called now and then.
    """
    workers = job.config["workers"] or (processes.cores() if job.config["device"] == "cpu" else 1)
    workers = min(workers, len(archs))
    work = partial(worker.measure, job.config, evaluator.folder(job), archs, rows)
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
        known = json.loads(path.read_text(encoding="utf-8"))["science"]
    except FileNotFoundError:
        known = evaluator.science
        said = {"science": evaluator.science, "config": job.config, "choices": job.choices}
        made = {"columns": evaluator.measure.columns, "versions": provenance.versions(), "commit": provenance.commit()}
        with whole(path) as file:
            file.write(json.dumps({**said, **made, "folder": str(Path.cwd())}, indent=1))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); move its folder away") from error
    if known != evaluator.science:
        raise InputError(f"{path} is of another measurement; move its folder away or change out or name")


def about(job: Settings) -> dict[str, Any]:
    """What a logger is to know of this command."""
    chosen = {group: job.choices[group] for group in ("what", "space", "network", "images")}
    return {
        "name": job.title,
        "group": job.config["name"],
        "tags": list(chosen.values()),
        "config": {**chosen, "seed": job.config["seed"], "config": job.config},
    }
