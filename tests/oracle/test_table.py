"""Every label and every code is counted once per repeat."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamnas.benchmarks.measurements import CODE
from siamnas.errors import InputError
from siamnas.oracle.table import TableOracle
from tests.support import remeasured, tiny_benchmark, without_codes

SIZE = 15
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["query", "codes", "survey"]),
        st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=4, unique=True),
        st.lists(st.integers(0, SIZE - 1), min_size=4, max_size=4, unique=True),
    ),
    max_size=8,
)


@given(ACTIONS)
def test_counts_equal_sets(actions):
    """Any sequence of actions costs what plain sets of evaluated architectures say."""
    benchmark = tiny_benchmark(SIZE, uncoded=3)
    measured, oracle = benchmark.measured, TableOracle(benchmark, 2)
    evaluated: list[set] = [set(), set()]
    coded: list[set] = [set(), set()]
    for action, first, second in actions:
        archs = np.array([first, second[: len(first)]])
        if action == "survey":
            np.testing.assert_array_equal(oracle.survey(CODE), measured.code)
            coded = [set(np.flatnonzero(measured.coded).tolist()) for _ in coded]
            continue
        answer = getattr(oracle, action)(archs)
        expected = measured.code if action == "codes" else measured.label
        np.testing.assert_array_equal(answer, expected[archs])
        for r, row in enumerate(archs.tolist()):
            if action == "codes":
                coded[r] |= {arch for arch in row if measured.coded[arch]}
                continue
            evaluated[r] |= set(row)
    cost = oracle.cost()
    assert cost.queries.tolist() == [len(archs) for archs in evaluated]
    assert cost.codes.tolist() == [len(archs) for archs in coded]
    np.testing.assert_allclose(cost.query_seconds, [measured.train_seconds[sorted(archs)].sum() for archs in evaluated])
    np.testing.assert_allclose(cost.code_seconds, [measured.code_seconds[sorted(archs)].sum() for archs in coded])


def test_a_space_without_codes_counts_none():
    oracle = TableOracle(without_codes(tiny_benchmark(20)), 1)
    assert oracle.codes(np.array([[1, 2]])).shape == (1, 2, 0)
    assert oracle.survey(CODE).shape == (20, 0)
    assert oracle.coded.all() and oracle.code_length == 0
    assert oracle.cost().codes.tolist() == [0]
    assert oracle.cost().code_seconds.tolist() == [0]


def test_unknown_times_count_zero():
    benchmark = tiny_benchmark(20)
    seconds = benchmark.measured.train_seconds
    seconds[3] = np.nan
    oracle = TableOracle(benchmark, 1)
    oracle.query(np.array([[3, 4]]))
    assert oracle.cost().query_seconds.tolist() == [seconds[4]]


def test_a_surveyed_column_is_paid_for_as_a_code_of_every_architecture_that_has_it():
    benchmark = tiny_benchmark(40, uncoded=4)
    measured, oracle = benchmark.measured, TableOracle(benchmark, 3)
    np.testing.assert_array_equal(oracle.survey(("proxy_loss_9",))[:, 0], measured.columns["proxy_loss_9"])
    assert oracle.cost().codes.tolist() == [36] * 3
    expected = np.nansum(measured.column_seconds["proxy_loss_9"])
    np.testing.assert_allclose(oracle.cost().code_seconds, expected)
    oracle.survey(("proxy_loss_2", "proxy_loss_9"))
    np.testing.assert_allclose(oracle.cost().code_seconds, expected, err_msg="the same training gives both losses")
    assert oracle.cost().queries.tolist() == [0] * 3


def test_what_was_not_measured_is_refused_in_a_survey():
    benchmark = remeasured(tiny_benchmark(20), columns={"proxy_loss_1": np.zeros(20)})
    oracle = TableOracle(benchmark, 1)
    assert oracle.priced == ("proxy_loss_1",)
    for name in ("test_200_mean", "proxy_loss_2", "flops"):
        with pytest.raises(InputError, match=f"{name}: tiny has no such measured column"):
            oracle.survey(("proxy_loss_1", name))
    assert oracle.cost().codes.tolist() == [0]


def test_a_code_of_free_columns_is_not_paid_for():
    benchmark = remeasured(tiny_benchmark(20), code_seconds=np.zeros(20))
    oracle = TableOracle(benchmark, 2)
    np.testing.assert_array_equal(oracle.codes(np.array([[1, 2], [3, 4]])), benchmark.measured.code[[[1, 2], [3, 4]]])
    oracle.survey(CODE)
    assert oracle.cost().codes.tolist() == [0, 0]
