"""Every label and every code is counted once per repeat."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamnas.errors import InputError
from siamnas.oracle.table import Oracle
from siamnas.seeding import streams
from tests.support import tiny_space

CELLS = 15
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["peek", "query", "codes", "follow"]),
        st.lists(st.integers(0, CELLS - 1), min_size=1, max_size=4, unique=True),
        st.lists(st.integers(0, CELLS - 1), min_size=4, max_size=4, unique=True),
    ),
    max_size=8,
)


@given(ACTIONS)
def test_counts_equal_sets(actions):
    """Any sequence of actions costs what plain sets of looked-at cells say."""
    space = tiny_space(cells=CELLS, uncoded=3)
    oracle = Oracle(space, 2)
    looked: list[set] = [set(), set()]
    coded: list[set] = [set(), set()]
    pools: list[list] = [[], []]
    for action, first, second in actions:
        cells = np.array([first, second[: len(first)]])
        answer = getattr(oracle, action)(cells)
        if action == "codes":
            np.testing.assert_array_equal(answer, space.code[cells])
        elif action == "follow":
            np.testing.assert_array_equal(answer[0], space.label[cells])
        else:
            np.testing.assert_array_equal(answer, space.label[cells])
        for r, row in enumerate(cells.tolist()):
            if action == "codes":
                coded[r] |= {cell for cell in row if space.coded[cell]}
                continue
            if action == "follow":
                trace = [looked[r] | set(row[: i + 1]) for i in range(len(row))]
                assert answer[1][r].tolist() == [len(seen) for seen in trace]
                np.testing.assert_allclose(answer[2][r], [space.train_seconds[sorted(seen)].sum() for seen in trace])
            looked[r] |= set(row)
            if action == "query":
                pools[r] += row
    cost = oracle.cost()
    assert cost.queries.tolist() == [len(cells) for cells in looked]
    assert cost.codes.tolist() == [len(cells) for cells in coded]
    np.testing.assert_allclose(cost.query_seconds, [space.train_seconds[sorted(cells)].sum() for cells in looked])
    np.testing.assert_allclose(cost.code_seconds, [space.code_seconds[sorted(cells)].sum() for cells in coded])
    assert oracle.pool.tolist() == pools
    free = [[i not in pool and bool(space.coded[i]) for i in range(CELLS)] for pool in pools]
    assert oracle.free.tolist() == free


def test_draw_takes_free_cells_and_no_repeat_depends_on_another():
    space = tiny_space(cells=60, uncoded=10)
    oracle = Oracle(space, 4)
    first = oracle.draw(20, streams(range(7, 11), "pool"))
    oracle.query(first)
    second = oracle.draw(30, streams(range(7, 11), "more"))
    for r in range(4):
        assert len(set(first[r]) | set(second[r])) == 50
        assert space.coded[first[r]].all()
    alone = Oracle(space, 1).draw(20, streams(range(9, 10), "pool"))
    assert (alone[0] == first[2]).all()


def test_draw_of_too_many_is_refused():
    oracle = Oracle(tiny_space(cells=20, uncoded=5), 2)
    with pytest.raises(InputError, match="cannot draw 16 cells: only 15 of 20 are free"):
        oracle.draw(16, streams(range(2), "pool"))


def test_space_without_codes_counts_none():
    space = dataclasses.replace(tiny_space(cells=20), code=np.empty((20, 0), dtype=np.float32))
    oracle = Oracle(space, 1)
    oracle.codes(np.array([[1, 2]]))
    assert oracle.free.all()
    assert oracle.cost().codes.tolist() == [0]


def test_unknown_times_count_zero():
    space = tiny_space(cells=20)
    space.train_seconds[3] = np.nan
    oracle = Oracle(space, 1)
    _, _, seconds = oracle.follow(np.array([[3, 4]]))
    assert seconds.tolist() == [[0.0, space.train_seconds[4]]]
    assert oracle.cost().query_seconds.tolist() == [space.train_seconds[4]]
