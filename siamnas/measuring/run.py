"""`siamnas measure` on one page: check, prepare the folder, share the work, write the table.

Everything that decides the values is in the name of the folder, so that commands with other architectures fill the
same table; claims keep processes, of any machine, from measuring one architecture twice.
"""

import json
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from siamnas import build, terminal
from siamnas import parallel as processes
from siamnas.errors import InputError, PartlyFailed
from siamnas.jobs import provenance
from siamnas.jobs.claim import Busy
from siamnas.jobs.files import prepare, whole
from siamnas.jobs.summary import plural
from siamnas.loggers.base import Follower
from siamnas.measuring import bench as benches
from siamnas.measuring import rows as on_disk
from siamnas.measuring import share, table
from siamnas.measuring.bench import Bench
from siamnas.measuring.rows import Row, Rows
from siamnas.measuring.settings import Settings

ABOUT = "measure.json"  # what was measured, and with what
EVERY = 60.0  # seconds between two tables, while it measures


def run(job: Settings) -> None:
    """Measure the architectures that are asked for, as far as that has not been done before, and write the table.

    Raises:
        InputError: the configuration is wrong, or the folder can't be read or written.
        PartlyFailed: an architecture has failed.
        Busy: another process is measuring the last of them.
    """
    bench, archs = benches.fits(job)
    folder = bench.folder(job)
    describe(folder, job, bench)
    rows = Rows(folder / on_disk.FOLDER)
    rows.refresh()
    if job.config["retry"]:
        rows.forget_failures()

    new: list[Row] = []
    try:
        measure(job, bench, archs, rows, new)
    finally:
        table.write(folder, bench.measure.columns, bench.space.archs, rows)
    names = bench.space.archs[archs].tolist()
    table.show(job.title, names, rows, new, folder)
    if failed := sum(bool(row.failed) for row in new):
        raise PartlyFailed(f"{plural(failed, 'architecture')} of {len(new)} failed; retry=true measures them again")
    if left := sum(name not in rows for name in names):
        raise Busy(f"{plural(left, 'architecture')} of {job.title}: other processes are measuring them")


def measure(job: Settings, bench: Bench, archs: list[int], rows: Rows, new: list[Row]) -> None:
    """Let worker processes measure what is missing; `rows` are all that there are, `new` those of this command."""
    names = bench.space.archs
    missing = [arch for arch in archs if str(names[arch]) not in rows]
    if not missing:
        return
    folder, before = bench.folder(job), len(archs) - len(missing)
    workers = job.config["workers"] or (processes.cores() if job.config["device"] == "cpu" else 1)
    workers = min(workers, len(missing))
    with ExitStack() as stack:
        logger = build.logger(job.config)
        tell = stack.enter_context(logger.follow(job.root, about(job))) if isinstance(logger, Follower) else None
        bar = stack.enter_context(terminal.Bar(job.title, before / len(archs)))
        written = time.monotonic()

        def look(_: float) -> None:
            nonlocal written
            for row in rows.refresh():
                new.append(row)
                if tell is not None and not row.failed:
                    tell(
                        {
                            "arch": row.arch,
                            **dict(zip(bench.measure.columns, row.values, strict=True)),
                            "seconds": row.seconds,
                        }
                    )
            bar.update((before + sum(str(names[arch]) in rows for arch in missing)) / len(archs))
            if time.monotonic() - written > EVERY:
                table.write(folder, bench.measure.columns, names, rows)
                written = time.monotonic()

        work = partial(share.measure, job.config, folder, missing, rows)
        chunks = [range(i, i + 1) for i in range(workers)]
        try:
            for _ in processes.run(work, chunks, workers, look):
                pass
        finally:
            look(1.0)


def describe(folder: Path, job: Settings, bench: Bench) -> None:
    """Make the folder, and write down what is measured there.

    Raises:
        InputError: it can't be written, or holds something else.
    """
    path = folder / ABOUT
    prepare(folder)
    try:
        known = json.loads(path.read_text(encoding="utf-8"))["science"]
    except FileNotFoundError:
        known = bench.science
        said = {"science": bench.science, "config": job.config, "choices": job.choices}
        made = {"columns": bench.measure.columns, "versions": provenance.versions(), "commit": provenance.commit()}
        with whole(path) as file:
            file.write(json.dumps({**said, **made, "folder": str(Path.cwd())}, indent=1))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); move its folder away") from error
    if known != bench.science:
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
