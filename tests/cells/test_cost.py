"""FLOPs and parameters by torch's counter are the benchmarks' own."""

import numpy as np
import pytest
import torch
from torch import nn

from siamnas.benchmarks import shipped
from siamnas.cells import macro
from siamnas.cells.cost import Cost, count
from siamnas.cells.nb201 import full
from siamnas.cells.nb201_cell import EDGES, Cell
from siamnas.spaces.nb201 import OPERATIONS

WIDTHS, CELLS = (16, 32, 64), 5
SIZES = {"c10": (10, 32), "c100": (100, 32), "in16": (120, 16)}  # classes, height and width


def columns(prefix: str, file: str) -> tuple[np.ndarray, np.ndarray]:
    """FLOPs and parameters of a table as whole numbers."""
    table = shipped.load(file)
    return tuple(np.rint(1e6 * table[prefix + key]).astype(int) for key in ("flops", "params"))


def cost_of(operations: list[str], classes: int, size: int) -> np.ndarray:
    """FLOPs as NAS-Bench-201 counts them, that is with the bias of the classifier, and parameters."""
    with torch.device("meta"):
        network = full(operations, WIDTHS, CELLS, classes)
    cost = count(network, (3, size, size))
    return np.array([cost.multiply_adds + classes, cost.params])


def cost_of_edge(edge: int, operation: str, size: int) -> np.ndarray:
    """What one operation on one edge of every cell adds."""
    operations = ["none"] * len(EDGES)
    operations[edge] = operation
    costs = [count(Cell(operations, width), (width, size >> k, size >> k)) for k, width in enumerate(WIDTHS)]
    return CELLS * np.array([[cost.multiply_adds, cost.params] for cost in costs]).sum(axis=0)


@pytest.mark.parametrize("prefix", SIZES)
def test_nas_bench_201_all_architectures_by_shared_counts(prefix: str):
    classes, size = SIZES[prefix]
    chosen = shipped.load("nb201.npz")["operations"]  # (M, 6)
    added = np.array([[cost_of_edge(edge, name, size) for name in OPERATIONS] for edge in range(len(EDGES))])
    shared = cost_of(["none"] * len(EDGES), classes, size) + added[np.arange(len(EDGES)), chosen].sum(axis=1)  # (M, 2)
    flops, params = columns(f"{prefix}.", "nb201.npz")
    assert len(shared) == 15_625
    assert (shared == np.stack([flops, params], axis=1)).all()


def check_whole_networks(prefix: str, archs: np.ndarray) -> None:
    """Whole networks by the counter against the table: nothing is shared."""
    chosen, (flops, params) = shipped.load("nb201.npz")["operations"], columns(f"{prefix}.", "nb201.npz")
    for arch in archs:
        cost = cost_of([OPERATIONS[number] for number in chosen[arch]], *SIZES[prefix])
        assert cost.tolist() == [flops[arch], params[arch]], arch


def check_array(rows: np.ndarray) -> None:
    """Whole networks with these operations (n, 6), on the three data sets in turn."""
    chosen = shipped.load("nb201.npz")["operations"]
    archs = np.array([np.flatnonzero((chosen == row).all(axis=1))[0] for row in rows])
    for prefix, part in zip(SIZES, np.array_split(archs, 3), strict=True):
        check_whole_networks(prefix, part)


def test_nas_bench_201_whole_networks():
    """Every operation is on every edge once."""
    check_array((np.arange(5)[:, None] + np.arange(6)) % 5)


@pytest.mark.slow
def test_nas_bench_201_more_whole_networks():
    """An orthogonal array: every two operations meet on every two edges."""
    one, two = np.mgrid[0:5, 0:5].reshape(2, -1)
    check_array(np.stack([one, two, *((one + k * two) % 5 for k in range(1, 5))], axis=1))


@pytest.mark.slow
@pytest.mark.parametrize("prefix", SIZES)
def test_nas_bench_201_many_whole_networks(prefix: str):
    check_whole_networks(prefix, np.random.default_rng(0).choice(15_625, 100, replace=False))


@pytest.mark.slow
def test_nas_bench_macro():
    chosen, (flops, params) = shipped.load("nb_macro.npz")["operations"], columns("", "nb_macro.npz")

    def cost(layers: list[int]) -> np.ndarray:
        with torch.device("meta"):
            network = macro.network([macro.DIGITS[number] for number in layers], (2, 3, 3), 32, 1280, 10)
        found = count(network)
        return np.array([found.multiply_adds, found.params])

    base = cost([0] * 8)
    singles = [[[number if at == layer else 0 for at in range(8)] for number in range(3)] for layer in range(8)]
    added = np.array([[cost(layers) for layers in row] for row in singles]) - base  # (8, 3, 2)
    shared = base + added[np.arange(8), chosen].sum(axis=1)
    assert (shared == np.stack([flops, params], axis=1)).all() and len(shared) == 6_561
    for arch in np.random.default_rng(0).choice(6_561, 5, replace=False):
        assert cost(chosen[arch].tolist()).tolist() == [flops[arch], params[arch]]


def test_what_is_counted():
    layers = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(4, 4, 3, groups=2)
    )
    network = nn.Sequential(layers, nn.Flatten(), nn.Linear(16, 5))
    network[2].bias.requires_grad_(False)
    convolutions = 8 * 8 * 3 * 4 * 9 + 2 * 2 * 2 * 4 * 9
    assert count(network, (3, 8, 8)) == Cost(convolutions + 16 * 5, 3 * 4 * 9 + 4 + 8 + 2 * 4 * 9 + 4 + 16 * 5)


def test_counting_changes_nothing():
    network = full(["nor_conv_3x3"] * 6, (4, 8), 1, 3)
    before, state = {key: value.clone() for key, value in network.state_dict().items()}, torch.get_rng_state()
    cost = count(network)
    assert network.training and torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert count(network.eval()) == cost
    assert count(nn.Sequential(nn.Flatten(), nn.Linear(3, 2), nn.BatchNorm1d(2)), (3, 1, 1)) == Cost(6, 12)
