"""Descriptions that say another thing than they seem to: refused or said, never a number that nobody has meant."""

import logging
from typing import Any

import numpy as np
import pytest

import siamnas
from siamnas import choice, optional, repeat
from siamnas.errors import InputError


def described(space: dict[str, Any], column: str) -> set[float]:
    """The values of a column of some architectures; NaN as -1."""
    made = siamnas.Space.of_choices(space, columns={"x": column})
    found = made.graphs(made.sample(np.random.default_rng(0), 100)).columns["x"]
    return set(np.nan_to_num(found, nan=-1.0).tolist())


@pytest.mark.parametrize("text", ["1-5", "1..5", "1:5", "0.1 to 0.5", "range(5)", "np.arange(1, 5)", "hp.uniform(0, 1)",
                                  "[1, 2]"])  # fmt: skip
def test_a_text_that_means_several_values_is_no_layer(text: str):
    with pytest.raises(InputError, match="is a text, which is one layer that is always there; values are a list"):
        siamnas.Space.of_choices({"depth": text, "width": [1, 2]})
    assert siamnas.Space.of_choices({"stem": "conv3x3-bn", "width": [1, 2]}).size == 2


@pytest.mark.parametrize("name", [["w"], 3, ""])
def test_a_shared_choice_has_a_text_as_its_name(name: Any):
    with pytest.raises(InputError, match="choice: name="):
        choice([1, 2], name=name)


PARTS = {"a": choice({"conv": {"k": [3, 5]}, "pool": {"p": [7, 9]}})}


def test_a_part_is_no_condition():
    """It was always true, so that the column of the other option was not a number, or that of the first one."""
    with pytest.raises(InputError, match="whether an option was chosen is asked by 'option' in choice"):
        described(PARTS, "1 if a.conv else 2")
    assert described(PARTS, "a.conv.k if 'conv' in a else a.pool.p") == {3.0, 5.0, 7.0, 9.0}


def test_what_is_not_there_is_not_true():
    assert described({"o": optional({"k": [1, 2]})}, "o.k if o.k else 5") == {1.0, 2.0, 5.0}
    assert described({"o": optional({"k": [0, 2]})}, "1 if not o.k else 2") == {1.0, 2.0}


def test_a_table_without_an_entry_is_said_once(caplog: pytest.LogCaptureFixture):
    """A limit on such a column excluded every architecture with that option."""
    caplog.set_level(logging.WARNING, "siamnas")
    layers = {"l": repeat({"op": choice(["conv", "pool"])}, 0, 2)}
    described(layers, "sum({'conv': 3, 'pol': 1}[i.op] for i in l)")
    assert len(caplog.records) == 1 and "a table has no entry for pool" in caplog.text
    caplog.clear()
    described(layers, "sum({'conv': 3, 'pool': 1}[i.op] for i in l)")
    described({"op": choice(["conv", "pool"])}, "{'conv': 3}[op] if op == 'conv' else 0")
    described({"o": optional({"op": choice(["conv", "pool"])})}, "{'conv': 3, 'pool': 1}[o.op]")
    assert not caplog.records
