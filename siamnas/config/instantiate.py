"""What `_target_` names: found, checked for its kind, its fields checked against its arguments, and called."""

import inspect
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from siamnas.config import translate
from siamnas.config.interfaces import interface_of
from siamnas.config.translate import TARGET
from siamnas.config.validate import built, check, hints
from siamnas.errors import InputError, reason
from siamnas.runtime import current_folder
from siamnas.runtime.interrupt import Terminated
from siamnas.runtime.packages import missing

RENAMED = {"identities": "seeds", "acquire": "acquisition", "labs": "evaluators"}
"""Arguments that classes of users may still have by their old names -> what they are called now."""
log = logging.getLogger(__name__)


def find_class(fields: Mapping[str, Any]) -> Any:
    """What `_target_` names, whatever it is; None where it does not exist (said when it is made)."""
    try:
        return _named(fields)
    except Exception:  # an import may raise anything
        return None


def takes(fields: Mapping[str, Any], key: str) -> bool:
    """Whether what `_target_` names has an argument of this name; False where it does not exist (said when made)."""
    try:
        return key in inspect.signature(_named(fields)).parameters
    except Exception:  # an import may raise anything
        return False


def check_fields(fields: Any, where: str) -> None:
    """Check a group of a configuration: its `_target_`, and its fields against the arguments of that.

    Args:
        fields: the group; one whose `_target_` is null makes nothing.
        where: its dotted key, one of `siamnas.config.interfaces`.

    Raises:
        InputError: with the key, the value and what is allowed.
    """
    if not isinstance(fields, Mapping):
        raise InputError(f"{where}={fields}: must be a group of keys")
    target = _find(where, fields) if fields.get(TARGET) is not None else None
    for key in _nested(fields, where):
        if interface_of(key) is None:
            raise InputError(f"{key}.{TARGET}: must not be here, nothing is made of it")
    if target is not None:
        given = interface_of(where).given  # type: ignore[union-attr]
        _check_names(where, target, fields, given)
        check(target, _own(fields), where, given)


def make(where: str, fields: Mapping[str, Any], given: Mapping[str, Any] | None = None) -> Any:
    """Call what `_target_` names with the other fields, and with what it takes of `given`.

    Args:
        where: dotted key of the group, one of `siamnas.config.interfaces`.
        fields: the group; a field that is declared as a dataclass becomes one.
        given: name of an argument -> its value.

    Raises:
        InputError: it does not exist or is of another kind, a field is unknown or missing, or an argument has its old
            name.
    """
    target, given = _find(where, fields), given or {}
    _check_names(where, target, fields, given)
    own = _own(fields)
    made = {key: built(hint, own[key]) for key, hint in hints(target, own, where, given).items()}
    return target(**{key: given[key] for key in inspect.signature(target).parameters if key in given}, **made)


def _own(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A group without its `_target_`."""
    return {key: value for key, value in fields.items() if key != TARGET}


def _check_names(where: str, target: Callable[..., Any], fields: Mapping[str, Any], given: Collection[str]) -> None:
    """None of the arguments that are given may have its old name."""
    known = inspect.signature(target).parameters
    for old, new in RENAMED.items():
        if new in given and old in known.keys() - fields.keys() and new not in known:
            raise InputError(f"{where}.{TARGET}={fields[TARGET]}: its argument {old} is called {new} now")


def _find(where: str, fields: Mapping[str, Any]) -> Callable[..., Any]:
    """What `_target_` names, if it is what this group takes."""
    name, kind = fields.get(TARGET), interface_of(where)
    assert kind is not None, where
    if not name:
        raise InputError(f"missing key {where}.{TARGET}: must name a class")
    try:
        found = _named(fields)
    except Exception as error:
        if lacking := missing(error):
            raise InputError(f"{where}.{TARGET}={name}: {lacking}") from error
        cause = reason(error)
        if (now := translate.name_of_class(str(name))) != name:
            cause = f"it is called {now} now"
        raise InputError(f"{where}.{TARGET}={name}: {cause}; must be the dotted name of {kind}") from error
    if not kind.accepts(found):
        raise InputError(f"{where}.{TARGET}={name}: must be {kind}")
    return found


def _named(fields: Mapping[str, Any]) -> Any:
    """What `_target_` names, whatever it is; an import that would end the process is an error of it."""
    module, _, name = str(fields.get(TARGET) or "").rpartition(".")
    try:
        return getattr(_imported(module), name)
    except Terminated:
        raise
    except SystemExit as error:
        raise ImportError(f"its import ends the process ({error})") from error


def _imported(module: str) -> ModuleType:
    """A module that is installed or on PYTHONPATH, else one of the current folder of a command, which is said."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        itself = f"{module}.".startswith(f"{error.name}.")  # not something else, which it imports
        if not itself or not (folder := current_folder.add_last()):
            raise
    try:
        found = import_module(module)
    except BaseException:
        current_folder.remove(folder)
        raise
    log.info("%s is imported from the current folder, %s", module, folder)
    return found


def _nested(fields: Any, where: str) -> Iterator[str]:
    """The dotted keys of all groups below `where` that have a `_target_`."""
    inner = fields.items() if isinstance(fields, Mapping) else enumerate(fields) if isinstance(fields, list) else ()
    for key, value in inner:
        if isinstance(value, Mapping) and TARGET in value:
            yield f"{where}.{key}"
        yield from _nested(value, f"{where}.{key}")
