"""The contract of a space that nobody can list."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from siamnas.graphs import canonical
from siamnas.spaces.described import files
from siamnas.spaces.domain import Domain, Rows
from siamnas.testing import expect

COUNT = 40  # architectures that are looked at
NEIGHBOURS = 12


class DomainContract(ABC):
    """Subclass it as `TestMine` and say how yours is made."""

    @abstractmethod
    def make(self) -> Domain:
        """The space."""

    def test_a_sample_is_of_the_space(self) -> None:
        domain = self.make()
        archs = self._sample(domain)
        assert len(archs) == COUNT, f"sample: must be {COUNT}, not {len(archs)}"
        for arch in archs:
            again = domain.parse(domain.describe(arch))  # refuses what breaks a constraint
            assert np.array_equal(again, arch), f"parse(describe(arch)): {again!r}, not {arch!r}"
        assert len(domain.sample(_rng(), 0)) == 0, "sample: none are wanted"

    def test_texts_name_architectures(self) -> None:
        domain = self.make()
        archs = self._sample(domain)
        texts = _texts(domain, archs)
        assert all(text.splitlines() == [text] for text in texts), "describe: must be a text of one line"
        again = domain.stack([domain.parse(text) for text in texts])
        assert domain.key(again) == domain.key(archs), "key: changes by describe and parse"
        with expect.refused(domain.name):
            domain.parse("no architecture at all")

    def test_the_same_seed_draws_the_same(self) -> None:
        domain, other = self.make(), self.make()
        first = self._sample(domain)
        domain.neighbours(first[0], _rng(1), NEIGHBOURS)  # what was asked before must not matter
        for archs in (self._sample(domain), self._sample(other)):
            assert _texts(domain, archs) == _texts(domain, first), "sample: differs for the same seed"
        for made in (domain, other):
            near = made.neighbours(first[0], _rng(2), NEIGHBOURS)
            assert _texts(made, near) == _texts(domain, domain.neighbours(first[0], _rng(2), NEIGHBOURS)), "neighbours"
            child, same = (one.crossover(first[0], first[1], _rng(3)) for one in (made, domain))
            assert made.describe(child) == domain.describe(same), "crossover: differs for the same seed"

    def test_the_generators_of_the_user_are_untouched(self) -> None:
        with expect.generators_untouched():
            domain = self.make()
            archs = self._sample(domain)
            domain.neighbours(archs[0], _rng(), NEIGHBOURS)
            domain.crossover(archs[0], archs[1], _rng())
            domain.features(archs)

    def test_neighbours_differ_in_one_choice(self) -> None:
        domain = self.make()
        for arch in self._sample(domain)[:10]:
            near = domain.neighbours(arch, _rng(1), NEIGHBOURS)
            assert len(near) <= NEIGHBOURS, f"neighbours: at most {NEIGHBOURS}, not {len(near)}"
            texts = _texts(domain, near)
            assert len(set(texts)) == len(texts) and domain.describe(arch) not in texts, "neighbours: two are equal"
            changed = [_changed(one, arch) if _of_integers(one) else 1 for one in near]
            most = 1 if min(changed, default=1) <= 1 else 2  # where none that differs in one is allowed
            for number, text in zip(changed, texts, strict=True):
                domain.parse(text)
                assert number <= most, f"neighbours: {text} differs in several"

    def test_children_are_of_the_space_and_of_their_parents(self) -> None:
        domain = self.make()
        archs = self._sample(domain)
        for one, other in zip(archs[::2], archs[1::2], strict=True):
            domain.parse(domain.describe(domain.crossover(one, other, _rng(1))))
            same = domain.crossover(one, one, _rng(1))
            assert not _of_integers(one) or np.array_equal(same, one), "crossover: a child of twins must be as they are"

    def test_graphs_are_of_one_shape(self) -> None:
        domain = self.make()
        for archs in (self._sample(domain), self._sample(domain)[:1]):
            graphs = domain.graphs(archs)
            assert graphs.node_types == domain.node_types, "graphs: must have the node types of the space"
            expect.shaped(graphs.types, (len(archs), domain.nodes), "graphs: types")
            assert graphs.adjacency.shape[-2:] == (domain.nodes, domain.nodes), "graphs: adjacency"
            assert (np.diagonal(graphs.adjacency, axis1=-2, axis2=-1) == 1).all(), "graphs: a node has no self loop"
            assert tuple(graphs.columns) == domain.columns, "graphs: must have the columns of the space"
            for name, column in graphs.columns.items():
                expect.shaped(column, (len(archs),), f"graphs: column {name}")

    def test_an_architecture_alone_is_as_among_others(self) -> None:
        domain = self.make()
        archs = self._sample(domain)[:10]
        graphs, features, keys = domain.graphs(archs), domain.features(archs), domain.key(archs)
        for seat, arch in enumerate(archs):
            alone = domain.stack([arch])
            expect.same(domain.graphs(alone).types[0], graphs.types[seat], "graphs: types of one alone")
            expect.same(domain.features(alone).values[0], features.values[seat], "features of one alone")
            assert domain.key(alone) == [keys[seat]], "key of one alone"

    def test_features_are_always_the_same(self) -> None:
        domain = self.make()
        archs = self._sample(domain)
        features, few = domain.features(archs), domain.features(archs[:1])
        expect.shaped(features.values, (len(archs), len(features.names)), "features")
        assert features.names == few.names and (features.groups == few.groups).all(), "features: depend on the batch"
        assert len(set(features.names)) == len(features.names), "features: two have one name"
        steps = np.diff(features.groups, prepend=0)
        assert ((steps == 0) | (steps == 1)).all() and (features.groups[:1] == 0).all(), "features: groups from 0 on"
        assert not np.isinf(features.values).any(), "features: must be finite, or NaN"

    def test_equal_keys_are_isomorphic_graphs(self) -> None:
        domain = self.make()
        archs = self._sample(domain)
        forms = [form.tobytes() for form in canonical.forms(domain.graphs(archs).pruned)]
        pairs = set(zip(domain.key(archs), forms, strict=True))
        assert len({key for key, _ in pairs}) == len(pairs), "key: graphs that differ have equal keys"
        assert len({form for _, form in pairs}) == len(pairs), "key: isomorphic graphs have different keys"

    def test_the_size_is_not_too_small(self) -> None:
        domain = self.make()
        found = len(set(_texts(domain, domain.sample(_rng(), 4 * COUNT))))
        assert domain.size is None or (type(domain.size) is int and domain.size >= found), "size"

    def test_its_definition_makes_it_again(self) -> None:
        domain = self.make()
        if domain.definition is None:
            return
        again = files.of_text(domain.definition)
        assert again.definition == domain.definition, "definition: of the space that it makes"
        assert _texts(again, self._sample(again)) == _texts(domain, self._sample(domain)), "definition: other samples"

    def test_choices_can_be_read(self) -> None:
        domain = self.make()
        for arch in self._sample(domain):
            assert isinstance(domain.choices(arch), dict), "choices: must be a dict"

    def _sample(self, domain: Domain) -> Rows:
        return domain.sample(_rng(), COUNT)


def _rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def _texts(domain: Domain, archs: Rows) -> list[str]:
    return [domain.describe(arch) for arch in archs]


def _of_integers(arch: Any) -> bool:
    """Whether an architecture is a row of numbers of options, -1 where a choice plays no part."""
    return isinstance(arch, np.ndarray) and np.issubdtype(arch.dtype, np.integer)


def _changed(one: Rows, other: Rows) -> int:
    """In how many choices that play a part in both two rows differ."""
    return int(((one != other) & (one >= 0) & (other >= 0)).sum())
