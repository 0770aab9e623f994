"""`siamnas.networks`: architectures as networks by the name of a config."""

import re

import pytest
import torch
import yaml

import siamnas
from siamnas.config.compose import options
from siamnas.config.instantiate import takes
from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.spaces.listed import Space
from tests.support import ROOT

IMAGES = torch.randn(2, 3, 32, 32)
FILES = {name: yaml.safe_load((ROOT / f"conf/network/{name}.yaml").read_text()) for name in options("network")}
LISTS = sorted(name for name, fields in FILES.items() if takes(fields, "space"))  # the others have their own tests
NANO = (["input", "expand", "output"], [(0, 1), (1, 2)])


@pytest.fixture
def spaces(nb201: Space, nb_macro: Space) -> dict[str, Space]:
    nano = siamnas.Space.of_graphs([NANO[0]], [NANO[1]])
    return {"nb201": nb201, "nb201_reduced": nb201, "nb_macro": nb_macro, "nano": nano}


@pytest.mark.parametrize("name", LISTS)
def test_every_shipped_network_is_built_by_its_name(spaces: dict[str, Space], name: str):
    made = siamnas.networks(spaces[name], name, classes=7)
    with torch.no_grad():
        assert made(0)(IMAGES).shape == (2, 7)
        assert made(len(spaces[name]) - 1)(IMAGES).shape == (2, 7)


def test_it_has_new_weights_at_every_call_and_the_same_from_the_same_seed(nb201: Space):
    made = siamnas.networks(nb201, "nb201_reduced", overrides=["network.width=4"])
    states = []
    for seed in (0, 0, None):
        if seed is not None:
            torch.manual_seed(seed)
        states.append(torch.cat([parameter.flatten() for parameter in made(1).parameters()]))
    assert torch.equal(states[0], states[1]) and not torch.equal(states[1], states[2])


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["network.cells=0"], "network.cells=0: must be an integer of at least 1"),
        (["network.widths=[16,x]"], "network.widths[1]=x: must be an integer of at least 1"),
        (["network.widths=[]"], "network.widths=[]: must be"),
        (["+network.cels=3"], "unknown key network.cels (did you mean cells?)"),
    ],
)
def test_a_wrong_field_is_named(nb201: Space, overrides: list[str], message: str):
    with pytest.raises(InputError, match=re.escape(message)):
        siamnas.networks(nb201, "nb201", overrides=overrides)


def test_a_wrong_name_or_number_is_named(nb201: Space):
    with pytest.raises(InputError, match="nb201_reduced"):
        siamnas.networks(nb201, "nb2O1")
    for arch in (-1, 15_625):
        with pytest.raises(InputError, match=f"arch={arch}: must be from 0 to 15624, the last of nb201_c10"):
            siamnas.networks(nb201, "nb201")(arch)


class Pooled(torch.nn.Linear):
    """A network of one's own: it takes what it wants of the space, the architecture and the classes."""

    def __init__(self, space: Space, arch: int, depth: int) -> None:
        super().__init__(len(space.operations(arch)), depth)


def test_a_class_of_ones_own(nb201: Space):
    fields = {"_target_": f"{__name__}.Pooled", "depth": 3}
    assert build.networks({"network": fields}, nb201, classes=10)(5).weight.shape == (3, 10)
    with pytest.raises(InputError, match=r"missing key network\.depth: .*Pooled needs it"):
        build.networks({"network": {"_target_": fields["_target_"]}}, nb201, classes=10)(5)
