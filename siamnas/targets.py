"""What `_target_` names: found, checked by the schema that stands beside it, and called."""

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeVar

from siamnas.errors import InputError
from siamnas.schema import check, near

TARGET = "_target_"
SCHEMA = "__fields__"
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)  # *args, **kwargs

T = TypeVar("T", bound=Callable[..., Any])


def checked_by(schema: type) -> Callable[[T], T]:
    """Mark a class or a function as configured by the fields of the dataclass `schema`, see `siamnas.schema.check`."""

    def mark(target: T) -> T:
        # On the class itself: whoever imports it finds both, and nothing has to be registered.
        setattr(target, SCHEMA, schema)
        return target

    return mark


def schema_of(fields: Mapping[str, Any]) -> type | None:
    """The schema of what `_target_` names; None for what has none, or does not exist (said when it is made).

    That of a parent does not count: a class of the user's own may take other arguments.
    """
    module, _, name = str(fields.get(TARGET) or "").rpartition(".")
    try:
        return vars(getattr(import_module(module), name)).get(SCHEMA)
    except Exception:  # an import may raise anything
        return None


def check_fields(fields: Any, where: str) -> None:
    """Check a group of a configuration by the schema of its `_target_`; what has none checks its own arguments.

    Raises:
        InputError: with the key, the value and what is allowed.
    """
    if not isinstance(fields, Mapping):
        raise InputError(f"{where}={fields}: must be a group of keys")
    if schema := schema_of(fields):
        check(schema, fields, where)


def takes(fields: Mapping[str, Any], key: str) -> bool:
    """Whether what `_target_` names has an argument of this name; False where it does not exist (said when made)."""
    module, _, name = str(fields.get(TARGET) or "").rpartition(".")
    try:
        return key in inspect.signature(getattr(import_module(module), name)).parameters
    except Exception:  # an import may raise anything
        return False


def make(group: str, fields: dict[str, Any], given: Mapping[str, Any] | None = None) -> Any:
    """Call the class that `_target_` names with the other fields, and with what it takes of `given`.

    Raises:
        InputError: the class does not exist, or a field is unknown or missing.
    """
    from hydra.utils import instantiate  # a report, which only looks up schemas, needs no Hydra

    if not fields.get(TARGET):
        raise InputError(f"missing key {group}.{TARGET}: must name a class")
    try:
        # A partial keeps Hydra away from the objects in `given`, and the errors of the class away from Hydra.
        target: Callable[..., Any] = instantiate({**fields, "_partial_": True, "_convert_": "all"}, _recursive_=False)
    except Exception as error:
        cause = " ".join(str(error.__cause__ or error).split())
        raise InputError(f"{group}.{TARGET}={fields[TARGET]}: {cause}") from error
    known = dict(inspect.signature(target.func).parameters)  # type: ignore[attr-defined]
    variadic = {known.pop(key).kind for key in list(known) if known[key].kind in VARIADIC}
    given = {key: value for key, value in (given or {}).items() if key in known}
    own = [key for key in known if key not in given]
    for key in fields:
        if key != TARGET and key not in own and inspect.Parameter.VAR_KEYWORD not in variadic:
            raise InputError(f"unknown key {group}.{key}{near(key, own)}; known here: {', '.join(own)}")
    for key in own:
        if key not in fields and known[key].default is inspect.Parameter.empty:
            raise InputError(f"missing key {group}.{key}: {fields[TARGET]} needs it")
    return target(**given)
