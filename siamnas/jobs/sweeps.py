"""What a sweep was asked for, written down when it starts: the jobs that were never reached leave no other trace."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig

import siamnas
from siamnas.config import hydra_internals, overrides, translate
from siamnas.jobs.record import is_own
from siamnas.runtime.files import whole

FOLDER = "sweeps"


@dataclass(frozen=True)
class Sweep:
    """One multirun.

    Attributes:
        root: the folder that all its jobs share, `<out>/<name>`.
        words: of the command line that started it.
        jobs: the overrides of each of its jobs.
    """

    root: Path
    words: tuple[str, ...]
    jobs: tuple[tuple[str, ...], ...]


def jobs_of(config: DictConfig) -> list[list[str]]:
    """The overrides of each job of a sweep that is about to start.

    Args:
        config: of the sweep, with its `hydra` node.
    """
    params = config.hydra.sweeper.get("params") or {}
    own = [f"{key}={value}" for key, value in params.items()]
    return hydra_internals.expand([*own, *overrides.given(config.hydra.overrides.task)])


def names(jobs: Iterable[Sequence[str]]) -> list[str]:
    """What tells each job of a sweep from the others."""
    jobs = list(jobs)
    common = set.intersection(*map(set, jobs)) if len(jobs) > 1 else set()
    return [" ".join(word for word in words if word not in common) or "the same" for words in jobs]


def record(root: Path, config: DictConfig) -> None:
    """Write down a sweep that is about to start; the same sweep again is the same file.

    One over experiments or names is left out: its jobs share no folder.

    Args:
        root: exists and can be written.
        config: of the sweep, with its `hydra` node.

    Raises:
        InputError: it can't be written.
    """
    given, jobs = overrides.given(config.hydra.overrides.task), jobs_of(config)
    if len(set(map(overrides.placing, jobs))) > 1:
        return
    own = overrides.own_folders(config.hydra)
    hydra = overrides.without(overrides.given(config.hydra.overrides.hydra), "hydra.mode", overrides.SEARCH_PATH)
    path = root / FOLDER / f"{hashlib.sha256(json.dumps(sorted(given)).encode()).hexdigest()[:8]}.json"
    path.parent.mkdir(exist_ok=True)
    asked = {"siamnas": siamnas.__version__, "words": [*given, *hydra, *own], "jobs": [[*job, *own] for job in jobs]}
    with whole(path) as file:
        file.write(json.dumps(asked, indent=1))


def read(folder: Path) -> list[Sweep]:
    """All sweeps that were started below `folder`; files that can't be read are left out."""
    sweeps = []
    for path in sorted(path for path in folder.rglob(f"{FOLDER}/*.json") if path.is_file()):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            jobs = content["jobs"] if "jobs" in content else content["cells"]  # their name in older files
            if not all(isinstance(word, str) for words in (content["words"], *jobs) for word in words):
                raise TypeError("not all words are texts")
            own = is_own(path)
            if not all(overrides.is_safe(word, own) for words in (content["words"], *jobs) for word in words):
                continue
            # Files of the first versions do not say which one has written them.
            words = translate.words if "siamnas" in content else translate.former_words
            sweeps.append(
                Sweep(path.parents[1], tuple(words(content["words"])), tuple(tuple(words(job)) for job in jobs))
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
    return sweeps
