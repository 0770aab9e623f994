"""A space of which only those architectures are left that fulfil constraints."""

import math
import operator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamnas.benchmarks.constraints import Constraint, parse, within
from siamnas.config import instantiate
from siamnas.config.compose import compose
from siamnas.errors import InputError
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.public import Space
from tests.spaces.jsons import ARCH, SMALL, folder_of
from tests.spaces.jsons import make as folder
from tests.spaces.shipped import make, options

SIGNS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
COLUMNS = {"flops": np.array([1.0, 2.0, 3.0, math.nan]), "latency.edgegpu": np.array([9.0, 8.0, math.nan, 7.0])}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("flops<=35", ("flops", "<=", 35)),
        (" latency.edgegpu < 5.5 ", ("latency.edgegpu", "<", 5.5)),
        ("params>.5", ("params", ">", 0.5)),
        ("x_1>=-1e-3", ("x_1", ">=", -0.001)),
    ],
)
def test_a_constraint_is_a_column_a_sign_and_a_number(text: str, parts: tuple[str, str, float]):
    assert parse(text) == Constraint(*parts)


@pytest.mark.parametrize(
    "text", ["", "flops", "flops<=", "<=3", "flops<=35M", "flops==3", "flops=3", "3<=flops", "flops<=nan", "a<=1<=2"]
)
def test_what_is_no_constraint_is_refused(text: str):
    message = "a column, <=, >=, < or >, and a number, such as flops<=35"
    with pytest.raises(InputError, match=rf"space\.constraints\[0\]=.*: must be {message}"):
        instantiate.check_fields(options("nb201_c10", constraints=[text]), "space")
    with pytest.raises(InputError, match=r"such as flops<=35"):
        within(COLUMNS, [text], 4)


@given(
    values=st.lists(st.floats(0, 10) | st.just(math.nan), min_size=1, max_size=20),
    limits=st.lists(st.tuples(st.sampled_from(sorted(SIGNS)), st.integers(0, 10)), max_size=3),
)
def test_kept_is_what_fulfils_all(values: list[float], limits: list[tuple[str, int]]):
    texts = [f"x{sign}{limit}" for sign, limit in limits]
    slow = [i for i, value in enumerate(values) if all(SIGNS[sign](value, limit) for sign, limit in limits)]
    if slow:
        assert within({"x": np.array(values)}, texts, len(values)).tolist() == slow
    else:
        numbers = [number / 2 for number in range(21)]  # of which one keeps limits that can be kept together
        together = any(all(SIGNS[sign](number, limit) for sign, limit in limits) for number in (-1, *numbers, 11))
        said = r"=x.*: no architecture is left; x of these" if together else ": no number keeps both x>=?.* and x<=?"
        with pytest.raises(InputError, match=rf"^space\.constraints{said}"):
            within({"x": np.array(values)}, texts, len(values))


def test_an_unknown_value_fulfils_nothing():
    assert within(COLUMNS, ["flops<=9"], 4).tolist() == within(COLUMNS, ["flops>=0"], 4).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["flop<=3"], r"flop<=3: no column flop \(did you mean flops\?\); choose one of flops, latency\.edgegpu"),
        (["flops<1"], r"flops<1: no architecture is left; flops of these 4 is from 1 to 3"),
        (["flops>=2", "latency.edgegpu>8"], r"edgegpu>8: no architecture is left; .* of these 2 is from 8 to 8"),
        (["flops>=3", "latency.edgegpu>8"], r"edgegpu>8: no architecture is left; .* of these 1 is not known"),
        (["test_200_mean>=90"], "test_200_mean is known only after a training, so only a query may see it"),
        (["proxy_loss_3<=1"], "proxy_loss_3 is measured at a cost, so no constraint can be made of it"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(texts: list[str], message: str):
    with pytest.raises(InputError, match=message):
        within(COLUMNS, texts, 4)


def test_a_benchmark_within_constraints_is_a_part_of_the_whole(shipped: dict[str, Benchmark]):
    """Whatever is known of an architecture stays with it, and the optimum is that of what is left."""
    whole, part = shipped["nb201_c100"], make("nb201_c100", constraints=["latency.edgegpu<=5", "flops>50"])
    columns = whole.space.columns
    keep = np.flatnonzero((columns["latency.edgegpu"] <= 5) & (columns["flops"] > 50))
    assert 0 < len(keep) == len(part.space) < len(whole.space)
    assert part.space.archs.tolist() == whole.space.archs[keep].tolist()
    np.testing.assert_array_equal(part.space.types, whole.space.types[keep])
    for name, values in part.space.columns.items():
        np.testing.assert_array_equal(values, columns[name][keep])
    np.testing.assert_array_equal(part.measured.label, whole.measured.label[keep])
    np.testing.assert_array_equal(part.measured.code, whole.measured.code[keep])
    assert part.measured.optimum == whole.measured.report[keep].max() < whole.measured.optimum
    assert part.space.card["architectures"] == f"{len(keep)} of 15625"


def test_the_lightweight_space_of_the_paper_is_a_constraint(shipped: dict[str, Benchmark]):
    light = make("nb201_c10", constraints=["flops<=35"])
    assert light.space.archs.tolist() == shipped["tiny_nb201"].space.archs.tolist()
    assert light.measured.optimum == shipped["tiny_nb201"].measured.optimum
    assert options("tiny_nb201") == {**options("nb201_c10"), "name": "tiny_nb201", "constraints": ["flops<=35"]}


def test_folders_have_constraints_with_and_without_accuracies(tmp_path: Path):
    place = folder_of(tmp_path, a=ARCH, b=SMALL)
    light = folder(place, constraints=["flops<10"])
    alone = Space.of_folder(place, constraints=["flops<10"])
    assert light.space.archs.tolist() == alone.archs.tolist() == [str(SMALL["id"])]
    assert alone.card["architectures"] == "1 of 2"


@pytest.mark.parametrize(
    "word",
    [
        "space.constraints=[flops<=35,latency.edgegpu<5.5]",
        "space.constraints=[flops <= 35, latency.edgegpu < 5.5]",
        'space.constraints=["flops<=35","latency.edgegpu<5.5"]',
    ],
)
def test_they_need_no_quotes_on_a_command_line(word: str):
    config, _ = compose([word])
    found: Any = config.space.constraints
    assert [parse(text) for text in found] == [("flops", "<=", 35), ("latency.edgegpu", "<", 5.5)]


def test_a_folder_has_further_free_columns(tmp_path: Path):
    place = folder_of(tmp_path, a=ARCH | {"latency": 2.5, "size": 1}, b=SMALL | {"latency": 1, "size": 3})
    made = folder(place, columns=["latency", "size"], constraints=["latency>=1", "size>=2"])
    assert made.space.archs.tolist() == [str(SMALL["id"])] and made.space.columns["latency"].tolist() == [1.0]
    assert {"flops", "latency", "size"} == set(made.space.columns)
    for key, message in (("gt_accuracy", "only a query may see it"), ("power", "missing key power")):
        with pytest.raises(InputError, match=message):
            folder(place, columns=[key])
