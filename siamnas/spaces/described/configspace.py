"""Spaces of ConfigSpace (https://github.com/automl/ConfigSpace, format 0.4 of version 1.2), from its JSON."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
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
        when = _Conditions(data.get("conditions") or [], choices).when()
        forbidden = [one for clause in data.get("forbiddens") or [] for one in _forbidden(clause, choices)]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
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


class _Conditions:
    """When choices play a part; one that plays none is unequal to every value, and neither above nor below it."""

    def __init__(self, conditions: Sequence[Mapping[str, Any]], choices: Mapping[str, Choice]) -> None:
        self._choices = choices
        self._of: dict[str, list[Mapping[str, Any]]] = {}
        for condition in conditions:
            self._of.setdefault(condition["child"], []).append(condition)

    def when(self) -> dict[str, tuple[Options, ...]]:
        """Name -> alternatives of which one must be fulfilled; what is not there always plays a part."""
        return {name: self._when(name) for name in self._of}

    def _when(self, name: str) -> tuple[Options, ...]:
        return _all(self._alternatives(condition) for condition in self._of[name])

    def _alternatives(self, condition: Mapping[str, Any]) -> tuple[Options, ...]:
        """A condition as alternatives."""
        if condition["type"] in ("AND", "OR"):
            several = [self._alternatives(one) for one in condition["conditions"]]
            return _all(several) if condition["type"] == "AND" else tuple(one for some in several for one in some)
        parent = condition["parent"]
        unequal = self._absent(parent) if condition["type"] == "NEQ" else ()
        return ((_options(condition, parent, self._choices),), *unequal)

    def _absent(self, name: str) -> tuple[Options, ...]:
        """The alternatives with which a choice plays no part."""
        if name not in self._of:
            return ()
        return _all(
            tuple(one for pair in alternative for one in self._fails(*pair)) for alternative in self._when(name)
        )

    def _fails(self, name: str, options: tuple[Any, ...]) -> tuple[Options, ...]:
        """The alternatives with which a choice has none of some options."""
        others = tuple(one for one in self._choices[name].options if one not in options)
        return (*([((name, others),)] if others else []), *self._absent(name))


def _all(several: Iterable[tuple[Options, ...]]) -> tuple[Options, ...]:
    """Alternatives of which one fulfils all of several."""
    return reduce(_both, several, ((),))


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
