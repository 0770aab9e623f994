"""What node types do, by their names and as they are given."""

import pytest

from siamnas.errors import InputError
from siamnas.graphs import roles
from tests.graphs.dags import space_of


def test_well_known_names():
    names = ("input", "Identity", "skip_connect", "none", "zeroize", "conv3x3", "maxpool3x3", "split_3", "output")
    table = roles.by_name(names)
    assert table.identity == {"Identity", "skip_connect", "none", "split_3"}
    assert (table.zero, table.input, table.output) == ({"zeroize"}, {"input"}, {"output"})
    assert table.weightless == {"maxpool3x3"}


def test_none_is_a_zero_beside_a_skip_and_no_other_zero():
    darts = roles.by_name(("input", "none", "skip_connect", "sep_conv_3x3", "output"))
    assert (darts.zero, darts.identity) == ({"none"}, {"skip_connect"})
    chain = roles.by_name(("input", "none", "dwconv3x3", "output"))
    assert (chain.zero, chain.identity) == (set(), {"none"})


def test_roles_take_the_place_of_names():
    given = {"zero": ["none"], "identity": ["mix"], "operation": ["skip"]}
    table = roles.table(("none", "mix", "skip", "conv"), given)
    assert (table.zero, table.identity) == ({"none"}, {"mix"})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cut": ["conv"]}, r"roles.cut=\['conv'\]: must be a list of node types, for one of identity, zero"),
        ({"zero": "conv"}, "roles.zero=conv: must be a list"),
        ({"zero": ["conv"], "identity": ["conv"]}, "roles: conv must have one role, has zero and identity"),
    ],
)
def test_wrong_roles_are_named(given, message: str):
    with pytest.raises(InputError, match=message):
        space_of([(["conv"], [])], roles=given)
