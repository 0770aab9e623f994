"""Free columns and constraints of described spaces: computed as by Python, and kept, however rare what they allow."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import siamnas
from siamnas import InputError, chain, choice, dag, optional, repeat
from siamnas.spaces.described.space import Described
from siamnas.testing import DomainContract

LAYERS = repeat({"mlp": [2, 3, 4], "heads": [4, 8, 12]}, 10, 12)
TRANSFORMER = {"embed": [192, 384, 768], "layers": LAYERS, "bias": [True, False]}
PARAMS = "2*50254*embed + sum(256*embed*l.heads + 3*l.mlp*embed**2 + 4*embed for l in layers)"
MIXED = {
    "width": choice([16, 32], name="width"),
    "stages": repeat(
        chain(layers=repeat({"k": [3, 5], "w": choice([16, 32], name="width")}, 0, 2), end=["a", "b"]), 1, 2
    ),
    "gate": optional({"size": [1, 2, 4]}),
    "head": choice({"pool": None, "mlp": {"units": [8, 16]}}),
    "cell": dag(["conv", "skip"], nodes=2, inputs=1),
}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def params(c: dict[str, Any]) -> int:
    """Of a transformer, in Python."""
    d = c["embed"]
    return 2 * 50254 * d + sum(256 * d * l["heads"] + 3 * l["mlp"] * d**2 + 4 * d for l in c["layers"])  # noqa: E741


def read(value: Any) -> Any:
    """Choices whose parts are attributes, as expressions name them."""
    if isinstance(value, dict):
        return SimpleNamespace(**{key: read(one) for key, one in value.items()})
    return [read(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "text",
    [
        "width + 2*len(stages) - 1",
        "sum(len(s.layers) for s in stages)",
        "sum(sum(l.k**2 * l.w for l in s.layers) for s in stages)",
        "sum(sum(l.k for l in s.layers) * width for s in stages if s.end == 'a')",
        "max(len(s.layers) for s in stages) // 2",
        "sum({'a': 1.5, 'b': 2}[s.end] for s in stages)",
        "gate.size + 1 if gate else -width",
        "width if width > 16 and not gate else min(3, 4) / 2",
        "sqrt(width) % 3 + log2(width) + abs(-2)",
    ],
)
def test_an_expression_is_what_python_computes(text):
    space = Described(MIXED, columns={"known": text})
    archs = space.sample(rng(), 60)
    names = {"sqrt": np.sqrt, "log2": np.log2}
    expected = [eval(text, {**names, **vars(read(space.choices(arch)))}) for arch in archs]
    found = space.graphs(archs).columns["known"]
    assert found == pytest.approx(expected, rel=1e-12) and len(set(found)) > 1


def test_an_expression_reads_choices_of_parts_and_cells():
    text = "(head['mlp'].units if 'mlp' in head else 0) + sum(10 for op in cell if op == 'conv')"
    space = Described(MIXED, columns={"known": text})
    for arch, found in zip(archs := space.sample(rng(), 40), space.graphs(archs).columns["known"], strict=True):
        c = space.choices(arch)
        units = c["head"]["mlp"]["units"] if "mlp" in c["head"] else 0
        assert found == units + 10 * list(c["cell"].values()).count("conv")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("widht", "no choice widht"),
        ("width +", "no expression"),
        ("width.__class__", "no part __class__"),
        ("open('x')", "no function open"),
        ("(lambda: 1)()", "no arithmetic"),
        ("[w for w in (1, 2)]", "no arithmetic"),
        ("9**9**9", "powers must be at most"),
        ("stages", "no number"),
        ("sum(l.nothing for l in stages)", "no part nothing; there are layers, end"),
        ("'a' * 3", "no number"),
        ("1" * 20_000, "at most 10,000 characters"),
        ("-" * 5000 + "1", ""),
    ],
)
def test_what_is_no_arithmetic_is_refused(text, why):
    with pytest.raises(InputError, match=f"columns.known.*{why}"):
        Described(MIXED, columns={"known": text})


def test_a_function_and_an_expression_say_the_same():
    spaces = [Described(TRANSFORMER, columns={"params": how}, constraints=["params<=35e6"]) for how in (PARAMS, params)]
    archs = spaces[0].sample(rng(), 100)
    assert (spaces[0].graphs(archs).columns["params"] == spaces[1].graphs(archs).columns["params"]).all()
    assert (spaces[0].features(archs).values[:, -1] == np.log([params(spaces[1].choices(a)) for a in archs])).all()


def kept(space: Described, limit: float) -> None:
    """All that comes from a space fulfils its limit on the parameters."""
    archs = space.sample(rng(), 200)
    near = [space.neighbours(arch, rng(1), 50) for arch in archs[:30]]
    children = [space.crossover(*pair, rng(2)) for pair in zip(archs[:30], archs[30:60], strict=True)]
    assert sum(map(len, near)) > 100 and len({space.describe(arch) for arch in archs}) > 150
    for arch in (*archs, *np.concatenate(near), *children):
        assert params(space.choices(arch)) <= limit


def test_what_one_in_a_hundred_thousand_fulfils_is_found_and_kept():
    plain = Described(TRANSFORMER, columns={"params": PARAMS})
    values = plain.graphs(plain.sample(rng(), 200_000)).columns["params"]
    limit = int(np.quantile(values, 1e-5))
    kept(Described(TRANSFORMER, columns={"params": PARAMS}, constraints=[f"params<={limit}"]), limit)
    kept(Described(TRANSFORMER, columns={"params": params}, constraints=[f"params<={limit}"]), limit)


def test_all_that_is_allowed_is_as_likely_as_without_constraints():
    space = Described({"a": [1, 2, 3], "b": [1, 2, 3]}, columns={"sum": "a + b"}, constraints=["sum<=4"])
    rows, counts = np.unique(space.sample(rng(), 60_000), axis=0, return_counts=True)
    assert len(rows) == 6 and abs(counts - 10_000).max() < 500


def test_a_function_may_be_a_constraint():
    space = Described(TRANSFORMER, constraints=[lambda c: c["embed"] == 192 and len(c["layers"]) == 11])
    for arch in space.sample(rng(), 50):
        c = space.choices(arch)
        assert c["embed"] == 192 and len(c["layers"]) == 11


def test_what_nothing_fulfils_is_told_with_the_closest():
    space = Described(TRANSFORMER, "small", columns={"params": PARAMS}, constraints=["params<=1e6"])
    with pytest.raises(
        InputError, match=r"space small: no architecture fulfils .* params is 2.34831e\+07, must be <= 1e\+06"
    ):
        space.sample(rng(), 1)
    space = Described(TRANSFORMER, constraints=[never])
    with pytest.raises(InputError, match="never is not True"):
        space.sample(rng(), 1)


def never(choices: dict[str, Any]) -> bool:
    return False


def failing(choices: dict[str, Any]) -> float:
    raise KeyError("latency of embed")


@pytest.mark.parametrize(
    ("columns", "constraints", "why"),
    [
        ({"params": PARAMS}, ["param<=1"], r"no column param \(did you mean params\?\)"),
        ({"params": PARAMS}, ["params=1"], "must be a column"),
        ({}, ["params<=1"], "there is none"),
        ({"cost": failing}, [], r"columns\['cost'\]: failing has failed .*latency of embed"),
        ({"cost": lambda c: "much"}, [], "must be a number, not 'much'"),
        ({"accuracy": "embed"}, [], "what is known without a training"),
    ],
)
def test_a_wrong_column_or_constraint_is_named(columns, constraints, why):
    with pytest.raises(InputError, match=why):
        siamnas.Space.of_choices(TRANSFORMER, columns=columns, constraints=constraints)


class TestLimited(DomainContract):
    def make(self):
        return Described(TRANSFORMER, "limited", {"params": PARAMS}, ["params<=24.5e6"])


class TestOfFunction(DomainContract):
    def make(self):
        return Described(MIXED, "mixed", {"cost": lambda c: c["width"] * len(c["stages"])}, ["cost<=32"])


ALONE = {f"p{place}": list("abcdef") for place in range(6)}


def differ(choices: dict[str, Any]) -> bool:
    return len(set(choices.values())) == len(choices)


@pytest.mark.parametrize(
    ("description", "columns", "constraints", "least"),
    [
        (ALONE, {}, [differ], 300),  # of 720; one choice alone can't be changed
        ({"a": repeat({"k": [3, 5, 7], "e": [1, 2, 3, 4, 6]}, 8, 8)},
         {"macs": "sum(l.k**2 * l.e for l in a)"}, ["macs<=562", "macs>=562"], 450),
    ],
)  # fmt: skip
def test_what_lies_alone_among_what_is_not_allowed_is_reached(description, columns, constraints, least):
    """No neighbour is allowed: random ones hop from one to the next, and neighbours differ in two choices."""
    space = Described(description, columns=columns, constraints=constraints)
    archs = np.concatenate([space.sample(rng(seed), 200) for seed in range(3)])
    assert len(np.unique(archs, axis=0)) >= least
    for arch in archs[:10]:
        near = space.neighbours(arch, rng(), 40)
        assert 1 <= len(near) == len(np.unique(near, axis=0))
        assert set((near != arch).sum(axis=1)) == {2}
        for one in near:
            space.parse(space.describe(one))


def test_a_search_reaches_the_best_of_what_lies_alone():
    """Before, 48 of the 720 permutations were all that any search looked at."""
    space = Described(ALONE, constraints=[differ])

    def value(choices: dict[str, Any]) -> int:
        return sum((place - "fbdaec".index(text)) ** 2 for place, text in enumerate(choices.values()))

    search = siamnas.Search(space, budget=40, maximise=False)
    while archs := search.ask():
        search.tell(archs, [value(arch.choices) for arch in archs])
    assert search.best().value == 0
