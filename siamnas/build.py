"""Configuration -> objects. The only place that instantiates."""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hydra.utils import instantiate

from siamnas.errors import InputError
from siamnas.schema import near

if TYPE_CHECKING:
    from siamnas.config import Job
    from siamnas.loggers.base import Logger
    from siamnas.predictors.base import Predictor
    from siamnas.search.topk import TopK
    from siamnas.spaces.space import Space

VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)  # *args, **kwargs


def space(job: "Job") -> "Space":
    """The search space with its tables."""
    return make("space", job.config["space"])


def predictor(job: "Job", space: "Space", identities: range) -> "Predictor":
    """The predictor for some of the repeats; it gets the trainer's fields if it takes them."""
    given = {"space": space, "identities": identities, "trainer": job.config["trainer"]}
    return make("predictor", job.config["predictor"], given)


def search(job: "Job") -> "TopK":
    """The search."""
    return make("search", job.config["search"])


def logger(job: "Job") -> "Logger | None":
    """The logger, or None for `logger=none`."""
    fields = job.config["logger"]
    return make("logger", fields) if fields.get("_target_") else None


def make(group: str, fields: dict[str, Any], given: dict[str, Any] | None = None) -> Any:
    """Call the class that `_target_` names with the other fields, and with what it takes of `given`.

    Raises:
        InputError: the class does not exist, or a field is unknown or missing.
    """
    if not fields.get("_target_"):
        raise InputError(f"missing key {group}._target_: must name a class")
    try:
        # A partial keeps Hydra away from the objects in `given`, and the errors of the class away from Hydra.
        target: Callable[..., Any] = instantiate({**fields, "_partial_": True, "_convert_": "all"}, _recursive_=False)
    except Exception as error:
        cause = " ".join(str(error.__cause__ or error).split())
        raise InputError(f"{group}._target_={fields['_target_']}: {cause}") from error
    known = dict(inspect.signature(target.func).parameters)  # type: ignore[attr-defined]
    variadic = {known.pop(key).kind for key in list(known) if known[key].kind in VARIADIC}
    given = {key: value for key, value in (given or {}).items() if key in known}
    own = [key for key in known if key not in given]
    for key in fields:
        if key != "_target_" and key not in own and inspect.Parameter.VAR_KEYWORD not in variadic:
            raise InputError(f"unknown key {group}.{key}{near(key, own)}; known here: {', '.join(own)}")
    for key in own:
        if key not in fields and known[key].default is inspect.Parameter.empty:
            raise InputError(f"missing key {group}.{key}: {fields['_target_']} needs it")
    return target(**given)
