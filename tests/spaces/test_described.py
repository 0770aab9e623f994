"""Described spaces against references that are slow and obvious, over random descriptions."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
from hypothesis import given, reject, settings
from spaces.descriptions import Built, descriptions

import siamnas
from siamnas.candidates.window import Window, reference
from siamnas.graphs import features
from siamnas.graphs.batch import GraphBatch
from siamnas.spaces import nb201
from siamnas.spaces.described import files, language
from siamnas.spaces.described.encoding import RowSpace
from siamnas.spaces.described.lowering import lower
from siamnas.spaces.described.space import Described, as_whole
from siamnas.testing import DomainContract

MOST = 20_000  # rows that are listed
CHECKS = [name for name in dir(DomainContract) if name.startswith("test_")]


class OfDescription(DomainContract):
    """The contract of a description."""

    def __init__(self, description: language.Part) -> None:
        self.description = description

    def make(self) -> Described:
        return Described(self.description, "random")


def all_rows(space: Described) -> np.ndarray:
    """Every row of a description, by all combinations of options."""
    rows = RowSpace(lower(space.description))
    if np.prod(rows.sizes.astype(float)) > MOST:
        reject()
    every = np.array(list(product(*map(range, rows.sizes.tolist()))), np.int16).reshape(-1, len(rows.sizes))
    return np.unique(rows.normalised(every), axis=0)


@given(descriptions)
@settings(max_examples=25, deadline=None)
def test_random_descriptions_fulfil_the_contract(description):
    contract = OfDescription(description)
    for check in CHECKS:
        getattr(contract, check)()


@given(descriptions)
@settings(max_examples=100, deadline=None)
def test_the_size_is_the_number_of_rows(description):
    space = Described(description)
    assert space.size == len(all_rows(space))


@given(descriptions)
@settings(max_examples=60, deadline=None)
def test_keys_are_equal_where_graphs_built_from_the_choices_are(description):
    space = Described(description)
    archs = space.sample(np.random.default_rng(0), 9)
    keys, built = space.key(archs), [Built(space.description, space.choices(arch)) for arch in archs]
    for i in range(len(archs)):
        for j in range(i):
            assert (keys[i] == keys[j]) == built[i].equals(built[j])


def test_numbers_in_a_cell_are_the_same_layer_on_every_edge():
    space = siamnas.Space.of_choices({"cell": siamnas.dag([3, 5], nodes=2, inputs=2, sources=2)})
    assert space.node_types == ("absent", "sum", "input", "source_0", "source_1", "cell3", "cell5", "output")
    one, exchanged, other = map(space.parse, ("cell=3/5/0+1/5/5", "cell=5/5/0+1/3/5", "cell=5/5/0+1/5/3"))
    same, as_well, different = space.key(np.stack([one, exchanged, other]))
    assert same == as_well != different


@given(descriptions)
@settings(max_examples=100, deadline=None)
def test_neighbours_are_all_rows_that_differ_in_one_choice(description):
    space = Described(description)
    arch = space.sample(np.random.default_rng(0), 1)[0]
    every = all_rows(space)
    near = space.neighbours(arch, np.random.default_rng(1), 10_000)
    sizes = RowSpace(lower(space.description)).sizes
    assert len(near) == (sizes[arch >= 0] - 1).sum()
    for one in near:
        assert ((one != arch) & (one >= 0) & (arch >= 0)).sum() == 1
        assert (every == one).all(axis=1).any()


@given(descriptions)
@settings(max_examples=100, deadline=None)
def test_a_definition_says_all(description):
    space = Described(description)
    assert files.of_text(space.definition).description == space.description == as_whole(description)


def test_every_row_is_equally_likely_where_all_choices_play_a_part():
    space = siamnas.Space.of_choices({"a": [1, 2, 3], "b": ["x", "y"]})
    rows, counts = np.unique(space.sample(np.random.default_rng(0), 60_000), axis=0, return_counts=True)
    assert len(rows) == 6 and abs(counts - 10_000).max() < 500


BENCHMARK = siamnas.dag(
    ["zeros", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"],
    edges=[(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)],
)


def test_nas_bench_201_described_has_the_graphs_of_its_list():
    space = Described(BENCHMARK)
    rows = all_rows(space)  # the last edge fastest
    names = np.array([column.options for column in space._lowered.columns])
    operations = names[np.arange(6), rows]
    number = {name: i for i, name in enumerate(("zeros", *nb201.OPERATIONS[1:]))}
    types = nb201.node_types(np.vectorize(number.get)(operations).astype(np.uint8))
    listed = GraphBatch(node_types=nb201.NODE_TYPES, types=types, adjacency=nb201.adjacency())
    graphs = space.graphs(rows)
    assert (graphs.classes == listed.classes).all() and len(np.unique(listed.classes)) == 5425
    first: dict[bytes, int] = {}
    assert [first.setdefault(key, i) for i, key in enumerate(space.key(rows))] == listed.classes.tolist()
    for name in ("graph", "paths", "onehot"):
        found, expected = (features.build(batch, [name]) for batch in (graphs, listed))
        order = [found.names.index(one) for one in expected.names]
        assert sorted(found.names) == sorted(expected.names)
        assert (found.values[:, order] == expected.values).all()


def test_darts_is_as_large_as_published():
    operations = ["max_pool", "avg_pool", "skip_connect", "sep3", "sep5", "dil3", "dil5"]
    cell = siamnas.dag(operations, nodes=4, inputs=2, sources=2)
    space = siamnas.Space.of_choices({"normal": cell, "reduce": cell})
    assert space.size == (1 * 3 * 6 * 10 * 7**8) ** 2  # about 10^18 (arXiv 1806.09055, section 4.1)
    assert repr(space) == (
        "<Space 'own': architectures 1.08e+18, choices 22, nodes 32, node types 13, free columns none>"
    )


def test_a_chain_shares_its_edges_and_pads_with_what_pruning_splices():
    block = {"k": [3, 5, 7], "e": [3, 4, 6]}
    space = siamnas.Space.of_choices({f"stage{i}": siamnas.repeat(block, 2, 4) for i in range(5)})
    assert space.size == (9**2 + 9**3 + 9**4) ** 5  # once-for-all, without image sizes
    archs = space.sample(np.random.default_rng(0), 100)
    graphs = space.graphs(archs)
    assert graphs.adjacency.shape == (22, 22) and "k3e6" in graphs.node_types
    depths = [sum(map(len, space.choices(arch).values())) for arch in archs]
    assert ((graphs.pruned.operations >= 0).sum(axis=1) == depths).all()


def test_layers_move_from_one_stage_to_the_next_by_name_only():
    stage = siamnas.repeat({"k": [3]}, 1, 3)
    space = siamnas.Space.of_choices(siamnas.chain(stage, stage))
    archs = [space.parse(text) for text in ("1:3 3:3,3,3", "3:3,3,3 1:3", "2:3,3 2:3,3")]
    assert len(set(space.key(np.stack(archs)))) == 3, "a stage begins with a layer unlike others, such as a stride"
    space = siamnas.Space.of_choices(siamnas.chain(siamnas.optional("conv"), siamnas.optional("conv")))
    archs = [space.parse(text) for text in ("True False", "False True")]
    assert len(set(space.key(np.stack(archs)))) == 1


def test_too_many_combinations_become_several_nodes():
    space = siamnas.Space.of_choices({"layers": siamnas.repeat({name: list(range(7)) for name in "abc"}, 2, 3)})
    assert space.nodes == 2 + 3 * 3 and len(space.node_types) == 4 + 21
    small = siamnas.Space.of_choices({"layers": siamnas.repeat({name: [1, 2] for name in "abc"}, 2, 3)})
    assert small.nodes == 2 + 3 and "a1b2c1" in small.node_types


def test_it_goes_to_other_processes_and_threads():
    described = {"layers": siamnas.repeat({"k": [3, 5]}, 1, 3)}
    space = Described(described, "own", {"cost": "sum(l.k for l in layers)", "depth": depth}, ["cost<=9"])
    again = pickle.loads(pickle.dumps(space))
    archs = again.sample(np.random.default_rng(0), 500)
    assert (archs == space.sample(np.random.default_rng(0), 500)).all()
    alone = [space.graphs(archs[i : i + 7]).columns["cost"] for i in range(400)]
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda i: space.graphs(archs[i : i + 7]).columns["cost"], range(400))
        assert all((one == other).all() for one, other in zip(found, alone, strict=True))


def depth(choices):
    return len(choices["layers"])


class TestHundredsOfOptions(DomainContract):
    """More node types than a byte can number, beside a cell whose edges depend on choices."""

    def make(self) -> Described:
        cell = language.dag(["conv", "pool", "skip"], nodes=2, inputs=1)
        return Described({"tokenizer": [f"t{i}" for i in range(300)], "cell": cell}, "hundreds")

    def test_options_are_told_apart_by_key_and_features(self):
        space = self.make()
        rows = space.sample(np.random.default_rng(0), 1)[np.zeros(300, int)]
        rows[:, 0] = np.arange(300)
        assert len(set(space.key(rows))) == 300
        window = Window.of(space, rows, reference(space))
        names = features.build(window, ["onehot"]).names
        node = window.operations(299).index("t299")
        assert [name for name in names if name.endswith(" is t299")] == [f"node {node} is t299"]  # of no other node
