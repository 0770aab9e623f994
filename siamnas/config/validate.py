"""Check plain containers against dataclasses: every error names the key, the value and what is allowed."""

import dataclasses
import difflib
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from siamnas.errors import InputError

LARGEST = 1 << 30  # bytes of the arrays of a result; 2000 repeats of a whole space of 15,625 architectures


@dataclasses.dataclass(frozen=True)
class Condition:
    """A condition on a value, and how to say it.

    Attributes:
        allowed: completes "must be ...".
        accepts: True for a value that is allowed; the type has been checked before.
    """

    allowed: str
    accepts: Callable[[Any], bool]


# Whatever is allocated, started or repeated has a limit far above its use: a slip must not fill a machine.
Count = Annotated[int, Condition("an integer of at least 1, at most 10,000,000", lambda v: 1 <= v <= 10_000_000)]
Times = Annotated[int, Condition("an integer of at least 1, at most 100,000", lambda v: 1 <= v <= 100_000)]
Size = Annotated[int, Condition("an integer of at least 1, at most 10,000", lambda v: 1 <= v <= 10_000)]
Few = Annotated[int, Condition("an integer of at least 1, at most 1,000", lambda v: 1 <= v <= 1_000)]
Sizes = Annotated[list[Size], Condition("a list of 1 to 100 integers of at least 1", lambda v: 1 <= len(v) <= 100)]
Natural = Annotated[int, Condition("an integer of at least 0, below 2^53", lambda v: 0 <= v < 2**53)]
Positive = Annotated[float, Condition("a number above 0", lambda v: 0 < v < float("inf"))]
Rate = Annotated[float, Condition("a number above 0 and at most 10", lambda v: 0 < v <= 10)]
Seconds = Annotated[float, Condition("a number above 0 and at most 3,600", lambda v: 0 < v <= 3600)]
Share = Annotated[float, Condition("a number above 0 and at most 1", lambda v: 0 < v <= 1)]
Probability = Annotated[float, Condition("a number from 0 to 1", lambda v: 0 <= v <= 1)]
Word = Annotated[str, Condition("a text that is not empty", bool)]

_NAMES = {int: "an integer", float: "a number", bool: "true or false", str: "a text", dict: "a group of keys"}


def check(schema: type, values: Any, where: str = "") -> None:
    """Check `values` against a dataclass, whose fields are all required and the only keys allowed.

    Args:
        schema: a dataclass; its fields may be int, float, bool, str, dict, Any, Literal, other dataclasses, lists of
            these, any of them `| None`, and any of them with a `Condition` as Annotated.
        values: a plain container, such as `OmegaConf.to_container` returns.
        where: dotted key of `values`.

    Raises:
        InputError: a key is unknown or missing, or a value is not allowed.
    """
    if not isinstance(values, Mapping):
        raise _error(where, values, "a group of keys")
    names = {field.name for field in dataclasses.fields(schema)}
    hints = {key: hint for key, hint in get_type_hints(schema, include_extras=True).items() if key in names}
    shown = [key for key in hints if not key.startswith("_")]
    for key in values:
        if key not in hints:
            raise InputError(f"unknown key {_join(where, key)}{near(str(key), hints)}; known here: {', '.join(shown)}")
    for key, hint in hints.items():
        if key not in values:
            raise InputError(f"missing key {_join(where, key)}: must be {_allowed(hint)}")
        _check_value(hint, values[key], _join(where, key))


def near(word: str, known: Mapping[str, Any] | list[str]) -> str:
    """A hint such as `(did you mean search?)` for a misspelt word, empty without a near match."""
    matches = difflib.get_close_matches(word, list(known), n=3)
    return f" (did you mean {' or '.join(matches)}?)" if matches else ""


def _check_value(hint: Any, value: Any, where: str) -> None:
    """Check one value against one type hint."""
    options = _options(hint)
    if value is None and types.NoneType in options:
        return
    option = next(o for o in options if o is not types.NoneType)
    base, rules = _split(option)
    if dataclasses.is_dataclass(base):
        if not isinstance(value, Mapping):
            raise _error(where, value, _allowed(hint))
        check(base, value, where)  # type: ignore[arg-type]
    elif get_origin(base) is list:
        if not isinstance(value, list):
            raise _error(where, value, _allowed(hint))
        for i, item in enumerate(value):
            _check_value(get_args(base)[0], item, f"{where}[{i}]")
    elif not _is(base, value):
        raise _error(where, value, _allowed(hint))
    for rule in rules:
        if not rule.accepts(value):
            raise _error(where, value, _allowed(hint))


def _is(base: Any, value: Any) -> bool:
    """Whether `value` is of the type `base`; a bool is no number here, and an integer is a number."""
    if base is Any:
        return True
    if get_origin(base) is Literal:
        return any(value == choice and type(value) is type(choice) for choice in get_args(base))
    if isinstance(value, bool):
        return base is bool
    return isinstance(value, (int, float) if base is float else base)


def _options(hint: Any) -> tuple[Any, ...]:
    """The members of a union, or the hint alone."""
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _split(hint: Any) -> tuple[Any, list[Condition]]:
    """The bare type and the rules of an Annotated one."""
    if get_origin(hint) is Annotated:
        base, *rules = get_args(hint)
        return base, [rule for rule in rules if isinstance(rule, Condition)]
    return hint, []


def _allowed(hint: Any) -> str:
    """What completes "must be ..."."""
    words = []
    for option in _options(hint):
        base, rules = _split(option)
        if option is types.NoneType:
            words.append("null")
        elif rules:
            words.append(" and ".join(rule.allowed for rule in rules))
        elif get_origin(base) is Literal:
            words.extend(str(choice) for choice in get_args(base))
        elif get_origin(base) is list:
            words.append(f"a list, each {_allowed(get_args(base)[0])}")
        else:
            words.append(_NAMES.get(base, "a group of keys"))
    return " or ".join(words)


def _error(where: str, value: Any, allowed: str) -> InputError:
    shown = "null" if value is None else str(value).lower() if isinstance(value, bool) else value
    return InputError(f"{where}={shown}: must be {allowed}")


def _join(where: str, key: Any) -> str:
    return f"{where}.{key}" if where else str(key)
