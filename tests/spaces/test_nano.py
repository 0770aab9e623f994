"""The Nano space: every valid cell once, whatever the numbers of its nodes."""

from collections import Counter
from itertools import combinations, permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from siamnas.cells.nano_graph import read
from siamnas.config.compose import compose
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from siamnas.search.ask_tell import Search
from siamnas.spaces.listed import Space as BaseSpace
from siamnas.spaces.nano.cells import OPERATIONS, Cell, cells
from siamnas.spaces.nano.space import NODE_TYPES
from siamnas.spaces.public import Space
from tests.cells.nano import Graph, graphs
from tests.spaces.jsons import ARCH, SMALL, folder_of
from tests.spaces.shipped import make, options

COUNTS = {2: 1, 3: 5, 4: 30, 5: 225, 6: 2_050, 7: 22_245}


@pytest.fixture(scope="module")
def light() -> Space:
    return Space.of_nano()


@pytest.fixture(scope="module")
def names() -> dict[int, set[str]]:
    """The names of all cells by their number of nodes."""
    return {nodes: {cell.name for cell in cells(nodes)} for nodes in COUNTS}


def renumbered(
    operations: Any, edges: Any, order: tuple[int, ...]
) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """The same cell with other numbers on its nodes: `order[node]`."""
    placed = sorted(zip(order, operations, strict=True))
    return tuple(name for _, name in placed), tuple(sorted((order[begin], order[end]) for begin, end in edges))


def orders(nodes: int) -> list[tuple[int, ...]]:
    return [(0, *inner, nodes - 1) for inner in permutations(range(1, nodes - 1))]


def valid(nodes: int) -> set[tuple[tuple[str, ...], tuple[tuple[int, int], ...]]]:
    """Of all graphs and operations those that are valid; of equal ones the smallest over all numbers of the nodes."""
    found = set()
    pairs = list(combinations(range(nodes), 2))
    for chosen in product([False, True], repeat=len(pairs)):
        edges = [pair for pair, there in zip(pairs, chosen, strict=True) if there]
        leaving, entering = Counter(begin for begin, _ in edges), Counter(end for _, end in edges)
        if any(not entering[node] for node in range(1, nodes)) or leaving[0] != 1:
            continue
        if any(leaving[node] not in (1, 2) for node in range(1, nodes - 1)):
            continue
        for inner in product(OPERATIONS, repeat=nodes - 2):
            if all((name == "split") == (leaving[node] == 2) for node, name in enumerate(inner, 1)):
                operations = ("input", *inner, "output")
                found.add(min(renumbered(operations, edges, order) for order in orders(nodes)))
    return found


@pytest.mark.parametrize("nodes", [2, 3, 4, 5])
def test_the_cells_are_all_that_are_valid_and_none_twice(nodes: int):
    listed = [min(renumbered(cell.operations, cell.edges, order) for order in orders(nodes)) for cell in cells(nodes)]
    assert len(set(listed)) == len(listed)
    assert set(listed) == valid(nodes)


def test_how_many_there_are(names: dict[int, set[str]]):
    assert {nodes: sum(1 for _ in cells(nodes)) for nodes in range(2, 7)} == {n: COUNTS[n] for n in range(2, 7)}
    assert {nodes: len(found) for nodes, found in names.items()} == COUNTS, "no two have one name"


@settings(max_examples=200)
@given(graphs())
def test_of_all_numbers_that_the_nodes_of_a_cell_may_have_one_is_in_the_space(names: dict[int, set[str]], graph: Graph):
    operations, edges = graph
    found = set()
    for order in orders(len(operations)):
        renamed, pairs = renumbered(operations, edges, order)
        if all(begin < end for begin, end in pairs):
            successors = tuple(tuple(end for begin, end in pairs if begin == node) for node in range(len(renamed)))
            found.add(Cell(renamed, successors).name)
    assert len(found & names[len(operations)]) == 1


def test_the_name_of_a_cell_says_what_it_is():
    cell = Cell(("input", "split", "atten", "none", "output"), ((1,), (2, 3), (4,), (4,), ()))
    assert cell.name == "split~0|atten~1|none~1|output~2~3"
    assert cell.edges == [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4)]


def test_the_light_space(light: Space):
    assert (light.name, len(light), light.card["architectures"]) == ("nano", 4_374, "4374 of 24556")
    assert light.node_types == NODE_TYPES == tuple(options("json")["node_types"]) and light.types.shape == (4_374, 7)
    flops = light.columns["flops"]
    assert flops.max() <= 35 and flops.min() == 20.32128, "stem, two changes of width, classifier"
    assert set(light.archs[:3]) == {"output~0", "dwconv3x3~0|output~1", "atten~0|output~1"}
    # One convolution over all channels, or a wider output, costs more than everything else.
    used = {name for arch in range(len(light)) for name in light.operations(arch)}
    assert used == {"input", "dwconv3x3", "atten", "split", "none", "output"}


def test_every_cell_is_one_that_the_network_takes(light: Space):
    for arch in range(0, len(light), 10):
        nodes = read(light, arch)
        taken = ["~".join([node.operation, *(str(source) for source, _ in node.sources)]) for node in nodes[1:]]
        assert "|".join(taken) == light.archs[arch]


def test_a_limit_and_its_absence(light: Space):
    lighter = Space.of_nano(["flops<=25"])
    kept = light.columns["flops"] <= 25
    assert lighter.archs.tolist() == light.archs[kept].tolist()
    np.testing.assert_array_equal(lighter.columns["params"], light.columns["params"][kept])
    with pytest.raises(
        InputError,
        match=r"space\.constraints=flops<=20: no architecture is left; flops of these 24,556 is from 20\.3213",
    ):
        Space.of_nano(["flops<=20"])


@pytest.mark.slow
def test_all_cells():
    whole: Any = make("nano", constraints=[])
    assert isinstance(whole, BaseSpace) and len(whole) == sum(COUNTS.values()) == 24_556
    assert len(set(whole.archs)) == len(whole)


def test_a_search_of_ones_own_takes_it_by_its_name(light: Space):
    with Search("nano", predictor="random", budget=4) as search:
        assert search.space.archs.tolist() == light.archs.tolist()
        while archs := search.ask():
            search.tell(archs, [float(light.columns["flops"][arch]) for arch in archs])
        assert search.best() is not None


def test_the_published_benchmark_is_a_folder(tmp_path: Path):
    heavy = ARCH | {"id": 3, "flops": 40.0}
    folder = folder_of(tmp_path, a=ARCH, b=SMALL, c=heavy)
    found = build.benchmark(configuration.load(*compose(["space=tiny_nanobench", f"space.path={folder}"])).config)
    assert found.space.archs.tolist() == ["1", "2"] and found.space.node_types == NODE_TYPES
    assert found.measured.label.tolist() == [0.9, 0.8] and found.measured.code_name == "est_code"


def test_a_job_needs_what_was_measured():
    job = configuration.load(*compose(["space=nano"]))
    with pytest.raises(InputError, match="space=nano: has no accuracies to search by; oracle=train makes them"):
        build.benchmark(job.config)
