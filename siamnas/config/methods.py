"""A method of a comparison as words of a command line: an option, a class of predictors, or a regressor."""

import functools
import inspect
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from siamnas.config import overrides
from siamnas.config.compose import options
from siamnas.config.instantiate import TARGET
from siamnas.config.interfaces import interface_of
from siamnas.errors import InputError, shown

MODEL = "predictor.model"
ALLOWED = "must be an option, a class derived from Predictor, or a regressor with fit, predict and get_params"


def words_of(method: Any, conf: Path) -> list[str]:
    """The words that choose a method.

    Args:
        method: an option of the group `predictor`, or of `search` where that needs none; a class derived from
            `siamnas.predictors.base.Predictor`, or `functools.partial` of one with its arguments; a regressor like
            those of scikit-learn, unfitted, or its class.
        conf: folder of configs, where one is written for a class.

    Raises:
        InputError: it is nothing of that, can't be imported, or has an argument that a configuration can't hold.
    """
    if isinstance(method, str):
        named = method in options("search") and method not in options("predictor")
        return [overrides.word("search" if named else "predictor", method)]
    made, fields = (method.func, method.keywords) if isinstance(method, functools.partial) else (method, {})
    if isinstance(made, type) and _accepts("predictor", made):
        return _of_predictor(made, fields, conf)
    made = type(made) if not isinstance(made, type) else made
    if not (_accepts(MODEL, made) and callable(getattr(made, "get_params", None))):
        raise InputError(f"methods: {shown(repr(method))}: {ALLOWED}")
    return _of_regressor(made(**fields) if isinstance(method, type | functools.partial) else method)


def _accepts(group: str, found: type) -> bool:
    interface = interface_of(group)
    return interface is not None and interface.accepts(found)


def _of_predictor(made: type, fields: dict[str, Any], conf: Path) -> list[str]:
    """A class of predictors gets a config, so that it has a name in paths and tables."""
    target = path_of(made)
    content = f"{TARGET}: {target}\n"
    for name in (made.__name__, target):  # two classes may have one name
        file = conf / "predictor" / f"{name}.yaml"
        if name not in options("predictor") and (not file.exists() or file.read_text(encoding="utf-8") == content):
            break
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    arguments = [f"+{overrides.word(f'predictor.{key}', value)}" for key, value in fields.items()]
    return [overrides.search_path([f"file://{conf.absolute()}"]), overrides.word("predictor", name), *arguments]


def _of_regressor(model: Any) -> list[str]:
    """A regressor is `predictor=forest` with another model, and those of its arguments that are not the usual ones."""
    usual = inspect.signature(type(model)).parameters
    given = {
        name: value
        for name, value in model.get_params(deep=False).items()
        if name not in usual or not _same(value, usual[name].default)
    }
    if given.pop("random_state", None) is not None:
        raise InputError(f"methods: {type(model).__name__}: leave out random_state, every repeat has its own")
    words = ["predictor=forest", overrides.word(f"{MODEL}.{TARGET}", path_of(type(model)))]
    if "n_estimators" in usual:  # stands in the config
        given.setdefault("n_estimators", usual["n_estimators"].default)
    else:
        words.append(f"~{MODEL}.n_estimators")
    return words + [f"++{overrides.word(f'{MODEL}.{name}', value)}" for name, value in given.items()]


def _same(value: Any, default: Any) -> bool:
    try:
        return value is default or bool(value == default)
    except Exception:  # of arrays, for one
        return False


def path_of(made: type) -> str:
    """The dotted name of a class by which another process finds it; the shortest, as that of a library is for good.

    Raises:
        InputError: there is none.
    """
    parts = made.__module__.split(".")
    for end in range(1, len(parts) + 1):
        module = ".".join(parts[:end])
        if getattr(sys.modules.get(module) or import_module(module), made.__name__, None) is made:
            return f"{module}.{made.__name__}"
    raise InputError(f"methods: {made.__module__}.{made.__qualname__}: can't be imported by this name")
