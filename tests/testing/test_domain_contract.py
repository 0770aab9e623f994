"""The contract of a domain: each check fails for a space that breaks it, and a good one passes all."""

import dataclasses
from itertools import count

import numpy as np
import pytest

from siamnas import InputError, chain, dag, repeat
from siamnas.graphs.features.base import FeatureSet
from siamnas.spaces.described.space import Described
from siamnas.testing import DomainContract

CALLS = count()


class Good(Described):
    def __init__(self):
        cell = dag(["conv", "pool", "skip"], nodes=3, inputs=1)
        layers = repeat({"k": [3, 5]}, 2, 4)
        super().__init__(chain(cell=cell, layers=layers), "good", {"depth": "len(layers)"}, ["depth<=3"])


class FewerThanWanted(Good):
    def sample(self, rng, count):
        return super().sample(rng, count)[1:]


class OverTheLimit(Good):
    def sample(self, rng, count):
        return self._drawn(rng, count)


class Unseeded(Good):
    def sample(self, rng, count):
        return super().sample(np.random.default_rng(next(CALLS)), count)


class Global(Good):
    def sample(self, rng, count):
        np.random.rand()  # noqa: NPY002
        return super().sample(rng, count)


class Farther(Good):
    def neighbours(self, arch, rng, most):
        near = super().neighbours(arch, rng, most)
        return np.stack([super(Farther, self).neighbours(one, rng, 1)[0] for one in near])


class Itself(Good):
    def neighbours(self, arch, rng, most):
        return np.concatenate([super().neighbours(arch, rng, most - 1), arch[None]])


class TooMany(Good):
    def neighbours(self, arch, rng, most):
        return super().neighbours(arch, rng, most + 1)


class Orphan(Good):
    def crossover(self, one, other, rng):
        return self.sample(rng, 1)[0]


class NodesOfOne(Good):
    def graphs(self, archs):
        graphs = super().graphs(archs)
        return dataclasses.replace(graphs, types=graphs.types[:, :-1], adjacency=graphs.adjacency[..., :-1, :-1])


class WithoutColumns(Good):
    def graphs(self, archs):
        return dataclasses.replace(super().graphs(archs), columns={})


class OfTheBatch(Good):
    def features(self, archs):
        features = super().features(archs)
        return FeatureSet(features.values - np.fmax.reduce(features.values), features.names, features.groups)


class OnlySeen(Good):
    def features(self, archs):
        features = super().features(archs)
        kept = np.flatnonzero(np.fmax.reduce(features.values) > np.fmin.reduce(features.values))
        names = tuple(features.names[i] for i in kept)
        return FeatureSet(features.values[:, kept], names, np.unique(features.groups[kept], return_inverse=True)[1])


class OfRows(Good):
    def key(self, archs):
        return [arch.tobytes() for arch in archs]


class OfDepth(Good):
    def key(self, archs):
        return [str(len(self.choices(arch)["layers"])).encode() for arch in archs]


class Lines(Good):
    def describe(self, arch):
        return super().describe(arch).replace(" ", "\n")

    def parse(self, text):
        return super().parse(text.replace("\n", " "))


class Lenient(Good):
    def parse(self, text):
        try:
            return super().parse(text)
        except InputError:
            return self.sample(np.random.default_rng(0), 1)[0]


class Forgetful(Good):
    @property
    def definition(self):
        return super().definition.replace("constraints: [depth<=3]", "")


class Smaller(Good):
    def __init__(self):
        super().__init__()
        self.size = 5


BROKEN = {
    FewerThanWanted: "sample_is",
    OverTheLimit: "sample_is",
    Unseeded: "same_seed",
    Global: "generators",
    Farther: "one_choice",
    Itself: "one_choice",
    TooMany: "one_choice",
    Orphan: "children",
    NodesOfOne: "one_shape",
    WithoutColumns: "one_shape",
    OfTheBatch: "alone",
    OnlySeen: "always_the_same",
    OfRows: "isomorphic",
    OfDepth: "isomorphic",
    Lines: "texts",
    Lenient: "texts",
    Forgetful: "definition",
    Smaller: "size",
}


def contract(kind: type[Described]) -> DomainContract:
    class Of(DomainContract):
        def make(self):
            return kind()

    return Of()


def checks(part: str = "") -> list[str]:
    return [name for name in dir(DomainContract) if name.startswith("test_") and part in name]


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_domain_is_noticed(kind):
    (check,) = checks(BROKEN[kind])
    with pytest.raises((AssertionError, InputError)):
        getattr(contract(kind), check)()


@pytest.mark.parametrize("check", checks())
def test_a_good_domain_passes(check):
    getattr(contract(Good), check)()
