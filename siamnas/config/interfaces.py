"""What each place of a configuration takes: a `_target_` of another kind is refused before anything is called.

A configuration may come from somebody else, and `joblib.load` or `os.system` must not run as anybody's logger.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True)
class Interface:
    """Classes, and functions that say by their return type that they make one of these.

    Attributes:
        bases: dotted names of the classes, one of which it must derive from. Names, so that nobody waits for the
            import of torch who only asks.
        methods: what it must be able to do, where there is no such class.
        takes: arguments that it must have.
        given: arguments that no configuration says: it gets those which it has.
    """

    bases: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    given: tuple[str, ...] = ()

    def accepts(self, found: Any) -> bool:
        """Whether an object is of this kind."""
        if not callable(found) or inspect.isabstract(found):
            return False
        if self.methods:
            return isinstance(found, type) and all(callable(getattr(found, name, None)) for name in self.methods)
        made = [found] if isinstance(found, type) else returned(found)
        return bool(made) and all(map(self._is, made)) and (not self.takes or set(self.takes) <= _arguments(found))

    def __str__(self) -> str:
        if self.methods:
            return f"a class with {' and '.join(self.methods)}"
        short = " | ".join(base.rpartition(".")[2] for base in self.bases)
        takes = f", with an argument {' and '.join(self.takes)}" if self.takes else ""
        return f"a class derived from {' or '.join(self.bases)}, or a function declared '-> {short}'{takes}"

    def _is(self, made: Any) -> bool:
        own = {f"{parent.__module__}.{parent.__qualname__}" for parent in getattr(made, "__mro__", ())}
        return bool(own & set(self.bases))


MEASURE = Interface(("siamnas.measure.measures.base.Measure",), given=("images", "device"))
PREDICTOR = Interface(
    ("siamnas.predictors.base.Predictor",), given=("space", "seeds", "trainer", "code_length", "priced")
)
ESTIMATOR = Interface(methods=("fit", "predict"), given=("random_state",))
INTERFACES = {
    "space": Interface(
        (
            "siamnas.spaces.listed.Space",
            "siamnas.spaces.benchmark.Benchmark",
            "siamnas.spaces.domain.Domain",
            "siamnas.spaces.benchmark.DomainBenchmark",
        )
    ),
    "oracle": Interface(
        ("siamnas.oracle.base.Oracle",), given=("benchmark", "repeats", "evaluators", "columns", "seeds")
    ),
    "acquisition": Interface(("siamnas.acquisition.base.Acquisition",)),
    "predictor": PREDICTOR,
    "predictor.model": ESTIMATOR,
    "predictor.member": PREDICTOR,
    "predictor.member.model": ESTIMATOR,
    "search": Interface(
        ("siamnas.search.base.Search",), given=("space", "seeds", "prior", "metric", "predictor", "acquisition")
    ),
    "logger": Interface(("siamnas.loggers.base.Logger",)),
    "images": Interface(("siamnas.images.dataset.Dataset",)),
    "network": Interface(("torch.nn.modules.module.Module",), takes=("arch",), given=("space", "arch", "classes")),
    "what": MEASURE,
    "code": MEASURE,
    "figure": Interface(("siamnas.report.draw.landscape.Landscape",)),
}
"""Dotted key of a group -> what its `_target_` names."""


def interface_of(where: str) -> Interface | None:
    """What a group takes, by its dotted key; None where no group makes anything."""
    return INTERFACES["space"] if where.startswith("figure.spaces.") else INTERFACES.get(where)


def returned(function: Any) -> list[Any]:
    """The members of a function's return type; empty where it has none, or where that can't be found."""
    hint = declared(function, "return")
    if hint is None:
        return []
    return list(get_args(hint)) if get_origin(hint) in (Union, UnionType) else [hint]


def declared(function: Any, name: str) -> Any:
    """The type that a function declares of an argument, or of `return`; None where it does not, or can't be found."""
    own = getattr(function, "__annotations__", {})
    said = SimpleNamespace(__annotations__={name: own[name]} if name in own else {})
    try:
        return get_type_hints(said, getattr(function, "__globals__", {}))[name]
    except Exception:  # it is evaluated where it is a text
        return None


def _arguments(found: Callable[..., Any]) -> set[str]:
    try:
        return set(inspect.signature(found).parameters)
    except (TypeError, ValueError):  # not every built-in has one
        return set()
