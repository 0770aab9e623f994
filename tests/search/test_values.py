"""What counts as a value and as an architecture: nothing is recorded of anything else."""

import decimal
import fractions
import json
import math
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

import siamnas
from siamnas.errors import InputError
from siamnas.search import evaluations, json_in
from siamnas.search.catalog import Listed
from tests.search.ask_tell import graphs, value

SPACE = graphs()
CATALOG = Listed(SPACE)


def searching(**more):
    return siamnas.Search(SPACE, "random", 40, **more)


@pytest.fixture
def asked():
    """A search, and the first architecture that it has asked for."""
    search = searching()
    return search, search.ask(3)[0]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (0.5, 0.5), (1, 1.0), (np.float32(0.5), 0.5), (np.int64(3), 3.0), (np.array([0.5]), 0.5),
        (np.array(0.25), 0.25), (torch.tensor(0.5), 0.5), (torch.tensor([0.5], requires_grad=True), 0.5),
        (torch.tensor([[2]]), 2.0), (pd.Series([0.5]), 0.5), (decimal.Decimal("0.5"), 0.5),
        (fractions.Fraction(1, 2), 0.5),
    ],
)  # fmt: skip
def test_numbers_of_all_kinds(asked, given, taken):
    search, arch = asked
    search.tell(arch, given)
    assert search.values == {arch: taken}


@pytest.mark.parametrize(
    "given",
    [
        None, math.nan, math.inf, -math.inf, pd.NA, pd.NaT, np.nan, np.ma.masked, np.array([np.nan]),
        torch.tensor(math.nan), decimal.Decimal("nan"),
    ],
)  # fmt: skip
def test_missing_and_infinite_ones_have_failed(asked, given):
    search, arch = asked
    search.tell([arch], [given])
    assert math.isnan(search.values[arch])


@pytest.mark.parametrize(
    "given",
    [
        True, np.True_, torch.tensor(True), "0.5", b"0.5", (0.5, 0.1), (0.5,), [0.5], 0.5j, np.complex64(1), 10**400,
        torch.ones(3, 1), np.ones((1, 2)), np.array(["0.5"]), (x for x in [0.5]), {0.5}, object(), np.array([]),
        range(1), torch.empty(1, device="meta"), lambda: 0.5, fractions.Fraction(10**400),
    ],
)  # fmt: skip
def test_anything_else_names_the_architecture_and_is_not_recorded(asked, given):
    search, arch = asked
    for archs, values in ((arch, given), ([arch], [given]), ({arch: given}, evaluations.BY_KEY)):
        with pytest.raises(InputError) as error:
            search.tell(archs, values)
        assert arch.name in str(error.value) and f"(index {arch})" in str(error.value)
    assert search.values == {}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.ones((3, 1)), "must be a list, or an array of one dimension, not a ndarray of shape (3, 1)"),
        (torch.ones(3, 1), "not a Tensor of shape (3, 1)"),
        (0.5, "not a float"),
        ("abc", "not a str"),
        ({1.0, 2.0, 3.0}, "not a set"),
        (iter([1, 2, 3]), "not a list_iterator"),
        ([1, 2], "3 architectures, but 2 values"),
        ({0: 1, 1: 1, 2: 1}, "the values are of other architectures"),
    ],
)
def test_values_of_several_are_a_list_or_a_dictionary(values, said):
    search = searching()
    archs = [arch for arch in search.ask(10) if arch > 2][:3]
    with pytest.raises(InputError, match="tell") as error:
        search.tell(archs, values)
    assert said in str(error.value) and not search.values


def test_values_by_key():
    search = searching()
    one, two, three, four = search.ask(4)
    search.tell([one, two], {two: 0.2, one.name: 0.1})
    search.tell({three: 0.3})
    search.tell(four, {int(four): None})
    assert list(search.values.items())[:3] == [(one, 0.1), (two, 0.2), (three, 0.3)]


@pytest.mark.parametrize("index", [80.7, 80.0, True, None, np.True_, (1,), "80.7", -1, 162, 10**30, "", b"x", 1j])
def test_what_is_no_index_and_no_name_is_refused(asked, index):
    search, _ = asked
    for refused in (
        lambda: search.tell(index, 0.5),
        lambda: search.tell([index], [0.5]),
        lambda: search.add({index: 1}),
    ):
        with pytest.raises(InputError):
            refused()
    assert search.values == {}


@pytest.mark.parametrize("twice", [[5, 5], [5, SPACE.archs[5]], [np.int64(5), 5]])
def test_an_architecture_that_is_there_twice_is_refused(twice):
    search = searching()
    with pytest.raises(InputError, match=r"\(index 5\) is there twice"):
        search.add(twice, [0.1, 0.1])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"maximise": "min"}, "maximise='min': must be True or False"),
        ({"maximise": 0}, "maximise=0: must be True or False"),
        ({"budget": True}, "budget=True: must be an integer"),
        ({"budget": "40"}, "budget='40': must be an integer"),
        ({"seed": 1.0}, "seed=1.0: must be an integer"),
        ({"overrides": "trainer=fast"}, "overrides='trainer=fast': must be a list of words"),
        ({"overrides": [3]}, "overrides=[3]: must be a list of words"),
        ({"predictor": 3}, "predictor=3: must be the name of an option"),
        ({"codes": "codes.npy"}, "codes: must be (162, L) numbers"),
        ({"codes": [[1], [1, 2]]}, "codes: must be (162, L) numbers"),
        ({"code_length": 0, "codes": len}, "code_length=0"),
        ({"journal": 3}, "journal=3: must be the path of a folder"),
        ({"wait": "long"}, "wait='long': must be a number"),
        ({"reissue": "no"}, "reissue='no': must be True or False"),
        ({"space": 3}, "space=3: must be a siamnas.Space"),
        ({"space": None}, "space: must be given"),
    ],
)
def test_arguments_of_the_wrong_kind_are_refused(more, said):
    with pytest.raises(InputError) as error:
        siamnas.Search(**{"space": SPACE, "predictor": "random", "budget": 40, **more})
    assert said in str(error.value)


@pytest.mark.parametrize("count", [0, -1, 2.0, "2", True, None])
def test_a_count_is_an_integer(asked, count):
    search, _ = asked
    with pytest.raises(InputError, match="count="):
        search.ask(count)


def test_integers_of_numpy_are_integers():
    search = siamnas.Search(SPACE, "random", np.int64(10), seed=np.int32(1), maximise=np.bool_(True))
    assert len(search.ask(np.int8(4))) == 4
    assert siamnas.Search(SPACE, "random", 10, seed=1).ask(4) == search.again()


def test_a_closed_search_says_so():
    search = searching()
    archs = search.ask(2)
    search.close()
    for step in (lambda: search.tell(archs, [1, 2]), search.ask, lambda: search.add({1: 0.5})):
        with pytest.raises(InputError, match="the search is closed"):
            step()
    assert search.open == archs and not search.values, "it can still be looked at"


def test_what_ask_returns_is_an_integer_that_knows_what_it_is(tmp_path):
    """Code that has used the integers of `ask` runs unchanged."""
    search = searching()
    (arch,) = search.ask(1)
    number = int(arch)
    assert isinstance(arch, siamnas.Architecture) and isinstance(arch, int)
    assert arch == number == arch.index and hash(arch) == hash(number) and {number: 1}[arch] == 1
    assert SPACE.archs[arch] == arch.name and [3] * arch == [3] * number and arch + 1 == number + 1
    assert json.dumps([arch]) == f"[{number}]" and json.loads(json.dumps({arch: arch})) == {str(number): number}
    assert f"{arch}" == str(arch) == "{}".format(*[arch]) == str(number) and f"{arch:05d}" == f"{number:05d}"
    assert np.array([arch]).dtype == np.int64 and torch.tensor([arch]).item() == number
    assert pd.Series([arch]).dtype == np.int64 and sorted([arch, number - 1]) == [number - 1, number]
    assert arch.operations == SPACE.operations(number) and arch.edges == SPACE.edges(number)
    assert arch.choices == dict(enumerate(arch.operations)) and arch.columns == {}
    assert repr(arch) == f"<Architecture {number} {arch.name!r}>"
    assert yaml.safe_load(yaml.safe_dump([int(arch)])) == [number]
    np.save(tmp_path / "x.npy", [arch])
    assert np.load(tmp_path / "x.npy").tolist() == [number]


def test_it_travels_small_and_without_its_space():
    large = siamnas.Search("nb201_c10", "random", 10)
    (arch,) = large.ask(1)
    there = pickle.loads(pickle.dumps(arch))
    assert len(pickle.dumps(arch)) < 5_000
    assert there == arch and (there.name, there.operations, there.edges) == (arch.name, arch.operations, arch.edges)
    assert there.columns == arch.columns and there.columns["flops"] > 0
    assert isinstance(there.network(classes=7)(torch.zeros(1, 3, 32, 32)), torch.Tensor)
    with pytest.raises(InputError, match="builds the networks of shipped spaces"):
        searching().ask(1)[0].network()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('[{"index": 3, "value": 0.7}, {"architecture": "%s", "value": null}]', {3: 0.7, 4: None}),
        ('{"index": 3, "value": 0.7}', {3: 0.7}),
        ('{"3": 0.7, "%s": 1}', {3: 0.7, 4: 1}),
        ('{"index": 4, "architecture": "%s", "value": 1}', {4: 1}),
        ('{"3": NaN}', {3: math.nan}),
        ("[]", {}),
    ],
)
def test_json_of_results(text, read):
    archs, values = json_in.read(text.replace("%s", str(SPACE.archs[4])), CATALOG)
    np.testing.assert_equal(dict(zip(archs, values, strict=True)), read)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"index": 30, "acc": 0.7}]', "a number as value"),
        ('[{"index": 30, "value": 0.7, "acc": 0.7}]', "no other key"),
        ('[{"value": 0.7}]', "must have an index or an architecture"),
        ('{"value": 0.7}', "value: is no architecture"),
        ('{"3": 0.7, "3": 0.8}', "3 is there twice"),
        ('[{"index": 3, "index": 4, "value": 1}]', "index is there twice"),
        ('[{"index": 3, "architecture": "%s", "value": 1}]', "must be the same"),
        ('[{"index": "3", "value": 1}]', "an index is an integer"),
        ('[{"index": 3.0, "value": 1}]', "an index is an integer"),
        ('[{"index": true, "value": 1}]', "an index is an integer"),
        ('[{"architecture": 3, "value": 1}]', "an architecture is a text"),
        ('{"162": 1}', "index 162: must be from 0 to 161"),
        ('{"-1": 1}', "-1: is no architecture"),
        ('{"nobody": 1}', "nobody: is no architecture"),
        ("3", "must have an index or an architecture"),
        ("{", "not valid JSON"),
    ],
)
def test_json_that_says_something_else_is_refused(text, said):
    with pytest.raises(InputError) as error:
        json_in.read(text.replace("%s", str(SPACE.archs[4])), CATALOG)
    assert said in str(error.value)


def named(names):
    chains = [["in", *("abc"[i // 3**place % 3] for place in range(3)), "out"] for i in range(len(names))]
    return siamnas.Space.of_graphs(chains, [[(i, i + 1) for i in range(4)]] * len(names), names)


def test_a_name_that_is_another_ones_index_is_refused_with_both_readings():
    """HW-NAS-Bench#9: an architecture is named 23 and is index 22."""
    catalog = Listed(named([str(i + 1) for i in range(27)]))
    with pytest.raises(InputError) as error:
        json_in.read('{"23": 0.9}', catalog)
    assert "this name, whose index is 22" in str(error.value) and "this index, whose name is 24" in str(error.value)
    assert json_in.read('{"27": 0.9}', catalog) == ([26], [0.9]), "there is no index 27"
    with pytest.raises(InputError, match="may be the architecture of this name"):
        json_in.read('{"1": 0.9}', catalog)
    assert json_in.read('[{"index": 23, "value": 1}, {"architecture": "23", "value": 2}]', catalog)[0] == [23, 22]
    assert json_in.read('{"23": 1}', Listed(named([str(i) for i in range(27)]))) == ([23], [1]), "both are the same"


def test_told_values_stand_until_they_are_replaced_and_losses_may_be_corrected(tmp_path):
    with searching(journal=tmp_path) as search:
        one, two, three = search.ask(3)
        search.tell([one, two], [0.5, None])
        for _ in range(2):
            search.tell([one, two], [0.5, None])  # the same again is harmless
        assert len((tmp_path / "journal.jsonl").read_text().splitlines()) == 4
        with pytest.raises(InputError, match=r"was told as 0.5, not 0.6; replace=True corrects it"):
            search.tell([three, one], [0.1, 0.6])
        with pytest.raises(InputError, match="was told as 0.5, not nan"):
            search.tell(one, None)
        assert three not in search.values
        search.tell(two, 0.588)  # a straggler that was given up
        search.tell(one, 0.6, replace=True)
        assert search.values == {one: 0.6, two: 0.588} and search.best().value == 0.6
    with searching(journal=tmp_path) as again:
        assert again.values == {one: 0.6, two: 0.588}
        assert [former for former in again.history()["former"] if former][0] == [0.5]
        told = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines() if '"tell"' in line]
        assert [entry["values"] for entry in told] == [[0.5, None], [0.588], [0.6]], "the old ones are kept"


def test_what_was_replaced_is_what_is_learnt_from():
    def found(corrected):
        search = siamnas.Search(SPACE, "gp", 30)
        archs = search.ask(10)
        right = [value(arch, SPACE) for arch in archs]
        search.tell(archs, [-one for one in right] if corrected else right)
        if corrected:
            search.tell(archs, right, replace=True)
        return search.ask(5)

    assert found(False) == found(True)
