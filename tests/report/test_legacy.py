"""Results of earlier versions open, and stand beside new ones."""

import copy
from typing import Any

import pytest

from siamnas.report import legacy, naming

SIAMS, GCN = ("siamnas.predictors.siamese." + name for name in ("SiamesePredictor", "GraphPredictor"))
FOREST, BRP = "siamnas.predictors.regressor.Regressor", "siamnas.predictors.brp.BRP"
SAMPLER = {"start": 0.3, "rounds": 10, "top": 30, "order": "published", "window": [0.25, 0.75]}
RANDOM = {"_target_": "siamnas.acquire.random.Random"}
DIGEST = "4f1a" * 16


def old(predictor: dict[str, Any], space: dict[str, Any] | None = None) -> dict[str, Any]:
    """The `meta` of a result as it was before pools and oracles were groups of their own."""
    space = space or {"_target_": "siamnas.spaces.nb201.load", "name": "nb201_c100", "label": {}, "code": {}}
    groups = {"space": space, "predictor": predictor, "trainer": {"ranked_share": 0.1}, "search": {"n": 30, "k": 30}}
    return {
        "science": {**groups, "seed": 0, "repeats": 5},
        "config": {**groups, "name": "main", "out": "outputs"},
        "choices": {"space": "nb201_c100", "predictor": "siams", "predictor/sampler": "bts", "trainer": "paper"},
        "report_name": "test_200_mean",
        "optimum": 0.735,
        "card": {"table": "/data/nb201.npz", "sha256": DIGEST},
    }


@pytest.mark.parametrize(
    ("predictor", "option", "acquire", "left"),
    [
        ({"_target_": SIAMS, "nsam": True, "sampler": None}, "random", RANDOM, {"nsam": True}),
        (
            {"_target_": GCN, "nsam": False, "sampler": SAMPLER},
            "bts",
            {"_target_": "siamnas.acquire.bts.BatchTopSampler", **SAMPLER, "share": 0.1},
            {"nsam": False},
        ),
        ({"_target_": FOREST, "rounds": 1, "code": True}, "random", RANDOM, {"code": True}),
        ({"_target_": FOREST, "rounds": 5}, "top", {"_target_": "siamnas.acquire.top.Top", "rounds": 5}, {}),
        ({"_target_": BRP, "rounds": 1, "width": 600}, "random", RANDOM, {"width": 600}),
        ({"_target_": BRP, "rounds": 5}, "half", {"_target_": "siamnas.acquire.half.HalfAndHalf", "rounds": 5}, {}),
        ({"_target_": "mine.Own", "rounds": 3, "sampler": 1}, "random", RANDOM, {"rounds": 3, "sampler": 1}),
    ],
)
def test_how_the_pool_was_chosen_moves_to_a_group(
    predictor: dict[str, Any], option: str, acquire: dict[str, Any], left: dict[str, Any]
):
    meta = old(predictor)
    before = copy.deepcopy(meta)
    new = legacy.upgrade(meta)
    assert meta == before, "nothing is changed in place"
    for groups in (new["science"], new["config"]):
        assert groups["acquire"] == acquire
        assert groups["predictor"] == {"_target_": predictor["_target_"], **left}
        assert groups["oracle"] == {"_target_": "siamnas.oracle.table.TableOracle"}
    assert new["choices"] == {
        "space": "nb201_c100", "predictor": "siams", "trainer": "paper", "acquire": option, "oracle": "table",
    }  # fmt: skip
    assert new["science"]["contents"] == {"nb201.npz": DIGEST}
    assert new["metric"] == {"name": "test_200_mean", "maximise": True, "unit": "%"}
    assert legacy.upgrade(new) == new, "what is new stays as it is"


def test_a_folder_of_files():
    space = {"_target_": "siamnas.spaces.json_folder.load", "name": "json", "path": "/cells", "code": {}}
    meta = old({"_target_": FOREST, "rounds": 1}, space) | {"card": {"folder": "/cells"}}
    new = legacy.upgrade(meta)
    assert new["science"]["space"] == {**space, "metric": "gt_accuracy", "maximise": True}
    assert new["science"]["contents"] == {}
    assert naming.benchmark_fields(new)["optimum"] == 0.735, "of unknown contents, the optimum says most"


def test_old_and_new_are_the_same_method_and_benchmark():
    meta = old({"_target_": SIAMS, "nsam": True, "sampler": SAMPLER})
    upgraded = legacy.upgrade(meta)
    science = {
        **meta["science"],
        "predictor": {"_target_": SIAMS, "nsam": True},
        "acquire": {"share": 0.1, **SAMPLER, "_target_": "siamnas.acquire.bts.BatchTopSampler"},
        "oracle": {"_target_": "siamnas.oracle.table.TableOracle"},
        "contents": {"nb201.npz": DIGEST},
    }
    new = {**meta, "science": science, "metric": {"name": "test_200_mean", "maximise": True, "unit": "%"}, "card": {}}
    assert legacy.upgrade(new) == new
    assert naming.benchmark_fields(new) == naming.benchmark_fields(upgraded)
    assert naming.method_fields(new, True) == naming.method_fields(upgraded, True)
    assert naming.method_name(new) == naming.method_name(upgraded) == "Siams + NSAM + BTS"
    assert "acquire.share" not in naming.method_fields(new, True), "it is the trainer's, which is told"
    assert naming.method_fields(new, False)["acquire.share"] == 0.1


def test_a_fixed_order_has_no_pool():
    meta = legacy.upgrade(old({"_target_": "siamnas.predictors.column.Column", "column": "flops"}))
    assert not any(key.startswith("acquire") for key in naming.method_fields(meta, False))
    assert naming.method_name(meta) == "FLOPs order"
