"""What comes as a list in Python: gone through once alone, without an order, by name, or with something odd in it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import siamnas
from siamnas.errors import InputError

NODES = [["input", op, "output"] for op in ("conv", "pool", "fc")]
EDGES = [[(0, 1), (1, 2)]] * 3
NAMES = ["a", "b", "c"]


def space(operations: Any = NODES, edges: Any = EDGES, names: Any = NAMES, **more: Any) -> siamnas.Space:
    return siamnas.Space.of_graphs(operations, edges, names, **more)


def test_what_can_be_gone_through_once_is_read_in_full():
    made = space((iter(nodes) for nodes in NODES), map(iter, EDGES), (name for name in NAMES))
    assert [made.operations(number) for number in range(3)] == NODES and made.archs.tolist() == NAMES
    assert space(roles={"zero": (name for name in ["conv"])}).table.zero == {"conv"}


@pytest.mark.parametrize("words", [(word for word in ["search.n=3"]), {"search.n=3", "trainer=fast"}, "a=b", 3, [3]])
@pytest.mark.parametrize("door", ["Search", "run", "compare", "networks"])
def test_words_have_an_order_and_are_all_read(words: Any, door: str):
    doors: dict[str, Callable[[], Any]] = {
        "Search": lambda: siamnas.Search(space(), "random", 3, overrides=words),
        "run": lambda: siamnas.run(overrides=words),
        "compare": lambda: siamnas.compare(["random"], overrides=words),
        "networks": lambda: siamnas.networks(space(), "nb201", overrides=words),
    }
    with pytest.raises(InputError, match=r"overrides=.*: must be a list of words"):
        doors[door]()


@pytest.mark.parametrize("odd", ["", "a\0", "a\n", "\x1b[2J", "\ud800", None, 1.5, "x" * 5000])
def test_names_are_printable_texts(odd: Any):
    """Of "a" and "a" with a zero byte behind it numpy makes the same name."""
    for make in (
        lambda: space(names=["a", odd, "c"]),
        lambda: space([["input", odd, "output"], *NODES[1:]]),
        lambda: space(name=odd),
        lambda: space(columns={odd: [1, 2, 3]}),
    ):
        with pytest.raises(InputError, match=r"must be a name of at most 1000 printable characters"):
            make()


@pytest.mark.parametrize("given", ["abc", None, 3, {"a", "b", "c"}, {"a": 1}])
def test_what_is_no_list(given: Any):
    for key in ("operations", "edges", *(["names"] if given is not None else [])):
        with pytest.raises(InputError, match=rf"{key}: must be a list, not "):
            space(**{key: given})


COLUMNS: dict[str, tuple[Any, list[float]]] = {
    "a series by name": (pd.Series([3.0, 1.0, 2.0], index=["c", "a", "b"]), [1, 2, 3]),
    "a dictionary by name": ({"c": 3, "a": 1, "b": 2}, [1, 2, 3]),
    "a series by number": (pd.Series([1.0, 2.0, 3.0], index=[7, 8, 9]), [1, 2, 3]),
    "masked": (np.ma.masked_array([1.0, 9.0, 3.0], [0, 1, 0]), [1, np.nan, 3]),
    "missing": (pd.Series([1, pd.NA, 3], dtype="Int64"), [1, np.nan, 3]),
    "a tensor with a gradient": (torch.arange(1.0, 4.0, requires_grad=True), [1, 2, 3]),
    "a generator": ((number for number in (1, 2, 3)), [1, 2, 3]),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_is_of_the_architectures(kind: str):
    """A series of pandas in another order was taken as it lay, and what is masked for its value."""
    given, wanted = COLUMNS[kind]
    assert np.array_equal(space(columns={"flops": given}).columns["flops"], wanted, equal_nan=True)


WRONG = [
    [1, 2], ["1", "2", "3"], [1j, 2, 3], [10**400, 1, 2], [[1], [2], [3]], {"a": 1, "b": 2}, {1, 2, 3}, None,
    [1, 2, np.inf], pd.Series([1, 2, 3], index=["a", "b", "x"]), pd.date_range("2020", periods=3),
]  # fmt: skip


@pytest.mark.parametrize("given", WRONG, ids=range(len(WRONG)))
def test_a_column_that_is_none(given: Any):
    with pytest.raises(InputError, match=r"columns\['flops'\]: "):
        space(columns={"flops": given})


@pytest.mark.parametrize("given", [[1, 2], pd.DataFrame({"flops": [1, 2, 3]}), "flops"])
def test_columns_that_are_no_dictionary(given: Any):
    with pytest.raises(InputError, match=r"columns: must be a dictionary of lists of numbers"):
        space(columns=given)


def told(archs: Any, values: Any) -> dict[int, float]:
    """What is recorded of architectures 2 and 0, which are asked for in this order."""
    search = siamnas.Search(space(), "random", 3)
    while not {0, 2} <= set(search.open):
        search.ask(1)
    search.tell(archs, values)
    return search.values


def test_values_in_a_series_are_of_their_labels():
    """They were taken as they lay, and went to other architectures."""
    for labels in ([0, 2], ["a", "c"]):
        assert told([2, 0], pd.Series([0.1, 0.3], index=labels)) == {0: 0.1, 2: 0.3}
    for series in (pd.Series([0.3, 0.1]), pd.Series([0.3, 0.1], index=[7, 9]), pd.Series([0.3, 0.1], index=["x", "y"])):
        assert told([2, 0], series) == {0: 0.1, 2: 0.3}
    rows = pd.DataFrame({"index": [2, 0], "value": [0.3, 0.1]}, index=[5, 3])
    assert told(rows["index"], rows["value"]) == {0: 0.1, 2: 0.3}
    with pytest.raises(InputError, match="tell: the architectures and the values are series with other labels"):
        told(rows["index"], rows["value"].sort_index())


def test_labels_that_may_be_lines_or_architectures():
    """Three were asked for, 0 to 2, in another order; a series that is sorted by them was taken as lines."""
    few = siamnas.Space.of_graphs([[one] for one in "abc"], [[]] * 3)
    search = siamnas.Search(few, "random", 3, seed=1)
    archs = search.ask(3)
    assert [int(arch) for arch in archs] != [0, 1, 2]
    by_arch = pd.Series([0.5, 0.6, 0.7], index=[0, 1, 2])
    with pytest.raises(InputError, match="the labels of the values may be lines or architectures; give a list"):
        search.tell(archs, by_arch)
    search.tell(archs, pd.Series([0.1, 0.2, 0.3]))
    assert [search.values[arch] for arch in archs] == [0.1, 0.2, 0.3]
