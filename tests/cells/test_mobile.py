"""Networks of MnasNet and once-for-all: what they cost is what their spaces say without building them."""

import numpy as np
import pytest
import torch
from torch import nn

import siamnas
from siamnas.cells import mobile
from siamnas.cells.cost import count
from siamnas.spaces.mobile import mnasnet, ofa

SPACES = [
    (mnasnet.space("mnasnet", []), mnasnet.SIZE),
    (ofa.space("mit_ofa", "mit_ofa", 160, []), 160),
    (ofa.space("moofa", "moofa", 224, []), 224),
]


def built(space, choices):
    """An architecture on no device: only its shapes."""
    with torch.device("meta"):
        return (
            mobile.mnasnet(choices, 1000)
            if space.network == "mnasnet"
            else mobile.once_for_all(choices, 1000, space.network)
        )


@pytest.mark.parametrize("many", [1, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("space", "size"), SPACES, ids=lambda one: getattr(one, "name", ""))
def test_random_networks_cost_what_their_columns_say(space, size, many):
    rows = space.sample(np.random.default_rng(many), many)
    columns = space.graphs(rows).columns
    for number, row in enumerate(rows):
        network = built(space, space.choices(row))
        cost = count(network, (3, size, size))
        sums = {"params": cost.params, "macs": cost.multiply_adds}
        if space.network == "mnasnet":
            sums["macs"] += norms_and_pools(network, size)
        else:
            sums["peak_memory"] = peak_memory(network, size)
        assert sums == {name: column[number] for name, column in columns.items()}


def hooked(network, kinds, size):
    """Of every module of some kinds, in their order: the module, what it takes and what it gives, for one image."""
    seen = []
    for module in network.modules():
        if isinstance(module, kinds):
            module.register_forward_hook(lambda own, given, out: seen.append((own, given[0].numel(), out.numel())))
    network.eval()(torch.empty(1, 3, size, size, device="meta"))
    return seen


def norms_and_pools(network, size):
    """What the table of Accel-NASBench counts beside convolutions and the classifier, module by module."""
    modules = (nn.BatchNorm2d, mobile.SqueezeExcite)
    found = 0
    for module, given, _ in hooked(network, modules, size):
        found += 4 * given if isinstance(module, nn.BatchNorm2d) else given + module.layers[0].in_channels
    return found + 1280 * 7 * 7 + 1280


def peak_memory(network, size):
    """The largest sum of what a convolution takes, gives and is; what is added later waits meanwhile."""
    seen = {module: (given, out) for module, given, out in hooked(network, (nn.Conv2d,), size)}
    largest = 0
    for block in network.features:
        if isinstance(block, nn.AdaptiveAvgPool2d):  # what follows doesn't count
            return largest
        excites = [part for part in block.modules() if isinstance(part, mobile.SqueezeExcite)]
        inside = {module for part in excites for module in part.modules()}
        convolutions = [module for module in block.modules() if module in seen and module not in inside]
        for module in convolutions:
            waits = getattr(block, "residual", False) and module.groups > 1
            waiting = seen[convolutions[0]][0] if waits else 0
            largest = max(largest, sum(seen[module]) + module.weight.numel() + waiting)
    raise AssertionError("there is no pool")


@pytest.mark.parametrize("name", ["mnasnet", "ofa_mobilenetv3"])
def test_a_search_hands_out_networks(name):
    network = siamnas.Search(name, budget=4).ask(1)[0].network()
    assert network.eval()(torch.zeros(2, 3, 64, 64)).shape == (2, 1000)
