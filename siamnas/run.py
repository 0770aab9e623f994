"""The main job on one page: check, build, search in chunks of repeats, save, log."""

import logging
import time
from typing import TYPE_CHECKING

from siamnas import build, config, terminal
from siamnas.config import Job
from siamnas.errors import InputError
from siamnas.results import provenance, summary
from siamnas.results.store import Result, Store, merge
from siamnas.search.oracle import Oracle

if TYPE_CHECKING:
    from siamnas.search.topk import TopK
    from siamnas.spaces.space import Space

log = logging.getLogger(__name__)


def run(job: Job) -> Result:
    """Do a job, or what is left of it.

    A finished job only prints its table again. A job that was cut off starts after its last finished chunk.

    Args:
        job: the checked configuration.

    Raises:
        InputError: the configuration does not fit the space, or the result can't be read or written.
    """
    store = Store(job.folder, job.science)
    if (done := store.finished()) is not None:
        show(done, store, "done before")
        return done

    space = build.space(job)
    config.check_budget(job.config, len(space))
    search = build.search(job)
    build.predictor(job, space, job.identities[:1])  # what it does not accept shows before anything is written
    logger = build.logger(job)
    store.prepare()

    with terminal.log_to(job.folder / "run.log"):
        try:
            log.info("%s, %s", job.title, summary.plural(job.config["repeats"], "repeat"))
            result = search_all(job, store, space, search)
            store.save(result)
            summary.write_csv(job.folder / summary.CURVES, list(summary.curve_rows(result)))
            if logger is not None:
                logger.log(job, result)
        except InputError:
            raise
        except Exception:
            log.exception("%s failed", job.title)
            raise
    show(result, store, "result")
    return result


def search_all(job: Job, store: Store, space: "Space", search: "TopK") -> Result:
    """Search with all repeats, chunk by chunk, each saved when it is finished."""
    chunks = split(job.identities, job.config["trainer"]["chunk"])
    parts = {chunk: store.part(chunk) for chunk in chunks}
    total = len(job.identities)
    finished = sum(len(chunk) for chunk, part in parts.items() if part)
    if finished:
        log.info("%d of %d repeats are already on disk", finished, total)

    with terminal.Bar(job.title, finished / total) as bar:
        for chunk in chunks:
            if parts[chunk] is not None:
                continue
            began = time.perf_counter()
            predictor = build.predictor(job, space, chunk)
            oracle = Oracle(space, len(chunk))
            part = Result(
                search.run(predictor, oracle, bar.part(finished / total, len(chunk) / total)),
                {
                    "science": job.science,
                    "seconds": time.perf_counter() - began,
                    "device": str(getattr(predictor, "device", "cpu")),
                },
            )
            store.save_part(chunk, part)
            parts[chunk] = part
            finished += len(chunk)

    return complete(job, space, [part for part in parts.values() if part is not None])


def complete(job: Job, space: "Space", parts: list[Result]) -> Result:
    """The result of all repeats, with what is needed to plot and to repeat it."""
    seconds = [part.meta["seconds"] for part in parts]
    result = Result(
        merge(parts),
        {
            "science": job.science,
            "config": job.config,
            "choices": job.choices,
            "versions": provenance.versions(),
            "commit": provenance.commit(),
            "machine": provenance.machine(),
            "device": parts[-1].meta["device"],
            "seconds": sum(seconds),
            "chunk_seconds": seconds,
            "cells": len(space),
            "optimum": space.optimum,
            "label_name": space.label_name,
            "report_name": space.report_name,
            "code_name": space.code_name,
            "card": space.card,
        },
    )
    result.meta["found"] = summary.found(result, space.archs, space.report_name, space.report)
    return result


def split(identities: range, size: int) -> list[range]:
    """Cut the repeats into chunks of at most `size`."""
    return [identities[i : i + size] for i in range(0, len(identities), size)]


def show(result: Result, store: Store, word: str) -> None:
    """Print the table and where the result lies."""
    terminal.out.print(summary.table(result, terminal.out.width))
    terminal.out.print(f"{word}: {store.path}", markup=False, highlight=False)


if __name__ == "__main__":
    from siamnas.cli import main

    main()
