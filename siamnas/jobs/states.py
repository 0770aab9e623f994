"""Which jobs of sweeps are done, running, failed, interrupted or missing, read from their folders."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from siamnas.config import overrides
from siamnas.errors import InputError
from siamnas.experiment.configuration import DEPTH
from siamnas.jobs import lease, progress, provenance, record, summary, sweeps
from siamnas.jobs.store import PARTS, RESULT, is_of, read_meta
from siamnas.jobs.sweeps import Sweep

PART = re.compile(r"(?P<first>\d+)-(?P<last>\d+)\.npz")


@dataclass(frozen=True)
class JobState:
    """One job that was started or asked for.

    Attributes:
        state: one of `siamnas.jobs.state_table.COLOURS`, none of them skipped.
        root: the folder that it shares with the other jobs of its name.
        name: path of its folder below `root`, or what tells it from the others of its sweep.
        words: the overrides that make it; None where nothing tells.
        detail: what there is to say about its state.
    """

    state: str
    root: Path
    name: str
    words: tuple[str, ...] | None
    detail: str = ""

    @property
    def identity(self) -> frozenset[str]:
        """Equal for two jobs of one root that were asked for in the same words."""
        return overrides.identity(self.words or ())


def find(folders: list[Path]) -> tuple[list[JobState], list[Sweep]]:
    """All jobs and sweeps below some folders; a job of several sweeps is there once.

    Raises:
        InputError: a folder does not exist, or there is nothing in any of them.
    """
    started: dict[Path, JobState] = {}
    asked: list[Sweep] = []
    for folder in folders:
        if not folder.is_dir():
            is_none = "is no folder" if folder.exists() else "no such folder here"
            raise InputError(f"{folder}: {is_none}; a job makes one where it is run")
        jobs = {path.parent.absolute() for name in (RESULT, record.RECORD) for path in folder.rglob(name)}
        started |= {job: look(job) for job in sorted(jobs - set(started))}
        asked += [sweep for sweep in sweeps.read(folder.absolute()) if sweep not in asked]
    found = list(started.values())
    for sweep in asked:
        found += _missing(sweep, [job for job in found if job.root == sweep.root])
    if not found:
        raise InputError(f"{', '.join(map(str, folders))}: no job has been started there")
    return found, asked


def look(folder: Path) -> JobState:
    """The state of the job whose folder this is."""
    root = folder.parents[min(DEPTH, len(folder.parents)) - 1]
    name = str(folder.relative_to(root))
    known = record.read(folder)
    words = tuple(known["overrides"]) if "overrides" in known else None
    if os.path.lexists(result := folder / RESULT):
        wrong, said = _read(result)
        return JobState("failed" if wrong else "done", root, name, words, wrong or said)
    parts = _repeats_on_disk(folder)
    whole = known.get("config", {}).get("repeats")
    share, trained = progress.said(folder)
    saved = _join(f"{parts} of {summary.plural(whole, 'repeat')} on disk" if parts else "", trained)
    path = folder / lease.LEASE
    if lease.is_held(path):
        return JobState("running", root, name, words, _join(lease.read_owner(path), share, saved))
    if known.get("state") == "failed":
        return JobState("failed", root, name, words, _join(known.get("error"), saved))
    return JobState("interrupted", root, name, words, saved or "nothing on disk yet")


def _read(result: Path) -> tuple[str, str]:
    """Why a result file is not that of the job whose folder it lies in, and what there is to say of one that is."""
    try:
        meta = read_meta(result)
    except (InputError, OSError):
        return f"{RESULT} is damaged; delete it to have it computed again", ""
    if not is_of(result.parent, meta):
        return f"{RESULT} is that of another job; move it away to have this one computed", ""
    return "", provenance.taken_over(meta)


def _missing(sweep: Sweep, there: list[JobState]) -> list[JobState]:
    """The jobs of a sweep that were never started; `there` are those of its root that were."""
    started = {job.identity for job in there if job.words is not None}
    asked = {words: overrides.identity(words) for words in sweep.jobs}
    # A job may have been started with other words; composing tells, but is slow.
    others = {job.name for job in there if job.words is None or job.identity not in asked.values()}
    names = dict(zip(sweep.jobs, sweeps.names(sweep.jobs), strict=True))
    missing = []
    for words in (words for words, identity in asked.items() if identity not in started):
        name = names[words]
        try:
            if not others or _path(words) not in others:
                missing.append(JobState("missing", sweep.root, name, words))
        except InputError as error:
            missing.append(JobState("failed", sweep.root, name, words, str(error).partition("\n")[0]))
    return missing


def _path(words: tuple[str, ...]) -> str:
    """The path of a job's folder below its root."""
    from siamnas.config.compose import compose
    from siamnas.experiment import configuration

    # A cluster may need a plugin, and changes no numbers.
    return configuration.load(*compose(overrides.without(words, "cluster"))).path


def _repeats_on_disk(folder: Path) -> int:
    """Repeats in the parts that a job has saved."""
    spans = [part for path in (folder / PARTS).glob("*.npz") if (part := PART.fullmatch(path.name))]
    return sum(int(span["last"]) - int(span["first"]) + 1 for span in spans)


def _join(*parts: object) -> str:
    return "; ".join(str(part) for part in parts if part)
