"""MnasNet: its number of networks, what they cost, and the surrogate of their accuracy."""

import numpy as np
import pytest

from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.spaces.mobile import mnasnet
from siamnas.testing import DomainContract

# Rows of the table of Accel-NASBench: params_M, macs_M and top1. The second is the best that was measured.
MEASURED = {
    "stage0=1:6/3/False stage1=2:4/5/False stage2=3:6/3/False stage3=3:6/5/False stage4=2:6/5/False "
    "stage5=2:1/3/False stage6=2:1/3/False": (2.50116, 415.361072, 59.368),
    "stage0=3:4/3/False stage1=3:4/5/False stage2=3:6/3/True stage3=1:6/5/True stage4=3:6/5/True "
    "stage5=3:6/5/False stage6=2:6/5/True": (5.885624, 619.565088, 67.052),
    "stage0=2:6/3/True stage1=3:1/5/True stage2=1:1/5/True stage3=2:1/5/True stage4=1:4/3/True "
    "stage5=2:1/5/True stage6=1:4/5/True": (2.399896, 308.15264, 56.538),
    "stage0=1:6/5/False stage1=2:6/5/False stage2=2:1/3/False stage3=2:1/3/False stage4=1:1/3/False "
    "stage5=1:1/3/False stage6=1:1/3/False": (1.838752, 318.845968, 46.26),
}


@pytest.fixture(scope="module")
def benchmark():
    return build.space_or_benchmark(configuration.load(*compose(["space=mnasnet"])).config)


def test_it_has_all_networks_of_the_benchmark(benchmark):
    assert benchmark.domain.size == 36**6 * 48  # 3 x 2 x 2 blocks, 3 or, once, 4 depths


def test_costs_are_those_of_the_table_and_accuracies_are_near(benchmark):
    domain = benchmark.domain
    rows = domain.stack([domain.parse(text) for text in MEASURED])
    params, macs, top1 = np.array(list(MEASURED.values())).T
    columns = domain.graphs(rows).columns
    np.testing.assert_array_equal(columns["params"], np.rint(1e6 * params))
    np.testing.assert_array_equal(columns["macs"], np.rint(1e6 * macs))
    for name, known in domain.given.items():
        assert [known(domain.choices(row)) for row in rows] == columns[name].tolist()
    assert np.abs(benchmark.surrogate.labels(rows) - top1 / 100).max() < 0.01
    assert "5,125 measured networks, cross-validated tau .92" in benchmark.surrogate.name


def test_layers_are_repeated_nodes():
    domain = mnasnet.space("mnasnet", [])
    graph = domain.graphs(domain.parse(next(iter(MEASURED)))[None])
    assert [graph.node_types[one] for one in graph.types[0] if graph.node_types[one] != "absent"] == [
        "input",
        "expand6-kernel3-squeeze0",
        *["expand4-kernel5-squeeze0"] * 2,
        *["expand6-kernel3-squeeze0"] * 3,
        *["expand6-kernel5-squeeze0"] * 5,
        *["expand1-kernel3-squeeze0"] * 4,
        "output",
    ]


class TestContract(DomainContract):
    def make(self):
        return mnasnet.space("mnasnet", ["macs<=200e6"])


@pytest.mark.parametrize(("form", "first"), [("chain", ["e1k3s0", "e1k3s0", "e4k5s0"]), ("slots", ["e1k3s0l1"] * 2)])
def test_the_measured_networks_are_a_list(form, first):
    words = ["space=accel_nasbench", f"space.form={form}"]
    found = build.benchmark(configuration.load(*compose(words)).config)
    space, best = found.space, int(found.measured.label.argmax())
    assert len(space) == 5125 and space.operations(0)[1 : 1 + len(first)] == first
    assert space.archs[best] == list(MEASURED)[1] and found.measured.label[best] == 67.052 / 100
    assert space.columns["params"][best] == 5_885_624
    assert len(np.unique(space.classes)) == 5125


def test_some_of_the_measured_networks():
    words = ["space=accel_nasbench", "space.constraints=[macs<=300e6]"]
    found = build.benchmark(configuration.load(*compose(words)).config)
    assert found.space.columns["macs"].max() <= 300e6
    nodes, count = found.space.operations(0), found.space.operations(0).index("output")
    assert found.space.edges(0) == [(node, node + 1) for node in range(count)] and set(nodes[count + 1 :]) <= {"none"}
