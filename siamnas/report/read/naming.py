"""Which results belong together, and what to call them so that no two different things have one name.

Names are what one types: options, values, folders; no class where an option stands for it, and no digest.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from siamnas.benchmarks import constraints
from siamnas.benchmarks.metric import Metric
from siamnas.experiment import choices
from siamnas.experiment.fingerprint import PATHS
from siamnas.report.read import catalogue

METHOD_PARTS = ("label", "code")  # of the space: what a search sees, beside what it is scored by
WITHOUT_EFFECT = ("n", "k", "depth")  # of the search: n is an axis, the others only choose what is shown
TARGET, FINGERPRINT, VERSIONS = "._target_", "fingerprint.", "versions."
CODE_FILE = "space.code.path"  # in the fields of a method, its digest
BOUNDS = {"<=": "at most", ">=": "at least", "<": "below", ">": "above"}
MOST = 3  # differences that a name lists

Meta = Mapping[str, Any]
Fields = dict[str, Any]


def benchmark_fields(meta: Meta) -> Fields:
    """What two results must share to stand in one figure: the architectures, and the value that is reported.

    Tables, files and folders count by what they hold, wherever they lie. Where that is not known, the optimum tells
    most of them apart.
    """
    space = {key: value for key, value in meta["identity"]["space"].items() if key not in (*METHOD_PARTS, *PATHS)}
    fingerprint = {key: digest for key, digest in _fingerprint(meta).items() if key not in _of_code(meta)}
    metric = Metric.of(meta)
    fields = {"space": space, "report": metric.name, "maximise": metric.maximise}
    if "objective" in meta["identity"]:
        fields["objective"] = meta["identity"]["objective"]
    unknown = math.isnan(meta["optimum"])  # what was trained is not what a table holds
    if unknown or not fingerprint:
        fields["optimum"] = "unknown" if unknown else meta["optimum"]
    if fingerprint:
        fields["fingerprint"] = fingerprint
    return flat(fields) | flat(_versions(meta, of_space=True), VERSIONS)


def method_fields(meta: Meta, trained: bool) -> Fields:
    """What two results of one benchmark must share to be repeats of one method.

    Args:
        meta: of the result.
        trained: whether the predictor was trained; if not, the trainer has no effect.
    """
    identity = meta["identity"]
    space = {key: identity["space"].get(key) for key in METHOD_PARTS}
    for key in _of_code(meta):
        space["code"] = {**space["code"], "path": _fingerprint(meta)[key]}
    search = {key: value for key, value in identity["search"].items() if key not in WITHOUT_EFFECT}
    versions = _versions(meta, of_space=False)
    fields = {"predictor": identity["predictor"], "space": space, "search": search}
    if _predictor(meta) != catalogue.COLUMN:  # a fixed order has no training set
        fields["acquisition"] = dict(identity.get("acquisition") or {})
    if trained:
        fields["trainer"] = identity["trainer"]
        if fields.get("acquisition", {}).get("share") == identity["trainer"].get("ranked_share"):
            fields["acquisition"].pop("share", None)  # follows the trainer, whose differences are told
    else:
        versions.pop("trainer", None)
    return flat(fields) | flat(versions, VERSIONS)


def benchmark_name(meta: Meta) -> str:
    """Space, data set and constraints for people; of a space that is not listed, the name that it gives itself."""
    option, space = meta["choices"]["space"], meta["identity"]["space"]
    name = catalogue.SPACES.get(option) or choices.space(meta["choices"], {**meta["config"].get("space", {}), **space})
    own = [] if option in catalogue.LIGHT_SPACES else space.get("constraints")  # theirs are what they are
    name = f"{name}, {', '.join(map(limit, own))}" if own else name
    objective = meta["identity"].get("objective")
    return f"{name}, against {catalogue.described(objective)[0]}" if objective else name


def limit(constraint: str) -> str:
    """A constraint for people: `latency on an edge GPU at most 5 ms`; one that is no limit on a column as it is."""
    if (found := constraints.parse(constraint)) is None:
        return constraint
    words, unit = catalogue.described(found.column)
    number = constraint.partition(found.sign)[2].strip()  # as it is written
    return f"{words} {BOUNDS[found.sign]} {number} {unit}".rstrip()


def method_name(meta: Meta) -> str:
    """The method as the paper calls it, by the parts it has; an unknown one by its option."""
    option, fields, target = choices.method(meta["choices"]), meta["identity"]["predictor"], _predictor(meta)
    if target == catalogue.COLUMN:
        return f"{catalogue.COLUMNS.get(fields['column'], fields['column'])} order"
    if family := catalogue.FAMILIES.get(target):
        sampled = meta["identity"].get("acquisition", {}).get("_target_") == catalogue.SAMPLER
        return family + " + NSAM" * bool(fields["nsam"]) + " + BTS" * sampled
    if target == catalogue.REGRESSOR and option in catalogue.METHODS and option not in catalogue.RECIPES:
        model = _class(fields["model"]["_target_"])
        return catalogue.MODELS.get(model, model)
    known = catalogue.METHODS.get(option) or (catalogue.METHODS[target] if target in catalogue.BY_CLASS else None)
    return known.name if known else option


def method_kind(meta: Meta) -> str:
    """The entry of the catalogue that a method is drawn as; an option that has none stands for itself."""
    option, name = choices.method(meta["choices"]), method_name(meta)
    if option in catalogue.METHODS:
        return option
    if (target := _predictor(meta)) in catalogue.BY_CLASS:
        return target
    return next((kind for kind, method in catalogue.METHODS.items() if method.name == name), option)


def typed(meta: Meta) -> Fields:
    """What was typed where fields hold something else: dotted key -> option instead of a class, path of a file."""
    found: Fields = {f"{group}{TARGET}": option for group, option in meta["choices"].items()}
    space = flat(meta["config"].get("space") or {})
    found[CODE_FILE] = space.get("code.path")
    for key in _fingerprint(meta):
        name, _, place = key.removeprefix("space.").removesuffix("]").partition("[")
        value = space.get(name)
        if place.isdigit():
            value = value[int(place)] if isinstance(value, list) and int(place) < len(value) else None
        found[f"{FINGERPRINT}{key}"] = value if isinstance(value, str) else None
    return found


def tell_apart(
    names: Sequence[str],
    fields: Sequence[Fields],
    trainers: Sequence[str | None],
    typed: Sequence[Fields] | None = None,
) -> list[str]:
    """Names that differ wherever the fields do.

    Those of the same name get the keys that differ between them, such as `Siams (code.length=10)`; where these are
    many, as in an ablation, a value that most of them share goes without saying. Trainers are told wherever they differ
    at all, so that nobody compares a short training with a long one unawares; of one trainer, what few have changed.

    Args:
        names: one for each thing.
        fields: its dotted fields.
        trainers: option of its trainer; None where it was not trained.
        typed: what was typed for some of the fields, see `typed`; None where all are as they were typed.
    """
    shown = [_short(own) | told for own, told in zip(fields, typed or [{}] * len(names), strict=True)]
    trained = [own for own, trainer in zip(fields, trainers, strict=True) if trainer is not None]
    schedule = {key for key in differences(trained) if key.startswith("trainer.")}
    one_option = len({trainer for trainer in trainers if trainer is not None}) == 1
    by_option = schedule and _option_tells(trained, [t for t in trainers if t is not None])
    told = []
    for name, own, its, trainer in zip(names, fields, shown, trainers, strict=True):
        namesakes = [i for i, other in enumerate(names) if other == name]
        telling = _telling(own, [fields[i] for i in namesakes], schedule)
        words = [_word(key, its.get(key), [shown[i].get(key) for i in namesakes]) for key in telling]
        words = [word for word in words if word]
        if trainer is not None and by_option:
            words.append(f"trainer={trainer}")
        elif trainer is not None:
            usual = {key: _usual([other.get(key) for other in trained]) for key in schedule} if one_option else {}
            words += [
                _word(key, own.get(key), [])
                for key in sorted(schedule)
                if key not in usual or own.get(key) != usual[key]
            ]
        if len(words) > MOST:
            words = [*words[:MOST], "..."]
        told.append(f"{name} ({', '.join(words)})" if words else name)
    return _numbered(told)


def differences(fields: Iterable[Fields]) -> list[str]:
    """The keys whose values are not the same everywhere, sorted."""
    fields = list(fields)
    keys = sorted({key for own in fields for key in own})
    return [key for key in keys if any(own.get(key) != fields[0].get(key) for own in fields)]


def flat(values: Mapping[str, Any], prefix: str = "") -> Fields:
    """Nested groups as dotted keys; lists stay values."""
    fields: Fields = {}
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            fields |= flat(value, f"{prefix}{key}.")
        else:
            fields[f"{prefix}{key}"] = value
    return fields


def _predictor(meta: Meta) -> str:
    """The stable name of the predictor's class; empty for a search that needs none."""
    return (meta["identity"]["predictor"] or {}).get("_target_", "")


def _fingerprint(meta: Meta) -> Mapping[str, str]:
    return meta["identity"].get("fingerprint") or {}


def _versions(meta: Meta, of_space: bool) -> dict[str, int]:
    """The results versions of the space, or of the other parts; a part that is not there has version 1."""
    versions = meta["identity"].get("versions") or {}
    return {key: version for key, version in versions.items() if (key.partition(".")[0] == "space") == of_space}


def _of_code(meta: Meta) -> list[str]:
    """The key of the fingerprint of a file of Estimation Codes, if there is one: it belongs to what a method sees."""
    path = str((meta["identity"]["space"].get("code") or {}).get("path") or "")
    names = ("space.code.path", "code.path", *([path, PurePath(path).name] if path else []))
    return [key for key in _fingerprint(meta) if key in names]


def _telling(own: Fields, namesakes: Sequence[Fields], schedule: set[str]) -> list[str]:
    """The keys that tell one of some namesakes from the others."""
    keys = [key for key in differences(namesakes) if key not in schedule]
    targets = [key for key in keys if key.endswith(TARGET)]
    telling = []
    for key in keys:  # the arguments of a class say nothing beside the name of another class
        classes = [t for t in targets if t != key and key.startswith(t.removesuffix(TARGET) + ".")]
        peers = [other for other in namesakes if all(other.get(t) == own.get(t) for t in classes)]
        telling += [key] * bool(differences([{key: other.get(key)} for other in peers]))
    if len(telling) > MOST:
        telling = [key for key in telling if own.get(key) != _usual([other.get(key) for other in namesakes])]
    return telling


def _option_tells(fields: Sequence[Fields], trainers: Sequence[str]) -> bool:
    """Whether each trainer option stands for one schedule, so that its name says everything."""
    schedules = [str(sorted((k, str(v)) for k, v in own.items() if k.startswith("trainer."))) for own in fields]
    pairs = set(zip(trainers, schedules, strict=True))
    return len(pairs) == len(set(trainers)) == len(set(schedules))


def _usual(values: Sequence[Any]) -> Any:
    """The value of more than half of them; a new object, which equals nothing, where there is none."""
    return next((value for value in values if 2 * values.count(value) > len(values)), object())


def _word(key: str, value: Any, others: Sequence[Any]) -> str:
    """A key, without the group that it is obvious for, and its value as it was typed; empty where nobody typed it.

    Args:
        key: dotted.
        value: as it was typed, or as it stands in the configuration.
        others: the values of all its namesakes.
    """
    if key.endswith(TARGET):
        return f"{key.removesuffix(TARGET)}={value}"
    if key.startswith(VERSIONS):
        return f"{key}={1 if value is None else value}"
    if key.startswith(FINGERPRINT) or key == CODE_FILE:
        parts = _parts(value, [other for other in others if isinstance(other, str)])
        return f"{key.removeprefix(FINGERPRINT).removeprefix('space.')}={parts}" if parts else ""
    return f"{key.removeprefix('predictor.').removeprefix('space.')}={_value(value)}"


def _parts(path: Any, others: Sequence[str]) -> str:
    """The last parts of a path, as many as tell it from the others; empty where it is none, or all are the same."""
    if not isinstance(path, str) or len(several := set(others)) < 2:
        return ""
    ends = (lambda path, count=count: "/".join(PurePath(path).parts[-count:]) for count in range(1, 1000))
    return next((end(path) for end in ends if len(set(map(end, several))) == len(several)), path)


def _short(fields: Fields) -> Fields:
    """Classes without their modules."""
    return {key: _class(str(value)) if key.endswith(TARGET) else value for key, value in fields.items()}


def _class(target: str) -> str:
    """The name of a class without its module."""
    return target.rpartition(".")[2]


def _value(value: Any) -> str:
    """A value as it stands in the configuration."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{','.join(map(_value, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _numbered(names: list[str]) -> list[str]:
    """Equal names with a number, as the last resort."""
    counts, seen = Counter(names), Counter[str]()
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(f"{name} #{seen[name]}" if counts[name] > 1 else name)
    return numbered
