"""The shipped SynFlow scores of NAS-Bench-201: facts, prices, and that they can be measured again."""

import importlib
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from siamnas.benchmarks import shipped
from siamnas.cells.nb201 import full
from siamnas.measure.measures.saliency import synflow, synflow_code
from siamnas.spaces.nb201 import OPERATIONS, ZERO_COST
from tests.spaces.shipped import make

TOOLS = Path(__file__).resolve().parents[2] / "tools"
TABLE = dict(shipped.load(ZERO_COST))
CELLS = [tuple(OPERATIONS[i] for i in row) for row in shipped.load("nb201.npz")["operations"].tolist()]
SKIP, CONV, NONE, POOL = "skip_connect", "nor_conv_3x3", "none", "avg_pool_3x3"


@pytest.fixture(scope="module")
def tool():
    sys.path.insert(0, str(TOOLS))
    try:
        yield importlib.import_module("build_zero_cost")
    finally:
        sys.path.remove(str(TOOLS))


@pytest.mark.parametrize("cell", [0, 10, 1462])
def test_scores_are_those_of_the_network(cell: int) -> None:
    scores = []
    for score in (synflow, synflow_code):
        torch.manual_seed(0)
        scores.append(score(full(CELLS[cell], [16, 32, 64], 5, 10), (3, 32, 32)))
    assert scores[0] == pytest.approx(TABLE["synflow"][cell], rel=1e-6)
    assert scores[1] == pytest.approx(TABLE["synflow_code"][cell], rel=1e-3)


def test_facts_of_the_data_card() -> None:
    from scipy.stats import spearmanr

    accuracies = [shipped.load("nb201.npz")[f"{data}.test_200_mean"] for data in ("c10", "c100", "in16")]
    for name, expected in (("synflow", [0.779, 0.765, 0.752]), ("synflow_code", [-0.484, -0.506, -0.427])):
        found = [spearmanr(TABLE[name], accuracy).statistic for accuracy in accuracies]
        assert found == pytest.approx(expected, abs=5e-4)
    assert (TABLE["synflow_code"] == 1).sum() == 2512 and TABLE["synflow_code"].min() >= 0
    assert TABLE["synflow_seconds"].mean() == pytest.approx(0.42, abs=0.005)


def test_equal_networks_have_equal_scores(tool) -> None:
    same = tool.cells()[1]
    assert len(set(same)) == 6_040
    for column in TABLE.values():
        np.testing.assert_array_equal(column, column[same])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((CONV, NONE, NONE, SKIP, NONE, NONE), (NONE, NONE, NONE, SKIP, NONE, CONV), False),  # a convolution of nothing
        ((CONV, NONE, NONE, SKIP, NONE, NONE), (NONE, NONE, NONE, SKIP, NONE, NONE), True),  # one that leads nowhere
        ((CONV, NONE, NONE, NONE, SKIP, NONE), (NONE, NONE, NONE, CONV, NONE, NONE), True),
        ((NONE, CONV, NONE, NONE, NONE, SKIP), (CONV, NONE, NONE, NONE, SKIP, NONE), True),
        ((CONV, NONE, SKIP, NONE, SKIP, SKIP), (CONV, CONV, NONE, NONE, SKIP, SKIP), False),  # one twice, or two
        ((CONV, NONE, SKIP, NONE, CONV, CONV), (CONV, CONV, NONE, NONE, CONV, CONV), False),  # two on one, or on two
        ((CONV, NONE, POOL, NONE, NONE, SKIP), (CONV, NONE, NONE, NONE, POOL, NONE), True),
        ((NONE, NONE, POOL, SKIP, NONE, SKIP), (NONE, NONE, NONE, SKIP, NONE, NONE), True),  # a pool of nothing
    ],
)  # fmt: skip
def test_which_cells_are_one_network(tool, one: tuple[str, ...], other: tuple[str, ...], same: bool) -> None:
    assert (tool.network(one) == tool.network(other)) == same


def test_networks_without_convolutions_are_told_apart_by_what_they_compute(tool) -> None:
    pool = torch.nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
    x, found = torch.randn(1, 1, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0)), {}
    for cell in product((NONE, SKIP, POOL), repeat=6):
        maps = [x, 0 * x, 0 * x, 0 * x]
        for (begin, end), operation in zip(tool.EDGES, cell, strict=True):
            maps[end] = maps[end] + {NONE: 0 * maps[begin], SKIP: maps[begin], POOL: pool(maps[begin])}[operation]
        found.setdefault(tool.network(cell), []).append(maps[3])
    assert all(torch.allclose(output, outputs[0]) for outputs in found.values() for output in outputs)


def test_scores_are_priced_and_make_a_code() -> None:
    code = {"kind": "columns", "length": None, "columns": ["synflow_code"] * 3, "path": None}
    for name in ("nb201_c10", "tiny_nb201"):
        made = make(name, code=code)
        measured, size = made.measured, len(made.space)
        assert "synflow" not in made.space.columns and len(measured.columns["synflow"]) == size
        np.testing.assert_array_equal(measured.column_seconds["synflow"], measured.code_seconds)
        assert measured.code.shape == (size, 3) and (measured.code_seconds > 0).all()
        assert measured.code_name == "synflow_code,synflow_code,synflow_code"
