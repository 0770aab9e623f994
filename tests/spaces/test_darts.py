"""Pairs of DARTS cells: what published ones cost, how they are written, and which are equal."""

import pickle
import re

import numpy as np
import pytest

import siamnas
from siamnas.config.compose import compose
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from siamnas.spaces.darts import genotype
from siamnas.spaces.darts.cost import CELLS, DATASETS, OPERATIONS
from siamnas.spaces.darts.space import CellCost, Darts
from siamnas.testing import DomainContract

SEP, WIDE, DIL, DIL5 = "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"
MAX, AVG, SKIP = "max_pool_3x3", "avg_pool_3x3", "skip_connect"
PUBLISHED = {
    "DARTS_V1": (
        [(SEP, 1), (SEP, 0), (SKIP, 0), (SEP, 1), (SKIP, 0), (SEP, 1), (SEP, 0), (SKIP, 2)],
        [(MAX, 0), (MAX, 1), (SKIP, 2), (MAX, 0), (MAX, 0), (SKIP, 2), (SKIP, 2), (AVG, 0)],
    ),
    "DARTS_V2": (
        [(SEP, 0), (SEP, 1), (SEP, 0), (SEP, 1), (SEP, 1), (SKIP, 0), (SKIP, 0), (DIL, 2)],
        [(MAX, 0), (MAX, 1), (SKIP, 2), (MAX, 1), (MAX, 0), (SKIP, 2), (SKIP, 2), (MAX, 1)],
    ),
    "PC-DARTS": (
        [(SEP, 1), (SKIP, 0), (SEP, 0), (DIL, 1), (WIDE, 0), (SEP, 1), (AVG, 0), (DIL, 1)],
        [(WIDE, 1), (MAX, 0), (WIDE, 1), (WIDE, 2), (SEP, 0), (SEP, 3), (SEP, 1), (SEP, 2)],
    ),
    "PC-DARTS, ImageNet": (
        [(SKIP, 1), (SEP, 0), (SEP, 0), (SKIP, 1), (SEP, 1), (SEP, 3), (SEP, 1), (DIL5, 4)],
        [(SEP, 0), (SKIP, 1), (DIL5, 2), (MAX, 1), (SEP, 2), (SEP, 1), (WIDE, 0), (SEP, 3)],
    ),
    "P-DARTS": (
        [(SKIP, 0), (DIL, 1), (SKIP, 0), (SEP, 1), (SEP, 1), (SEP, 3), (SEP, 0), (DIL5, 4)],
        [(AVG, 0), (WIDE, 1), (SEP, 0), (DIL5, 2), (MAX, 0), (DIL, 1), (DIL, 1), (DIL5, 3)],
    ),
}
"""Name -> normal and reduction cell, as in the repositories of the papers."""


def text(name: str) -> str:
    normal, reduce = PUBLISHED[name]
    return f"Genotype(normal={normal}, normal_concat=range(2, 6), reduce={reduce}, reduce_concat=[2, 3, 4, 5])"


def params(dataset: str, name: str) -> float:
    space = Darts("darts", dataset)
    return space.graphs(space.parse(text(name))[None]).columns["params"][0]


def test_published_parameters():
    assert params("cifar10", "DARTS_V2") == 3_349_342
    millions = {  # as the papers and their repositories round them
        ("cifar10", "PC-DARTS"): 3.63,
        ("cifar10", "P-DARTS"): 3.4,
        ("imagenet", "DARTS_V2"): 4.7,
        ("imagenet", "PC-DARTS"): 5.3,
        ("imagenet", "PC-DARTS, ImageNet"): 5.3,
        ("imagenet", "P-DARTS"): 4.9,
    }
    for key, value in millions.items():
        digits = len(str(value).partition(".")[2])
        assert round(params(*key) / 1e6, digits) == value, key


def test_columns_of_many_are_those_of_one():
    space = Darts("darts", "cifar10")
    archs = space.sample(np.random.default_rng(0), 100)
    for name, values in space.graphs(archs).columns.items():
        cost = CellCost(*DATASETS["cifar10"], name)
        assert [cost(space.choices(arch)) for arch in archs] == values.tolist()


def test_genotypes_are_read_and_written():
    space = Darts("darts", "cifar10")
    for arch in space.sample(np.random.default_rng(0), 50):
        choices = space.choices(arch)
        assert genotype.read(genotype.write(choices)) == choices
        assert (space.parse(genotype.write(choices)) == arch).all()
    for name, cells in PUBLISHED.items():
        choices = space.choices(space.parse(f"  {text(name)}\n"))
        for cell, pairs in zip(CELLS, cells, strict=True):
            assert choices[cell] == {f"{begin}->{2 + i // 2}": operation for i, (operation, begin) in enumerate(pairs)}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("('sep_conv_3x3', 0)", "('sep_conv_7x7', 0)", "must be one of sep_conv_3x3"),
        ("('sep_conv_3x3', 0)", "('sep_conv_3x3', 2)", "node 2 must take two different ones of the nodes before it"),
        ("('sep_conv_3x3', 0)", "('sep_conv_3x3', 1)", "node 2 must take two different ones"),
        ("('sep_conv_3x3', 0), ", "", "a cell must be 8 pairs"),
        ("range(2, 6)", "[4, 5]", r"its nodes [2, 3, 4, 5] must be concatenated"),
        ("range(2, 6)", "range(2, 10**12)", "must be Genotype(normal="),
        ("range(2, 6)", f"range(2, {10**12})", r"its nodes [2, 3, 4, 5] must be concatenated"),
        ("normal=", "cell=", "must be Genotype(normal="),
        ("range(2, 6)", "range(os)", "must be Genotype(normal="),
        (")", "", "must be Genotype(normal="),
    ],
)
def test_what_is_no_genotype_is_said(old: str, new: str, message: str):
    with pytest.raises(InputError, match="^darts: no architecture .*" + re.escape(message)):
        Darts("darts", "cifar10").parse(text("DARTS_V2").replace(old, new, 1))


def test_cells_that_differ_by_the_order_of_their_nodes_are_equal():
    space = Darts("darts", "cifar10")
    normal, reduce = PUBLISHED["PC-DARTS"]
    swapped = [*normal[2:4], *normal[:2], *normal[4:]]  # neither takes the other, and no node takes one of them
    twins = [f"Genotype(normal={cell}, reduce={reduce})" for cell in (normal, swapped)]
    one, other = (space.parse(twin) for twin in twins)
    assert (one != other).any() and len(set(space.key(np.stack([one, other])))) == 1
    assert len(set(space.key(np.stack([space.parse(text(name)) for name in PUBLISHED])))) == len(PUBLISHED)


def test_constraints_hold_and_a_copy_is_the_same():
    cfg = compose(["space=darts", "space.dataset=imagenet", "space.constraints=[params<=4.5e6,macs<=500e6]"])
    space = build.space_or_benchmark(configuration.load(*cfg).config)
    archs = space.sample(np.random.default_rng(0), 200)
    columns = space.graphs(archs).columns
    assert space.name == "darts_imagenet" and columns["params"].max() <= 4.5e6 and columns["macs"].max() <= 500e6
    copy = pickle.loads(pickle.dumps(space))
    assert (copy.sample(np.random.default_rng(0), 200) == archs).all() and copy.classes == 1000
    with pytest.raises(InputError, match="space.dataset=mnist: must be one of cifar10, cifar100, imagenet"):
        configuration.load(*compose(["space=darts", "space.dataset=mnist"]))


def test_a_genotype_names_an_architecture_of_a_search():
    search = siamnas.Search("darts", budget=2)
    search.add({text("DARTS_V2"): 0.5, text("PC-DARTS"): 0.7})
    best = search.best()
    assert best.value == 0.7 and genotype.read(text("PC-DARTS")) == best.architecture.choices


def test_a_name_with_words_after_it(tmp_path):
    with siamnas.Search(
        "darts space.dataset=imagenet space.constraints=[params<=4.5e6]", journal=tmp_path / "j"
    ) as one:
        assert one.ask()[0].columns["params"] <= 4.5e6
    with siamnas.Search.open(tmp_path / "j") as search:
        assert search.space.name == "darts_imagenet" and search.open[0].columns["params"] <= 4.5e6
    for wrong, message in (
        ("space.dataset=mnist", "must be one of cifar10"),
        ("predictor=gp", "space=darts predictor=gp"),
    ):
        with pytest.raises(InputError, match=message):
            siamnas.Search(f"darts {wrong}")


def test_all_operations_of_the_published_search_are_there():
    assert set(OPERATIONS) == {SEP, WIDE, DIL, DIL5, MAX, AVG, SKIP}
    assert Darts("darts", "cifar10").size == pytest.approx(1.1e18, rel=0.03)


class TestContract(DomainContract):
    def make(self):
        return Darts("darts", "cifar10")


class TestContractWithAConstraint(DomainContract):
    def make(self):
        return Darts("darts", "imagenet", ["params<=4.6e6"])
