"""`space=nano_pilot`: what we trained ourselves of the Nano space, and what its data card says of it."""

import numpy as np
import pytest

from siamnas.benchmarks import shipped
from siamnas.errors import InputError
from siamnas.spaces.nano.pilot import CODE, FILE
from siamnas.spaces.nano.space import space as nano_space
from tests.spaces.shipped import make

TABLE = dict(shipped.load(FILE))


def test_cells_are_those_of_the_light_space_with_its_costs() -> None:
    pilot, light = make("nano_pilot").space, nano_space("nano", ["flops<=35"], unique=False)
    rows = [light.archs.tolist().index(arch) for arch in pilot.archs.tolist()]
    assert rows == sorted(set(rows)) and len(rows) == 200 and pilot.node_types == light.node_types
    np.testing.assert_array_equal(pilot.types, light.types[rows])
    np.testing.assert_array_equal(pilot.adjacency, light.adjacency[rows])
    for name in ("flops", "params"):
        np.testing.assert_array_equal(pilot.columns[name], light.columns[name][rows])


def test_labels_prices_and_codes() -> None:
    found = make("nano_pilot").measured
    np.testing.assert_allclose(found.label, TABLE["test_4_run0"] / 100)
    np.testing.assert_allclose(found.train_seconds, TABLE["train_seconds_4"])
    assert found.code.shape == (200, 3) and found.coded.all() and (np.diff(found.code.mean(axis=0)) < 0).all()
    np.testing.assert_array_equal(found.column_seconds["code_loss_3"], found.code_seconds)
    shorter = make("nano_pilot", code__length=1).measured
    np.testing.assert_array_equal(shorter.code, found.code[:, :1])
    np.testing.assert_allclose(shorter.code_seconds, found.code_seconds / 3)
    assert set(found.columns) == set(CODE)


def test_the_second_run_answers_where_there_is_one() -> None:
    first, second = make("nano_pilot").measured.label, make("nano_pilot", label__run=1).measured.label
    twice = ~np.isnan(TABLE["test_4_run1"])
    assert twice.sum() == 30 and (first[~twice] == second[~twice]).all() and (first[twice] != second[twice]).any()


def test_facts_of_the_data_card() -> None:
    from scipy.stats import spearmanr

    first, second, flops = TABLE["test_4_run0"], TABLE["test_4_run1"], make("nano_pilot").space.columns["flops"]
    assert [first.mean(), first.std(), first.min(), first.max()] == pytest.approx([37.52, 4.08, 29.6, 44.0], abs=5e-3)
    twice = ~np.isnan(second)
    noise = (first - second)[twice]
    assert noise.std() / 2**0.5 == pytest.approx(1.16, abs=5e-3) and noise.mean() == pytest.approx(1.95, abs=5e-3)
    assert spearmanr(first[twice], second[twice]).statistic == pytest.approx(0.81, abs=5e-3)
    found = [spearmanr(values, first).statistic for values in (flops, *(TABLE[name] for name in CODE))]
    assert found == pytest.approx([0.78, 0.24, 0.16, -0.53], abs=5e-3)
    depthwise = np.array(["dwconv3x3" in arch for arch in TABLE["archs"].tolist()])
    assert [depthwise.sum(), first[depthwise].mean(), first[~depthwise].mean()] == pytest.approx(
        [134, 40.17, 32.14], abs=5e-3
    )


def test_a_limit_of_flops_and_what_there_is_not() -> None:
    assert 0 < len(make("nano_pilot", constraints=["flops<=25"]).space) < 200
    for changes, message in (
        ({"dataset": "cifar100"}, "space.dataset=cifar100: must be cifar10"),
        ({"label__epochs": 200}, "space.label.epochs=200: must be one of 4"),
        ({"code__kind": "mote"}, "space.code.kind=mote: must be one of pilot, columns, file, none"),
        ({"constraints": ["flops<1"]}, "space.constraints=flops<1: no architecture is left"),
    ):
        with pytest.raises(InputError, match=message):
            make("nano_pilot", **changes)
