"""A result computed again, and whether the numbers agree.

Run as: siamnas rerun RESULT

Exit codes: 0 the numbers agree, bit for bit or within rounding; 4 they differ; 1 the job failed, 2 refused, 3 another
process is doing it, 130 interrupted, 143 and 129 ended by SIGTERM and SIGHUP.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

import siamnas
from siamnas.config import overrides
from siamnas.config.arguments import Arguments
from siamnas.config.instantiate import TARGET
from siamnas.config.translate import FINGERPRINT, IDENTITY
from siamnas.config.validate import near
from siamnas.errors import InputError
from siamnas.experiment import configuration
from siamnas.experiment.configuration import Job
from siamnas.experiment.identity import BACKEND, IMAGES, KERNELS, VERSIONS
from siamnas.jobs import agreement, summary
from siamnas.jobs.agreement import Difference
from siamnas.jobs.store import RESULT, Result
from siamnas.runner import run
from siamnas.runtime import terminal
from siamnas.runtime.interrupt import INTERRUPTED, ended_by_signal

DIFFER = 4
OURS = ("logger", "out", "name")  # keys that a rerun decides on
KNOWN = ("system", "processor", "cpu")  # of `provenance.machine`, what decides on rounding
DETAILS = 20  # lines of the table of differences, at most


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `siamnas rerun`."""
    options = _parser().parse_args(arguments)
    terminal.set_up()
    from siamnas.jobs.lease import Busy

    try:
        with ended_by_signal():
            status = rerun(options.result, options.words, options.out)
    except InputError as error:
        terminal.complain(str(error))
        status = 2
    except Busy as busy:
        terminal.complain(str(busy))
        status = 3
    except KeyboardInterrupt:
        terminal.complain("interrupted")
        status = INTERRUPTED
    except Exception as error:  # logged with its traceback where it happened
        terminal.complain(f"{type(error).__name__}: {error}")
        status = 1
    sys.exit(status)


def rerun(place: Path, words: Iterable[str] = (), out: Path | None = None) -> int:
    """Do the job of a result again, in another place, and say whether the numbers agree.

    Args:
        place: the result file, or its folder.
        words: `key=value` for what changes no number, such as where files lie now.
        out: the folder of the new result, kept; None for a temporary one.

    Returns:
        0 where they agree, else `DIFFER`.

    Raises:
        InputError: there is no result, it is not one of a search, its configuration is refused, or what it was
            computed from has changed.
        Busy: another process is computing the new result.
    """
    path = find(place)
    old = load(path)
    with _folder(out) as folder:
        job = job_of(old, path, words, folder)
        if (there := job.folder / RESULT).exists():
            raise InputError(f"--out {out}: there is a result already ({there}); name another folder")
        said = f"siamnas {siamnas.__version__} (the result: {_version(old)})"
        terminal.err.print(f"again, by {said}: {terminal.placed(path)}", markup=False, highlight=False)
        new = run(job).result
        terminal.out.print(summary.table(new, terminal.out.width))
        if out is not None:
            terminal.out.print(f"result: {terminal.placed(there)}", markup=False, highlight=False)
    arrays = list(agreement.differences(old.arrays, new.arrays, timed=job.trains))
    rounding = "best" in {difference.name for difference in arrays if difference.rounded}
    found = [*arrays, *agreement.stated(old.meta, new.meta, rounding)]
    show(found, old, new)
    return 0 if all(difference.rounded for difference in found) else DIFFER


def find(place: Path) -> Path:
    """The result file that a path leads to.

    Raises:
        InputError: there is none.
    """
    if place.is_dir():
        if (path := place / RESULT).exists():
            return path
        below = sorted(place.rglob(RESULT))
        more = f"; below it lie {summary.plural(len(below), 'result')}, for example {below[0].parent}" if below else ""
        raise InputError(f"{place}: no {RESULT} in this folder{more}")
    if not place.exists():
        raise InputError(f"{place}: no such file or folder")
    return place


def load(path: Path) -> Result:
    """The result of a search.

    Raises:
        InputError: the file is something else.
    """
    try:
        result = Result.load(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    if missing := [key for key in ("config", "choices", IDENTITY) if not isinstance(result.meta.get(key), dict)]:
        raise InputError(f"{path}: not the result of a search: it has no {missing[0]}")
    return result


def job_of(old: Result, path: Path, words: Iterable[str], out: Path) -> Job:
    """The job of a result, checked like that of a command line, with another place and no logger.

    Args:
        old: the result.
        path: of its file.
        words: `key=value` for what changes no number.
        out: the folder of the new result.

    Raises:
        InputError: the configuration is refused, or it is not that of the numbers any more.
    """
    own = {"out": str(out.absolute()), "logger": {TARGET: None}}
    try:
        changed = _with(old.meta["config"], words)
        job = configuration.stored({**changed, **own}, old.meta["choices"])
        now = job.identity
    except (InputError, RecursionError) as error:
        raise InputError(
            f"{path}: cannot be computed again by siamnas {siamnas.__version__}{_hint(old, error)}"
        ) from error
    then = old.meta[IDENTITY]
    if job.trains and IMAGES not in then.get(FINGERPRINT, {}):  # of a version that did not write it down
        now = now | {FINGERPRINT: {key: value for key, value in now[FINGERPRINT].items() if key != IMAGES}}
    if now != then:
        raise InputError(f"{path}: {_changed(then, now, bool(words))}")
    return job


def show(found: list[Difference], old: Result, new: Result) -> None:
    """Print the verdict, what differs, and what else was different."""
    arrays = [difference for difference in found if difference.name in old.arrays.keys() | new.arrays.keys()]
    compared = summary.plural(len(new.arrays), "array")
    if not found:
        said = f"the numbers agree bit for bit: {compared}, and what is said of them"
    elif all(difference.rounded for difference in found):
        largest = max(difference.largest for difference in arrays)
        said = f"the numbers agree within rounding: {len(arrays)} of {compared} differ, "
        said += f"by at most {largest:.1g} of their largest value; every choice is the same"
    else:
        rows = [difference.repeats for difference in arrays if not difference.rounded]
        others = {row for repeats in rows if repeats is not None for row in repeats}
        said = f"the numbers differ: {len(rows)} of {compared}"
        said += f", in {len(others)} of {summary.plural(new.repeats, 'repeat')}" if others else ""
        stated = [difference.name for difference in found if difference not in arrays and not difference.rounded]
        said += f"; and what is said of them: {', '.join(stated)}" if stated else ""
    _print(said)
    if found:
        terminal.out.print(table(found, new.repeats))
        other = list(others_of(old, new))
        _print(*(other or ["versions and processor are the same, as far as the old result says"]))


def table(found: list[Difference], repeats: int) -> Table:
    """One row per array, or what else differs, those first that rounding does not explain."""
    shown = terminal.table()
    for heading in ("what", "repeats", "largest difference", ""):
        shown.add_column(heading, justify="left" if heading in ("what", "") else "right", overflow="fold")
    for difference in sorted(found, key=lambda difference: difference.rounded)[:DETAILS]:
        rows = "" if difference.repeats is None else f"{len(difference.repeats)} of {repeats}"
        largest = "" if difference.why else f"{difference.largest:.1g}"
        why = difference.why or ("rounding" if difference.rounded else "")
        shown.add_row(*(escape(cell) for cell in (difference.name, rows, largest, why)))
    return shown


def others_of(old: Result, new: Result) -> Iterator[str]:
    """What else the two were not computed with alike: versions, processor, device."""
    pairs: list[tuple[str, Any, Any]] = []
    for key, names in (("versions", new.meta["versions"]), ("machine", KNOWN)):
        then = old.meta.get(key)
        then = then if isinstance(then, Mapping) else {}
        pairs += [(name, then.get(name), new.meta[key].get(name)) for name in names]
    pairs.append(("device", old.meta.get("device"), new.meta["device"]))
    for name, before, now in pairs:
        if before != now:
            yield f"{name}: {'not known' if before is None else before} then, {now} now"


def _with(stored: Mapping[str, Any], words: Iterable[str]) -> dict[str, Any]:
    """A stored configuration with some values of existing keys replaced."""
    changed: Any = {**stored}
    for word in words:
        override = overrides.parse(word)
        if override is None or override.is_sweep_override() or override.is_add() or override.is_delete():
            raise InputError(f"{word}: must be KEY=VALUE")
        *parts, last = override.key_or_group.split(".")
        if [*parts, last][0] in OURS:
            raise InputError(f"{word}: has no effect, a rerun logs nothing and lies where --out says")
        group = changed
        for part in parts:
            group[part] = dict(group[part]) if isinstance(group.get(part), Mapping) else {}
            group = group[part]
        if last not in group:
            raise InputError(f"unknown key {override.key_or_group}{near(last, group)}")
        group[last] = override.value()
    return changed


def _hint(old: Result, error: Exception) -> str:
    """What was wrong with a configuration, and what helps."""
    if isinstance(error, RecursionError):
        return ": its configuration is too deep"
    said = str(error)
    if TARGET in said:
        said += "; a class of your own is found in the current folder or on PYTHONPATH"
    elif "path" in said or "measured" in said:
        said += "; say where it lies now, by KEY=VALUE behind the result"
    other = _version(old)
    return f": {said}" if other == siamnas.__version__ else f"; it was made by {other}: {said}"


def _changed(then: Mapping[str, Any], now: Mapping[str, Any], asked: bool) -> str:
    """Why two identities of a job are not the same."""
    if older := list(_older(then, now)):
        return f"siamnas {siamnas.__version__} computes other numbers: {', '.join(older)}"
    before, after = then.get(FINGERPRINT), now.get(FINGERPRINT)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                return f"space: {key} does not hold any more what the result was computed from"
    keys = ", ".join(sorted(str(key) for key in then.keys() | now.keys() if then.get(key) != now.get(key)))
    if asked:
        return f"another {keys} is another job, not this one again"
    return f"its configuration is not that of its numbers ({keys}): it was changed, or is of another version"


def _older(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """The parts whose results version is another one, and the backend where that is."""
    before, after = then.get(VERSIONS), now.get(VERSIONS, {})
    before = before if isinstance(before, Mapping) else {}
    for part in sorted(before.keys() | after.keys()):
        if (old := before.get(part, 1)) != (new := after.get(part, 1)):
            yield f"{part} of results version {old} then, {new} now"
    if (old := then.get(BACKEND, KERNELS)) != (new := now.get(BACKEND, KERNELS)):
        yield f"backend {old} then, {new} now"


def _version(old: Result) -> str:
    """The version of siamnas that a result says it was computed by."""
    versions = old.meta.get("versions")
    return str(versions.get("siamnas", "unknown"))[:40] if isinstance(versions, Mapping) else "unknown"


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """The folder of the new result, removed afterwards where none is named."""
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="siamnas-rerun-") as folder:
        yield Path(folder)


def _print(*lines: str) -> None:
    for line in lines:
        terminal.out.print(line, markup=False, highlight=False)


def _parser() -> Arguments:
    """The command line."""
    parser = Arguments(
        "siamnas rerun",
        description="Compute a result again, beside it, and say whether the numbers agree. Nothing is logged.",
        epilog="Status: 0 they agree, bit for bit or within rounding; 4 they differ; 1 the job failed; 2 it can't be "
        "computed again; 3 another process is doing it.",
    )
    parser.add_argument("result", type=Path, help="a result.npz, or its folder")
    parser.add_argument(
        "words",
        nargs="*",
        default=[],
        metavar="key=value",
        help="what changes no number: space.path=..., trainer.threads=1",
    )
    parser.add_argument(
        "--out", type=Path, help="folder of the new result, where a killed rerun goes on (default: a temporary one)"
    )
    return parser
