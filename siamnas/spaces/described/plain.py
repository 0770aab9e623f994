"""Parts as plain data, the form in which a file holds them: `{repeat: {kernel: [3, 5]}, times: [2, 4]}`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from siamnas.config.validate import near
from siamnas.errors import InputError, shown
from siamnas.spaces.described import language
from siamnas.spaces.described.language import Part

KEYS: Mapping[str, tuple[str, ...]] = {
    "choice": ("name", "ordered"),
    "chain": (),
    "repeat": ("times", "same"),
    "optional": (),
    "dag": ("nodes", "inputs", "sources", "output", "edges"),
}
"""Word -> the keys that may stand beside it."""
DEEPEST = 50


def part(value: Any, key: str, depth: int = 0) -> Part:
    """The part that plain data stand for.

    Args:
        value: a text, a list of values for a choice, a mapping with one of the words, or one of names and parts.
        key: dotted, for messages.
        depth: of `value`.

    Raises:
        InputError: they stand for none; names the key.
    """
    if depth > DEEPEST:
        raise InputError(f"{key}: must be at most {DEEPEST} parts deep")
    if isinstance(value, Mapping):
        if "configspace" in value:
            return _said(key, _of_conditional, value)
        found = [word for word in language.WORDS if word in value]
        if found:
            return _word(found[0], value, key, depth)
        inner = {name: part(one, f"{key}.{name}", depth + 1) for name, one in value.items()}
        return _said(key, language.as_part, inner)
    if isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        raise InputError(f"{key}: a list is a choice of values; parts one after another are {{chain: [...]}}")
    return _said(key, language.as_part, value)


def _word(word: str, value: Mapping[str, Any], key: str, depth: int) -> Part:
    """A mapping with one of the words."""
    for other in value.keys() - {word, *KEYS[word]}:
        hint = near(str(other), list(KEYS[word]))
        raise InputError(f"{key}.{other}: unknown key{hint}; beside {word} may stand {', '.join(KEYS[word]) or 'none'}")
    given = {name: one for name, one in value.items() if name != word}
    inner = value[word]
    if word == "choice":
        options = inner
        if isinstance(inner, Mapping):
            options = {
                name: None if one is None else part(one, f"{key}.{name}", depth + 1) for name, one in inner.items()
            }
        return _said(key, language.choice, options, **given)
    if word == "chain":
        return _chain(inner, key, depth)
    block = part(inner, f"{key}.{word}", depth + 1)
    if word == "repeat":
        times = given.pop("times", None)
        if not isinstance(times, list) or len(times) != 2:
            raise InputError(f"{key}.times={times}: must be two numbers, the fewest and the most times")
        return _said(key, language.repeat, block, *times, **given)
    if word == "optional":
        return language.optional(block)
    return _said(key, language.dag, block, **given)


def _chain(inner: Any, key: str, depth: int) -> Part:
    """A list or a mapping of parts one after another."""
    if isinstance(inner, Mapping):
        parts = [part(one, f"{key}.{name}", depth + 1) for name, one in inner.items()]
        return _said(key, lambda: language.chain(**dict(zip(language.as_names(inner), parts, strict=True))))
    if not isinstance(inner, list):
        raise InputError(f"{key}.chain={shown(repr(inner))}: must be a list or a mapping of parts")
    return _said(key, language.chain, *(part(one, f"{key}.chain.{i}", depth + 1) for i, one in enumerate(inner)))


def _said(key: str, make: Callable[..., Part], *given: Any, **named: Any) -> Part:
    """A word, whose errors name the key."""
    try:
        return make(*given, **named)
    except InputError as error:
        raise InputError(f"{key}: {error}") from None
    except (TypeError, ValueError, AttributeError):
        raise InputError(f"{key}: {shown(repr(given[0] if given else named))}: is not allowed here") from None


def plain(part_: Part | None) -> Any:
    """The plain data of a part; `part` makes the same part of them."""
    match part_:
        case None:
            return None
        case language.Fixed(name):
            return name
        case language.Choice(options, None, None, False):
            return list(options)
        case language.Choice(options, None, name, ordered):
            more = {"name": name} if name else {}
            return {"choice": list(options), **more, **({"ordered": True} if ordered else {})}
        case language.Choice(options, parts):
            return {"choice": {name: plain(one) for name, one in zip(options, parts or (), strict=True)}}
        case language.Layer(properties):
            return {name: plain(one) for name, one in properties}
        case language.Chain(parts, None):
            return {"chain": [plain(one) for one in parts]}
        case language.Chain(parts, names):
            return {"chain": {name: plain(one) for name, one in zip(names or (), parts, strict=True)}}
        case language.Repeat(block, lo, hi, same):
            return {"repeat": plain(block), "times": [lo, hi], **({"same": True} if same else {})}
        case language.Optional(block):
            return {"optional": plain(block)}
        case language.Conditional():
            return _conditional(part_)
        case language.Dag():
            return {"dag": plain(part_.operation), **_arguments(part_)}


def _conditional(part_: language.Conditional) -> dict[str, Any]:
    """The plain data of choices with conditions."""
    return {
        "configspace": {name: plain(choice) for name, choice in part_.choices},
        "when": {name: [_lists(one) for one in alternatives] for name, alternatives in part_.when},
        "forbidden": [_lists(one) for one in part_.forbidden],
    }


def _lists(options: language.Options) -> list[Any]:
    """[name, options] of each choice."""
    return [[name, list(allowed)] for name, allowed in options]


def _of_conditional(value: Mapping[str, Any]) -> Part:
    """Choices with conditions, as `_conditional` has written them."""

    def options(lists: Any) -> language.Options:
        return tuple((str(name), tuple(allowed)) for name, allowed in lists)

    choices = [(name, part(one, name)) for name, one in value["configspace"].items()]
    when = [(name, tuple(map(options, alternatives))) for name, alternatives in value.get("when", {}).items()]
    return language.conditional(choices, when, [options(one) for one in value.get("forbidden", [])])


def _arguments(cell: language.Dag) -> dict[str, Any]:
    """The arguments of `dag`."""
    if cell.loose and cell.sources == 1 and all(len(sets) == 1 for sets in cell.takes):
        edges: Sequence[list[int]] = [[b, end] for end, (begins,) in enumerate(cell.takes, start=1) for b in begins]
        return {"edges": edges}
    return {
        "nodes": len(cell.takes),
        "inputs": max(len(sets[0]) for sets in cell.takes),
        "sources": cell.sources,
        "output": "loose" if cell.loose else "all",
    }


def definition(
    name: str,
    description: Part,
    columns: Mapping[str, Any],
    constraints: Sequence[Any],
    roles: Mapping[str, list[str]],
    built: Mapping[str, Any],
) -> str | None:
    """The text of which `described.files.of_text` makes the same space; None where it holds functions."""
    if any(map(callable, [*columns.values(), *constraints])):
        return None
    described = plain(description)
    if isinstance(described, dict) and isinstance(described.get("chain"), dict):
        described = described["chain"]
    told = {"columns": dict(columns), "constraints": list(constraints), "roles": dict(roles), **built}
    held = {"name": name, "space": described} | {key: value for key, value in told.items() if value}
    return yaml.safe_dump(held, sort_keys=False, default_flow_style=None, allow_unicode=True, width=120)
