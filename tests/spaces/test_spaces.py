"""The search spaces with shipped tables: their encodings and sizes."""

import time

import numpy as np
import pytest

from siamnas.benchmarks.shipped import digests
from siamnas.graphs.columns import HIDDEN, PRICED
from siamnas.spaces.benchmark import Benchmark
from tests.spaces.shipped import TABLES, make

Shipped = dict[str, Benchmark]


@pytest.mark.parametrize("name", TABLES)
def test_invariants(shipped: Shipped, name: str) -> None:
    space, measured = shipped[name].space, shipped[name].measured
    size, nodes = space.types.shape
    assert space.name == name and len(space) == size == len(set(space.archs.tolist()))
    assert space.types.dtype == np.uint8 and space.types.max() < len(space.node_types)
    assert space.adjacency.dtype == np.float32 and space.adjacency.shape == (nodes, nodes)
    assert (space.adjacency.diagonal() == 1).all() and not np.tril(space.adjacency, -1).any()
    values = (measured.label, measured.report, measured.code_seconds, measured.train_seconds)
    for column in (*values, *space.columns.values(), *measured.columns.values(), *measured.column_seconds.values()):
        assert column.shape == (size,) and column.dtype == np.float64
    assert ((measured.label >= 0) & (measured.label <= 1)).all() and measured.optimum == measured.report.max()
    assert measured.code.shape[0] == size and measured.code.dtype == np.float32
    assert space.card["sha256"] in digests().values()


@pytest.mark.parametrize("name", TABLES)
def test_a_space_has_the_free_columns_its_measurements_the_priced_and_a_query_the_others(
    shipped: Shipped, name: str
) -> None:
    space, measured = shipped[name].space, shipped[name].measured
    assert {"flops", "params"} <= set(space.columns)
    assert not any(HIDDEN.fullmatch(key) or PRICED.fullmatch(key) for key in space.columns)
    assert all(PRICED.fullmatch(key) for key in measured.columns)
    if name != "nb_macro":
        assert {"latency", "energy.edgegpu"} <= set(space.columns)
        assert {"proxy_loss_1", "proxy_loss_50", "landscape_loss_7", "mote_score", "proxy_seconds_50"} <= set(
            measured.columns
        )


@pytest.mark.parametrize(
    ("name", "size", "optimum"),
    [
        ("nb201_c10", 15_625, 0.94373),
        ("nb201_c100", 15_625, 0.73513),
        ("nb201_img16", 15_625, 0.47311),
        ("tiny_nb201", 4_096, 0.91315),
        ("nb_macro", 6_561, 0.93127),
    ],
)
def test_sizes_and_optima(shipped: Shipped, name: str, size: int, optimum: float) -> None:
    assert len(shipped[name].space) == size
    assert shipped[name].measured.optimum == pytest.approx(optimum, abs=5e-6)


def test_loading_is_fast() -> None:
    begin = time.process_time()  # the other core may be busy
    make("nb201_c100")
    assert time.process_time() - begin < 1.5  # 0.1 s on an idle machine


def encode_slowly(arch: str) -> tuple[list[str], list[list[int]]]:
    """Node names and A + I of one NAS-Bench-201 arch, spelt out from its arch string."""
    edges = {}
    for target, group in enumerate(arch.split("+"), start=1):
        for word in group.strip("|").split("|"):
            operation, source = word.split("~")
            edges[int(source), target] = "zeros" if operation == "none" else operation
    nodes = ["split_3", edges[0, 1], "split_2", edges[0, 2], edges[1, 2], "none"]
    nodes += [edges[0, 3], edges[1, 3], edges[2, 3], "output"]
    successors = {0: [1, 3, 6], 1: [2], 2: [4, 7], 3: [5], 4: [5], 5: [8], 6: [9], 7: [9], 8: [9], 9: []}
    matrix = [[int(i == j or j in successors[i]) for j in range(10)] for i in range(10)]
    return nodes, matrix


def test_nb201_encoding_against_slow_reference(shipped: Shipped) -> None:
    space = shipped["nb201_c100"].space
    assert space.archs[0] == (
        "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"
    )
    assert len(space.node_types) == 9
    for arch in range(0, len(space), 7):
        nodes, matrix = encode_slowly(space.archs[arch])
        assert [space.node_types[t] for t in space.types[arch]] == nodes
    assert space.adjacency.tolist() == matrix


def test_nb201_arch_matches_its_costs(shipped: Shipped) -> None:
    space = shipped["nb201_img16"].space
    for arch in range(0, len(space), 97):
        name = space.archs[arch]
        expected = 1.9534 + 8.84736 * name.count("nor_conv_3x3") + 0.98304 * name.count("nor_conv_1x1")
        assert space.columns["flops"][arch] == pytest.approx(expected)


def test_tiny_is_the_filtered_space(shipped: Shipped) -> None:
    whole, tiny = shipped["nb201_c10"], shipped["tiny_nb201"]
    keep = np.flatnonzero(whole.space.columns["flops"] <= 35)
    assert tiny.space.archs.tolist() == whole.space.archs[keep].tolist()
    assert not any("nor_conv_3x3" in arch for arch in tiny.space.archs)
    np.testing.assert_array_equal(tiny.space.types, whole.space.types[keep])
    for kind in ("columns", "column_seconds"):
        for name, column in getattr(whole.measured, kind).items():
            np.testing.assert_array_equal(getattr(tiny.measured, kind)[name], column[keep])
    for name, column in whole.space.columns.items():
        np.testing.assert_array_equal(tiny.space.columns[name], column[keep])
    for attribute in ("label", "report", "code", "code_seconds", "train_seconds"):
        np.testing.assert_array_equal(getattr(tiny.measured, attribute), getattr(whole.measured, attribute)[keep])


def test_macro_encoding(shipped: Shipped) -> None:
    space = shipped["nb_macro"].space
    assert space.node_types == ("input", "identity", "mb3_k3", "mb6_k5", "output")
    arch = space.archs.tolist().index("02012100")
    names = [space.node_types[t] for t in space.types[arch]]
    short = {"0": "identity", "1": "mb3_k3", "2": "mb6_k5"}
    assert names == ["input", *(short[digit] for digit in "02012100"), "output"]
    assert [list(np.flatnonzero(row)) for row in space.adjacency] == [[i, i + 1] for i in range(9)] + [[9]]
    assert len(make("nb_macro", constraints=["flops<=35"]).space) == 509
    expected = np.log([space.columns["flops"], space.columns["params"]]).T
    measured = shipped["nb_macro"].measured
    np.testing.assert_allclose(measured.code, expected, rtol=1e-6)
    assert (measured.code_seconds == 0).all() and np.isnan(measured.train_seconds).all() and measured.coded.all()
