"""What a `_target_` names must be what its group takes; nothing of another kind is ever called."""

import re
from importlib import import_module
from typing import Any

import pytest
from omegaconf import OmegaConf
from torch import nn

from siamnas.config import compose, instantiate
from siamnas.config.interfaces import INTERFACES, interface_of
from siamnas.errors import InputError
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space

CALLED: list[Any] = []


def untyped(**arguments: Any):
    CALLED.append(arguments)


def other(**arguments: Any) -> dict[str, Any]:
    CALLED.append(arguments)
    return {}


def unknown(**arguments: Any) -> "Nowhere":  # type: ignore[name-defined] # noqa: F821
    CALLED.append(arguments)


def either(size: int) -> "Space | Benchmark":
    raise InputError(f"size={size}: called")


def network(arch: int) -> nn.Sequential:
    raise InputError(f"arch={arch}: called")


class Estimator:
    """Fits and predicts."""

    def fit(self, x: Any, y: Any) -> None: ...

    def predict(self, x: Any) -> Any: ...


FOREIGN = [
    "os.system", "os.popen", "os.getcwd", "subprocess.run", "subprocess.Popen", "builtins.open", "builtins.eval",
    "builtins.exec", "builtins.print", "joblib.load", "torch.load", "torch.nn.Linear", "numpy.load",
    "pandas.read_pickle",
    "pickle.loads", "shutil.rmtree", "logging.Logger", "pathlib.Path", "pathlib.Path.unlink", "os.environ", "os",
    "importlib.import_module", "hydra.utils.instantiate", "siamnas.cli.main", "siamnas.config.instantiate.make",
    "siamnas.jobs.store.Store", f"{__name__}.untyped", f"{__name__}.other", f"{__name__}.unknown", f"{__name__}.CALLED",
    "", ".", "x", ".x", "a b.c", "os.", "..os.system", "this is not, a name", "no.such.Thing", "siamnas.no",
]  # fmt: skip


@pytest.mark.parametrize("place", INTERFACES)
def test_functions_and_classes_of_others_are_refused_and_not_called(place: str):
    CALLED.clear()
    for target in FOREIGN:
        fields = {"_target_": target, "command": "touch hacked"}
        for ask in (instantiate.check_fields, instantiate.make):
            with pytest.raises(InputError, match=re.escape(f"{place}._target_")):
                ask(*((fields, place) if ask is instantiate.check_fields else (place, fields)))
    assert not CALLED


@pytest.mark.parametrize("place", [place for place in INTERFACES if place.rpartition(".")[2] not in ("model", "code")])
def test_what_is_shipped_fits_its_place_and_no_other(place: str):
    for file in sorted((compose.CONF_DIR / place).glob("*.yaml")):
        target = (OmegaConf.load(file).get(place) or OmegaConf.load(file)).get("_target_")  # type: ignore[union-attr]
        if target is None:
            continue
        for other_place in INTERFACES:
            if INTERFACES[other_place] is INTERFACES[place]:
                continue
            with pytest.raises(InputError, match=re.escape(f"{other_place}._target_={target}: must be a class")):
                instantiate.check_fields({"_target_": target}, other_place)
        module, _, name = target.rpartition(".")
        assert INTERFACES[place].accepts(getattr(import_module(module), name)), target


def test_a_class_or_function_of_ones_own_needs_no_more_than_its_type():
    with pytest.raises(InputError, match="size=3: called"):
        instantiate.make("space", {"_target_": f"{__name__}.either", "size": 3})
    with pytest.raises(InputError, match="arch=3: called"):
        instantiate.make("network", {"_target_": f"{__name__}.network"}, {"arch": 3})
    assert isinstance(instantiate.make("predictor.model", {"_target_": f"{__name__}.Estimator"}), Estimator)


def test_what_is_abstract_is_refused():
    with pytest.raises(InputError, match=r"search\._target_=siamnas\.search\.base\.Search: must be a class derived"):
        instantiate.check_fields({"_target_": "siamnas.search.base.Search"}, "search")


@pytest.mark.parametrize("inner", [{"model": {"_target_": "os.system"}}, {"x": [{"y": {"_target_": "os.system"}}]}])
def test_a_target_inside_a_group_is_refused_where_nothing_is_made_of_it(inner: dict[str, Any]):
    with pytest.raises(InputError, match=r"space\..*\._target_: must not be here"):
        instantiate.check_fields({"_target_": f"{__name__}.either", **inner}, "space")


def test_the_spaces_of_a_figure_are_spaces():
    assert interface_of("figure.spaces.mine") is INTERFACES["space"]
    assert interface_of("predictor.model.estimator") is None
