"""Spaces of ConfigSpace (https://github.com/automl/ConfigSpace, format 0.4 of version 1.2), from its JSON."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from siamnas.errors import InputError, reason, shown
from siamnas.spaces.described import language
from siamnas.spaces.described.language import Choice, Conditional, Options

VALUES = 16  # of a float, and of integers of which there are more
COMPARED = {
    "LT": lambda a, b: a < b,
    "GT": lambda a, b: a > b,
    "EQ": lambda a, b: a == b,
    "NEQ": lambda a, b: a != b,
    "EQUALS": lambda a, b: a == b,
    "IN": lambda a, b: a in b,
}
MOST_ALTERNATIVES = 1_000


def conditional(data: Mapping[str, Any]) -> Conditional:
    """The choices, conditions and forbidden combinations of a configuration space.

    Args:
        data: what its JSON file holds, or `to_serialized_dict()` returns. Floats, and integers of which there are more,
            become 16 values, evenly spread, on a logarithmic scale where the file says so, and those that conditions
            name: what depends on one of them would never play a part.

    Raises:
        InputError: it is no configuration space, or has what is not known here.
    """
    try:
        named = _named(data.get("conditions") or [])
        _check_names([one["name"] for one in data["hyperparameters"]])
        choices = {one["name"]: _choice(one, named.get(one["name"], set())) for one in data["hyperparameters"]}
        when: dict[str, tuple[Options, ...]] = {}
        for condition in data.get("conditions") or []:
            name = condition["child"]
            found = _alternatives(condition, choices)
            when[name] = _both(when[name], found) if name in when else found
        forbidden = [one for clause in data.get("forbiddens") or [] for one in _forbidden(clause, choices)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"is no configuration space of ConfigSpace 1.2: {reason(error)}") from error
    return language.conditional(list(choices.items()), list(when.items()), forbidden)


def _check_names(names: Sequence[Any]) -> None:
    """Check that hyperparameters have names of their own.

    Raises:
        InputError: they have not.
    """
    for name in names:
        if not isinstance(name, str) or not name:
            raise InputError(f"hyperparameters: name {shown(repr(name))} must be a text")
        if names.count(name) > 1:
            raise InputError(f"hyperparameters: {shown(name)} is there {names.count(name)} times")


def _named(conditions: Sequence[Mapping[str, Any]]) -> dict[str, set[Any]]:
    """Name -> values with which a condition says that it must be equal."""
    found: dict[str, set[Any]] = {}
    for condition in conditions:
        if condition["type"] in ("AND", "OR"):
            for name, values in _named(condition["conditions"]).items():
                found.setdefault(name, set()).update(values)
        elif condition["type"] in ("EQ", "IN"):
            told = condition["values"] if condition["type"] == "IN" else [condition["value"]]
            found.setdefault(condition["parent"], set()).update(told)
    return found


def _choice(one: Mapping[str, Any], also: set[Any]) -> Choice:
    """A hyperparameter, whose values `also` are among its options."""
    match one["type"]:
        case "categorical":
            return language.choice(one["choices"])
        case "ordinal":
            return language.choice(one["sequence"], ordered=True)
        case "constant":
            return language.choice([one["value"]])
        case "uniform_int" | "normal_int" | "beta_int":
            low, high = int(one["lower"]), int(one["upper"])
            if high - low < VALUES:
                return language.choice(list(range(low, high + 1)))
            return language.choice(sorted({round(value) for value in _spread(low, high, one)} | also))
        case "uniform_float" | "normal_float" | "beta_float":
            values = {float(f"{value:.6g}") for value in _spread(one["lower"], one["upper"], one)}
            return language.choice(sorted(values | also))
    raise InputError(f"{one['name']}: type {one['type']} is not known")


def _spread(low: float, high: float, one: Mapping[str, Any]) -> list[float]:
    """Values from the lower to the upper end."""
    if one.get("log"):
        return np.geomspace(low, high, VALUES).tolist()
    return np.linspace(low, high, VALUES).tolist()


def _alternatives(condition: Mapping[str, Any], choices: Mapping[str, Choice]) -> tuple[Options, ...]:
    """A condition as alternatives, of which one must be fulfilled."""
    if condition["type"] not in ("AND", "OR"):
        return ((_options(condition, condition["parent"], choices),),)
    several = [_alternatives(one, choices) for one in condition["conditions"]]
    if condition["type"] == "OR":
        return tuple(one for some in several for one in some)
    found: tuple[Options, ...] = ((),)
    for some in several:
        found = _both(found, some)
    return found


def _both(one: tuple[Options, ...], other: tuple[Options, ...]) -> tuple[Options, ...]:
    """Alternatives of which one fulfils both."""
    if len(one) * len(other) > MOST_ALTERNATIVES:
        raise InputError(f"a condition has more than {MOST_ALTERNATIVES:,} alternatives")
    return tuple(a + b for a, b in product(one, other))


def _options(clause: Mapping[str, Any], name: str, choices: Mapping[str, Choice]) -> tuple[str, tuple[Any, ...]]:
    """The options with which a choice fulfils a clause."""
    if clause["type"] not in COMPARED or name not in choices:
        raise InputError(f"{name}: a condition of type {clause['type']} is not known, or not its parent")
    choice, value = choices[name], clause["values"] if clause["type"] == "IN" else clause["value"]
    compare = COMPARED[clause["type"]]
    if choice.ordered and clause["type"] in ("LT", "GT"):  # texts are in the order of the file
        place = choice.options.index(value)
        return name, tuple(one for i, one in enumerate(choice.options) if compare(i, place))
    return name, tuple(one for one in choice.options if compare(one, value))


def _forbidden(clause: Mapping[str, Any], choices: Mapping[str, Choice]) -> list[Options]:
    """The combinations that a clause forbids."""
    kind = clause["type"]
    if kind == "AND":
        several = [_forbidden(one, choices) for one in clause["clauses"]]
        return [tuple(pair for one in some for pair in one) for some in product(*several)]
    if not kind.startswith("RELATION_"):
        return [(_options(clause, clause["name"], choices),)]
    compare = COMPARED[kind.removeprefix("RELATION_")]
    left, right = (choices[clause[side]].options for side in ("left", "right"))
    found = [(one, tuple(other for other in right if compare(one, other))) for one in left]
    return [((clause["left"], (one,)), (clause["right"], others)) for one, others in found if others]
