"""Check plain containers against arguments and their types: errors name the key, the value and what is allowed."""

import copy
import dataclasses
import difflib
import inspect
import types
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from siamnas.errors import InputError, shown

CLOSE = 0.1  # of similarity, by which a suggestion may be behind the nearest one
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)  # *args, **kwargs
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
NotNegative = Annotated[float, Condition("a number of at least 0", lambda v: 0 <= v < float("inf"))]
Rate = Annotated[float, Condition("a number above 0 and at most 10", lambda v: 0 < v <= 10)]
Seconds = Annotated[float, Condition("a number above 0 and at most 3,600", lambda v: 0 < v <= 3600)]
Share = Annotated[float, Condition("a number above 0 and at most 1", lambda v: 0 < v <= 1)]
Probability = Annotated[float, Condition("a number from 0 to 1", lambda v: 0 <= v <= 1)]
Word = Annotated[str, Condition("a text that is not empty", bool)]

_NAMES = {int: "an integer", float: "a number", bool: "true or false", str: "a text", dict: "a group of keys"}
_CONTAINERS = {Mapping: dict, MutableMapping: dict, Sequence: list, list: list, dict: dict}


def check(target: Callable[..., Any], values: Any, where: str = "", given: Collection[str] = ()) -> None:
    """Check `values` against the arguments of a class or a function; those of a dataclass are its fields.

    Each key must be an argument, and each argument without a default must be there. Types may be int, float, bool, str,
    lists, dicts, Literal, dataclasses, unions of these, and any of them with a `Condition` as Annotated. An argument
    without a type, or with one that says nothing about a plain container, takes any value.

    Args:
        target: a dataclass, or what is called with the values.
        values: a plain container, such as `OmegaConf.to_container` returns.
        where: dotted key of `values`.
        given: arguments that are no options; whoever calls `target` gives them.

    Raises:
        InputError: a key is unknown or missing, or a value is not allowed.
    """
    if not isinstance(values, Mapping):
        raise _error(where, values, "a group of keys")
    for key, hint in hints(target, values, where, given).items():
        _check_value(hint, values[key], _join(where, key))


def hints(
    target: Callable[..., Any], values: Mapping[str, Any], where: str = "", given: Collection[str] = ()
) -> dict[str, Any]:
    """Key of `values` -> type of the argument of `target`; otherwise as `check`.

    Raises:
        InputError: a key is unknown, missing or no option.
    """
    known = dict(inspect.signature(target).parameters)
    for key in given:
        if known.pop(key, None) and key in values:
            raise InputError(f"{_join(where, key)}={values[key]}: is decided by siamnas; leave it out")
    kinds = {known.pop(key).kind for key in list(known) if known[key].kind in VARIADIC}
    shown = [key for key in known if not key.startswith("_")]
    for key in values:
        if key not in known and inspect.Parameter.VAR_KEYWORD not in kinds:
            raise InputError(f"unknown key {_join(where, key)}{near(str(key), shown)}; known here: {', '.join(shown)}")
    found = dict.fromkeys(values, Any)
    for key, one in known.items():
        hint = _resolved(target, one.annotation)
        if key not in values and one.default is one.empty:
            raise InputError(f"missing key {_join(where, key)}: {_needed(target, hint)}")
        if key in values and not (values[key] is None and one.default is None):
            found[key] = hint
    return found


def built(hint: Any, value: Any) -> Any:
    """A copy of a value that has been checked: as a dataclass where its type is one, also in a list."""
    for option in _options(hint):
        base, _ = _split(option)
        if _is_record(base) and isinstance(value, Mapping):
            return base(**{key: built(inner, value[key]) for key, inner in hints(base, value).items()})
        if _kind(base) is list and get_args(base) and isinstance(value, list):
            return [built(get_args(base)[0], item) for item in value]
    return copy.deepcopy(value)


def near(word: str, known: Mapping[str, Any] | list[str]) -> str:
    """A hint such as `(did you mean search?)` for a misspelt word, empty without a near match."""
    matches = difflib.get_close_matches(word, list(known), n=3)
    ratios = [difflib.SequenceMatcher(None, match, word).ratio() for match in matches]
    matches = [match for match, ratio in zip(matches, ratios, strict=True) if ratio >= max(ratios) - CLOSE]
    return f" (did you mean {' or '.join(matches)}?)" if matches else ""


def _check_value(hint: Any, value: Any, where: str) -> None:
    """Check one value against one type hint."""
    options = [option for option in _options(hint) if option is not types.NoneType]
    if value is None and len(options) < len(_options(hint)):
        return
    if len(options) == 1:
        _check_option(options[0], value, where, _allowed(hint))
    elif not any(_fits(option, value) for option in options):
        raise _error(where, value, _allowed(hint))


def _fits(hint: Any, value: Any) -> bool:
    try:
        _check_value(hint, value, "")
    except InputError:
        return False
    return True


def _check_option(hint: Any, value: Any, where: str, allowed: str) -> None:
    """Check one value against one member of a union."""
    base, rules = _split(hint)
    if not _is(base, value):
        raise _error(where, value, allowed)
    if _is_record(base):
        check(base, value, where)
    elif _kind(base) is list:
        for i, item in enumerate(value):
            _check_value((*get_args(base), Any)[0], item, f"{where}[{i}]")
    if not all(rule.accepts(value) for rule in rules):
        raise _error(where, value, allowed)


def _is(base: Any, value: Any) -> bool:
    """Whether `value` is of the type `base`; a bool is no number here, and an integer is a number."""
    if get_origin(base) is Literal:
        return any(value == choice and type(value) is type(choice) for choice in get_args(base))
    kind = _kind(base)
    if kind is None:
        return True
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else Mapping if kind is dict else kind)


def _kind(base: Any) -> Any:
    """The built-in type that a plain container has where the type hint is `base`; None where that is not known."""
    if _is_record(base):
        return dict
    origin = get_origin(base) or base
    kinds = _CONTAINERS | {kind: kind for kind in _NAMES}
    return next((kind for known, kind in kinds.items() if origin is known), None)  # not all hints have a hash


def _is_record(base: Any) -> bool:
    return isinstance(base, type) and dataclasses.is_dataclass(base)


def _resolved(target: Callable[..., Any], annotation: Any) -> Any:
    """What an annotation stands for; Any where there is none, or where it is a text that can't be evaluated."""
    if not isinstance(annotation, str):
        return Any if annotation is inspect.Parameter.empty else annotation
    called = target.__init__ if isinstance(target, type) else inspect.unwrap(target)  # type: ignore[misc]
    said = types.SimpleNamespace(__annotations__={"it": annotation})
    try:
        return get_type_hints(said, getattr(called, "__globals__", {}), include_extras=True)["it"]
    except Exception:  # it may raise anything
        return Any


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
    """What completes "must be ..."; empty where anything is allowed."""
    words = []
    for option in _options(hint):
        base, rules = _split(option)
        if option is types.NoneType:
            words.append("null")
        elif rules:
            words.append(" and ".join(rule.allowed for rule in rules))
        elif get_origin(base) is Literal:
            words.extend(str(choice) for choice in get_args(base))
        elif _kind(base) is list:
            each = _allowed((*get_args(base), Any)[0])
            words.append(f"a list, each {each}" if each else "a list")
        elif kind := _kind(base):
            words.append(_NAMES[kind])
        else:
            return ""
    return " or ".join(words)


def _needed(target: Callable[..., Any], hint: Any) -> str:
    """What an argument must be, and of what, where that is no group of keys."""
    allowed, name = _allowed(hint), f"{target.__module__}.{target.__qualname__}"
    if _is_record(target):
        return f"must be {allowed}"
    return f"must be {allowed} ({name} needs it)" if allowed else f"{name} needs it"


def _error(where: str, value: Any, allowed: str) -> InputError:
    told = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, str) and value[:1].isdecimal():
        told = f"'{value}'"  # a text, and what is wrong with it is that it is one
    return InputError(f"{where}={shown(told)}: must be {allowed}")


def _join(where: str, key: Any) -> str:
    return f"{where}.{key}" if where else str(key)
