"""Spaces of the user's own functions."""

import numpy as np
import pytest

import siamnas
from siamnas import InputError
from siamnas.testing import DomainContract

OPERATIONS = ("conv", "pool", "skip")


def sample(rng):
    return tuple(rng.choice(OPERATIONS, size=rng.integers(2, 6)).tolist())


def mutate(arch, rng):
    place, new = int(rng.integers(len(arch))), str(rng.choice(OPERATIONS))
    return (*arch[:place], new, *arch[place + 1 :])


def graph(arch):
    return ["input", *arch, "output"], [(i, i + 1) for i in range(len(arch) + 1)]


def made(**more):
    return siamnas.Space.of_sampler(sample, mutate, graph, **more)


class TestPlain(DomainContract):
    def make(self):
        return made()


class TestLimited(DomainContract):
    def make(self):
        return made(columns={"convs": lambda a: a.count("conv")}, constraints=["convs>=1", lambda a: len(a) < 5])


class Own:
    """An architecture that is no literal of Python."""

    def __init__(self, layers):
        self.layers = layers


class TestOwnObjects(DomainContract):
    def make(self):
        return siamnas.Space.of_sampler(
            lambda rng: Own(sample(rng)),
            lambda arch, rng: Own(mutate(arch.layers, rng)),
            lambda arch: graph(arch.layers),
            crossover=lambda one, other, rng: Own((one.layers[0], *other.layers[1:])),
            describe=lambda arch: "-".join(arch.layers),
            parse=lambda text: Own(tuple(text.split("-"))) if set(text.split("-")) <= set(OPERATIONS) else 1 / 0,
            choices=lambda arch: {"layers": list(arch.layers)},
            name="objects",
        )

    def test_a_sample_is_of_the_space(self):
        space = self.make()
        for arch in space.sample(np.random.default_rng(0), 20):
            assert space.parse(space.describe(arch)).layers == arch.layers


def test_a_search_goes_on_with_them(tmp_path):
    space = made(columns={"depth": len}, constraints=["depth<=4"])
    search = siamnas.Search(space, budget=12, journal=tmp_path / "journal")
    while archs := search.ask():
        assert len(archs[0].choices["architecture"]) <= 4
        search.tell(archs, [arch.choices["architecture"].count("conv") for arch in archs])
    assert search.best().value == 4
    search.close()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"graph": lambda arch: arch}, "graph must return operations and edges"),
        ({"graph": lambda arch: (["a"], [(0, 1)])}, "must join two of 1 nodes"),
        ({"graph": lambda arch: (["a", "b"], [(0, 1), (1, 0)])}, "has a cycle"),
        ({"sample": lambda rng: rng.nothing}, "sample: .* has failed"),
        ({"sample": lambda rng: Own("ab"), "graph": lambda arch: (["a"], [])}, "give describe and parse"),
        ({"describe": str}, "both be given"),
        ({"operations": ["conv"]}, "a graph has the operation"),
        ({"nodes": 3}, "a graph has . nodes"),
        ({"constraints": ["depth<=3"]}, "no column depth"),
        ({"columns": {"depth": lambda arch: None}, "constraints": ["depth<=3"]}, "must be a number, not None"),
    ],
)
def test_what_can_not_be_is_named(more, why):
    functions = {"sample": sample, "mutate": mutate, "graph": graph}
    with pytest.raises(InputError, match=why):
        space = siamnas.Space.of_sampler(**(functions | more))
        space.graphs(space.sample(np.random.default_rng(0), 50))
