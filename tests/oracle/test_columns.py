"""Estimation Codes that are the free columns of a space without a list."""

import numpy as np
import pytest

import siamnas
from siamnas.candidates import window
from siamnas.candidates.window import Window
from siamnas.errors import InputError
from siamnas.oracle.columns import ColumnCodes
from tests.candidates.domains import chains, proposals, value


def test_a_code_is_the_standardised_columns_whatever_is_beside_it():
    home = window.reference(chains())
    known = ColumnCodes(home)
    (flops,) = home.columns.values()
    np.testing.assert_allclose(known.values[:, 0], (flops - flops.mean()) / flops.std())
    some = Window.of(chains(), home.rows[[5, 900]], home)
    np.testing.assert_array_equal(ColumnCodes(some).codes(np.array([[1, 0]])), known.codes(np.array([[900, 5]])))
    assert known.code_length == 1 and known.code_name == "flops" and known.coded.all()


def test_without_columns_there_is_no_code():
    space = siamnas.Space.of_choices({"a": [1, 2, 3], "b": ["x", "y"]}, "bare")
    assert ColumnCodes(window.reference(space)).code_length == 0
    with pytest.raises(InputError, match="reads an Estimation Code and bare has none"):
        proposals(space, "siams", ("search=active", "trainer=debug"))


def test_what_reads_codes_of_the_whole_space_is_refused():
    with pytest.raises(InputError, match="reads code of all architectures, and chains has no list"):
        proposals(chains(), "forest", ("search=active", "acquisition=top", "predictor.code=true"))


@pytest.mark.slow
@pytest.mark.parametrize("predictor", ["siams", "siams_nsam"])
def test_networks_with_codes_search_without_a_list(predictor):
    few = (f"+search.candidates.{name}" for name in ("random=20", "mutants=5", "children=0", "climbs=1", "steps=1"))
    made, known = proposals(chains(), predictor, ("search=active", "trainer=debug", *few), budget=5)
    archs, labels = [], []
    while len(archs) < 5:
        (found,) = made.propose(np.array(archs, dtype=int), np.array(labels), [], 1)
        archs.append(found.arch)
        labels.append(value(known.domain, known[found.arch]))
    assert len(set(archs)) == 5
