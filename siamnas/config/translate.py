"""Old words -> new words, wherever something that an earlier version has written is read.

Every table of this file maps what was written until 2026-11 to what the same thing is called now. Groups, options,
keys, classes and arrays were renamed one to one, so that each table can be read in both directions.
"""

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from siamnas.errors import InputError, shown

GROUPS = {"acquire": "acquisition"}
OPTIONS = {
    "search": {"rungs": "low_fidelity"},
    "experiment": {"rungs": "low_fidelity", "fronts": "pareto"},
}
"""Group -> old option -> new option."""
SUBGROUPS = {"experiment/fronts": "experiment/pareto"}
FORMER = {"predictor": {"gp": "gp_2026"}}
"""Group -> option whose values have changed -> option that has its former ones."""
KEYS = {
    "search.choose": "search.recommend",
    "search.rung": "search.fidelity",
    "search.start.count": "search.initial_design.count",
    "search.start.kind": "search.initial_design.kind",
    "search.start.column": "search.initial_design.column",
}
"""Dotted key -> dotted key; `search.start` alone, a number, is still that of local search and of TPE."""
VALUES = {"search.initial_design.kind": {"far": "maximin"}}
"""New dotted key -> old value -> new value."""
MODULES = {
    "siamnas.acquire": "siamnas.acquisition",
    "siamnas.measure": "siamnas.measure.measures",
}
"""Modules all of whose classes moved together."""
CLASSES = {
    "siamnas.acquire.base.Rule": "siamnas.acquisition.base.Acquisition",
    "siamnas.acquire.one_by_one.OneByOne": "siamnas.acquisition.greedy_batch.GreedyBatch",
    "siamnas.cli.Sweep": "siamnas.cli.sweep.Sweep",
    "siamnas.report.landscape.over_codes": "siamnas.report.draw.landscape.over_codes",
    "siamnas.report.landscape.over_flops": "siamnas.report.draw.landscape.over_flops",
    "siamnas.search.rungs.Rungs": "siamnas.search.low_fidelity.LowFidelity",
    "siamnas.spaces.nano.published": "siamnas.spaces.nano.space.published",
    "siamnas.spaces.nano.space": "siamnas.spaces.nano.space.space",
    "siamnas.spaces.nano_pilot.load": "siamnas.spaces.nano.pilot.load",
    "siamnas.spaces.own.folder": "siamnas.spaces.public.folder",
}
"""Where a configuration names a class, `_target_`."""
ARRAYS = {"identity": "seed", "looked": "evaluated", "published": "topk"}
"""Arrays of a result."""
PROGRAMS = {
    "siamnas.rerun": "rerun",
    "siamnas.figure": "figure",
    "siamnas.report": "report",
    "siamnas.jobs.status": "status",
}
"""Module behind `python -m` -> command of `siamnas`."""
IDENTITY, OLD_IDENTITY = "identity", "science"
FINGERPRINT, OLD_FINGERPRINT = "fingerprint", "contents"
TARGET = "_target_"
WORD = re.compile(r"(?P<sign>[+~]{0,2})(?P<key>[\w/.-]+)(?P<package>@[\w.:]+)?(?P<value>=.*)?", re.DOTALL)


def name_of_class(path: str) -> str:
    """What a class is called now, by its old dotted path; the path itself where it has not moved."""
    if path in CLASSES:
        return CLASSES[path]
    for old, new in MODULES.items():
        if path.startswith(f"{old}.") and not path.startswith(f"{new}."):
            return new + path.removeprefix(old)
    return path


def former_class(path: str) -> str:
    """The old dotted path of a class."""
    for old, new in CLASSES.items():
        if path == new:
            return old
    for old, new in MODULES.items():
        if path.startswith(f"{new}."):
            return old + path.removeprefix(new)
    return path


def config(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration, or the part of one that identifies a job, in today's words.

    Args:
        stored: as it was written by any version; whatever it is, nothing is checked.
    """
    renamed = {GROUPS.get(group, group): _classes(fields) for group, fields in stored.items()}
    if OLD_FINGERPRINT in renamed:
        renamed[FINGERPRINT] = renamed.pop(OLD_FINGERPRINT)
    if isinstance(renamed.get("search"), Mapping):
        renamed["search"] = _search(renamed["search"])
    return renamed


def _classes(fields: Any) -> Any:
    """Fields whose classes have their new names."""
    if isinstance(fields, Mapping):
        named = {key: _classes(value) for key, value in fields.items()}
        if isinstance(target := named.get(TARGET), str):
            named[TARGET] = name_of_class(target)
        return named
    return [_classes(one) for one in fields] if isinstance(fields, list) else fields


def _search(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The group `search`, its keys in their order."""
    renamed: dict[str, Any] = {}
    for key, value in fields.items():
        if key == "start" and isinstance(value, Mapping):
            key, value = "initial_design", dict(value)
            kinds = VALUES["search.initial_design.kind"]
            if isinstance(kind := value.get("kind"), str):
                value["kind"] = kinds.get(kind, kind)
        renamed[KEYS.get(f"search.{key}", f"search.{key}").removeprefix("search.")] = value
    return renamed


def former_config(now: Mapping[str, Any]) -> dict[str, Any]:
    """The reverse of `config`, for a part of a configuration that identifies a job."""
    groups = {new: old for old, new in GROUPS.items()}
    former = {groups.get(group, group): _former_classes(fields) for group, fields in now.items()}
    if FINGERPRINT in former:
        former[OLD_FINGERPRINT] = former.pop(FINGERPRINT)
    if isinstance(fields := former.get("search"), Mapping):
        keys = {"initial_design": "start", "recommend": "choose", "fidelity": "rung"}
        former["search"] = {keys.get(key, key): value for key, value in fields.items()}
        if isinstance(start := former["search"].get("start"), Mapping):
            kinds = {new: old for old, new in VALUES["search.initial_design.kind"].items()}
            former["search"]["start"] = {**start, "kind": kinds.get(str(start.get("kind")), start.get("kind"))}
    return former


def _former_classes(fields: Any) -> Any:
    """The reverse of `_classes`."""
    if isinstance(fields, Mapping):
        named = {key: _former_classes(value) for key, value in fields.items()}
        if isinstance(target := named.get(TARGET), str):
            named[TARGET] = former_class(target)
        return named
    return [_former_classes(one) for one in fields] if isinstance(fields, list) else fields


def choices(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The chosen options of groups in today's words."""
    renamed = {}
    for group, option in stored.items():
        name = SUBGROUPS.get(GROUPS.get(group, group), GROUPS.get(group, group))
        renamed[name] = OPTIONS.get(name, {}).get(option, option) if isinstance(option, str) else option
    return renamed


def meta(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The `meta` of a result, or a job's record, in today's words; whatever it is, nothing is checked."""
    now = dict(stored)
    if OLD_IDENTITY in now:
        now[IDENTITY] = now.pop(OLD_IDENTITY)
    for key in (IDENTITY, "config"):
        if isinstance(now.get(key), Mapping):
            now[key] = config(now[key])
    if isinstance(now.get("choices"), Mapping):
        now["choices"] = choices(now["choices"])
        if now["choices"].get("predictor") == "gp" and _is_former_gp(now.get("config")):
            now["choices"]["predictor"] = FORMER["predictor"]["gp"]
            if isinstance(now.get("overrides"), list):
                now["overrides"] = former_words(now["overrides"])
    if isinstance(now.get("found"), list):
        now["found"] = [_found(one) for one in now["found"]]
    return now


def _is_former_gp(config: Any) -> bool:
    """Whether a configuration is of a time when the kernel of `predictor=gp` had one term."""
    fields = config.get("predictor") if isinstance(config, Mapping) else None
    return isinstance(fields, Mapping) and "kernel" not in fields


def _found(one: Any) -> Any:
    """What a repeat has found."""
    keys = {"identity": "seed", "cell": "index"}
    return {keys.get(key, key): value for key, value in one.items()} if isinstance(one, Mapping) else one


def arrays(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays of a result under today's names."""
    return {ARRAYS.get(name, name): values for name, values in stored.items()}


def word(text: str) -> str:
    """A word of a command line in today's words; one that is none stays as it is."""
    found = WORD.fullmatch(text)
    if found is None:
        return text
    key, package, value = found["key"], found["package"] or "", found["value"] or ""
    key = SUBGROUPS.get(key, key)
    group, dot, rest = key.partition(".")
    key = f"{GROUPS.get(group, group)}{dot}{rest}"
    for old, new in KEYS.items():
        if key == old or key.startswith(f"{old}."):
            key = new + key.removeprefix(old)
    package = re.sub(r"\bacquire\b", "acquisition", package)
    if value:
        value = "=" + ",".join(_value(key, one) for one in value[1:].split(","))
    return f"{found['sign']}{key}{package}{value}"


def _value(key: str, value: str) -> str:
    """One value of a word."""
    if key.endswith(TARGET):
        return name_of_class(value)
    return OPTIONS.get(key, VALUES.get(key, {})).get(value, value)


def words(texts: Iterable[str]) -> list[str]:
    """Words of a command line in today's words."""
    return [word(text) for text in texts]


def former_words(texts: Iterable[str]) -> list[str]:
    """Words of a command line of the time before `FORMER`, as those that compute the same today."""
    return [_former_word(text) for text in words(texts)]


def _former_word(text: str) -> str:
    key, equals, value = text.partition("=")
    options = FORMER.get(key, {})
    return f"{key}{equals}{','.join(options.get(one, one) for one in value.split(','))}" if options else text


def check_words(texts: Iterable[str]) -> None:
    """See that nobody uses an old word.

    Raises:
        InputError: names the first old word and the new one.
    """
    for text in texts:
        if (now := word(text)) != text:
            raise InputError(f"{shown(text)}: was renamed; write {shown(now)}")


def command(text: str) -> str:
    """A whole command line of an earlier version as one of today.

    Args:
        text: as it was typed in a shell, `python -m siamnas.run acquire=ucb` or `siamnas report outputs`.

    Raises:
        InputError: it can't be split into words.
    """
    try:
        parts = shlex.split(text)
    except ValueError as error:
        raise InputError(f"{shown(text)}: can't be split into words ({error})") from error
    for i, part in enumerate(parts):
        if i and parts[i - 1] == "-m" and part in PROGRAMS:
            parts[i : i + 1] = ["siamnas", PROGRAMS[part]]
            break
    return shlex.join(words(parts))


def hint(said: str) -> str:
    """What to add to a message of Hydra about a config of the user's own that names an old group; mostly nothing."""
    for old, new in GROUPS.items():
        if re.search(rf"\b{old}[/@']", said):
            return f" (the group {old} is called {new} now)"
    return ""
