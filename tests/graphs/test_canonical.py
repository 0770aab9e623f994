"""Classes of equal graphs: against isomorphism by NetworkX, and known numbers of the benchmarks."""

import re
from itertools import combinations

import numpy as np
import pytest

from siamnas.graphs import canonical
from siamnas.spaces.nano.space import space as nano_space
from tests.graphs.dags import Graph, equal, pruned_graph, random_graph, renumbered, space_of


def test_equal_is_isomorphic():
    rng = np.random.default_rng(4)
    graphs = [random_graph(rng, most=5) for _ in range(120)]
    found, references = space_of(graphs).classes, [pruned_graph(graph) for graph in graphs]
    assert len(np.unique(found)) > 30
    for one, other in combinations(range(len(graphs)), 2):
        assert (found[one] == found[other]) == equal(references[one], references[other])


def test_the_numbers_of_nodes_change_nothing():
    rng = np.random.default_rng(5)
    graphs = [random_graph(rng, most=8) for _ in range(40)]
    versions = [[graph, *(renumbered(graph, rng) for _ in range(5))] for graph in graphs]
    found = space_of([version for row in versions for version in row]).classes
    assert (found.reshape(40, 6) == found[::6, None]).all()
    assert (found <= np.arange(240)).all(), "a class has the number of its first architecture"


def rings(*sizes: int) -> Graph:
    """Two layers of convolutions, joined in rings: i -> i and i -> i + 1 within each."""
    total, begin = sum(sizes), 0
    edges = []
    for size in sizes:
        for i in range(size):
            edges += [(1 + begin + i, 1 + total + begin + j) for j in sorted({i, (i + 1) % size})]
        begin += size
    ends = 2 * total + 1
    edges += [(0, 1 + i) for i in range(total)] + [(1 + total + i, ends) for i in range(total)]
    return ["input", *["conv"] * 2 * total, "output"], edges


def test_what_colours_cannot_tell_apart_is_told_apart():
    rng = np.random.default_rng(6)
    graphs = [rings(6), rings(3, 3), rings(2, 4)]
    versions = [version for graph in graphs for version in (graph, renumbered(graph, rng))]
    assert space_of(versions).classes.tolist() == [0, 0, 2, 2, 4, 4]


def test_even_if_all_colours_collide(monkeypatch):
    monkeypatch.setattr(canonical, "mixed", np.zeros_like)
    test_equal_is_isomorphic()


def test_many_equal_branches_take_no_time():
    # 8! orders of the branches, of which none has to be tried.
    edges = [(0, 1 + i) for i in range(8)] + [(1 + i, 9 + i) for i in range(8)] + [(9 + i, 17) for i in range(8)]
    graph = (["input", *["conv"] * 8, *["max_pool"] * 8, "output"], edges)
    rng = np.random.default_rng(7)
    assert space_of([graph, *(renumbered(graph, rng) for _ in range(4))]).classes.tolist() == [0] * 5


def unique_string(arch: str, exact: bool) -> str:
    """`Structure.to_unique_str(consider_zero=True)` of the benchmark's code (D-X-Y/AutoDL-Projects), by its rules.

    With `exact`, zeros are left out of sums, and sums of sums are sorted as one.
    """
    nodes = ["0"]
    for text in arch.split("+"):
        terms = []
        for operation, number in re.findall(r"([^|~]+)~(\d)", text):
            before = nodes[int(number)]
            if operation == "none" or before == "#":
                terms.append("#")
            else:
                terms.append(before if operation == "skip_connect" else f"({before})@{operation}")
        if exact:
            terms = [term for sum_ in terms for term in split(sum_) if term != "#"] or ["#"]
        nodes.append("+".join(sorted(terms)))
    return nodes[-1]


def split(text: str) -> list[str]:
    """The terms of a sum."""
    terms, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "+" and not depth:
            terms.append("")
        else:
            terms[-1] += letter
    return terms


def test_nas_bench_201(shipped):
    space = shipped["nb201_c100"].space
    found = space.classes
    published = [unique_string(arch, exact=False) for arch in space.archs.tolist()]
    exact = [unique_string(arch, exact=True) for arch in space.archs.tolist()]
    assert (len(set(published)), len(set(exact)), len(np.unique(found))) == (6466, 4930, 5425)
    # Finer than the strings only where these can't tell one operation that is used twice from two.
    assert len(set(zip(exact, found.tolist(), strict=True))) == 5425
    flops = space.columns["flops"]
    assert len({(kind, round(cost, 6)) for kind, cost in zip(found.tolist(), flops[found], strict=True)}) == 5425


def test_nas_bench_macro(shipped):
    space = shipped["nb_macro"].space
    found = space.classes
    assert len(np.unique(found)) == 3969
    for column in ("flops", "params"):
        assert space.columns[column][found] == pytest.approx(space.columns[column])


@pytest.mark.slow
def test_equal_nano_cells_cost_the_same():
    space = nano_space("nano", constraints=[], unique=False)
    found = space.classes
    assert (len(space), len(np.unique(found))) == (24556, 12256), "`none` passes on what it takes"
    for column in ("flops", "params"):
        assert space.columns[column][found] == pytest.approx(space.columns[column])
