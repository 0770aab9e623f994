"""Results of earlier versions in today's layout, so that old and new files stand in one report."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from siamnas.report.catalogue import BRP, FAMILIES, REGRESSOR

Group = dict[str, Any]
RANDOM = ("random", "siamnas.acquire.random.Random")
ROUNDS = {  # predictors that chose their pool themselves, in rounds -> option and class that do it now
    REGRESSOR: ("top", "siamnas.acquire.top.Top"),
    BRP: ("half", "siamnas.acquire.half.HalfAndHalf"),
}
SAMPLER = ("bts", "siamnas.acquire.bts.BatchTopSampler")
ORACLE = ("table", "siamnas.oracle.table.TableOracle")
FOLDER = "siamnas.spaces.json_folder.load"


def upgrade(meta: Mapping[str, Any]) -> dict[str, Any]:
    """The `meta` of a result in today's layout; one that has it already is returned as it is.

    What is new: how the pool is chosen is a group of its own (`acquire`), not a part of the predictor; the oracle is
    one too; tables, files and folders are known by the sha256 of their contents; metrics have names.
    """
    new = dict(meta)
    if "acquire" not in new["science"]:
        option, science = _upgrade(new["science"])
        new["science"] = science | {"contents": _contents(new.get("card") or {})}
        if "config" in new:
            _, new["config"] = _upgrade(new["config"])
        choices = {group: chosen for group, chosen in new["choices"].items() if group != "predictor/sampler"}
        new["choices"] = choices | {"acquire": option, "oracle": ORACLE[0]}
    if "metric" not in new and "report_name" in new:
        new["metric"] = {"name": new["report_name"], "maximise": True, "unit": "%"}
    return new


def _upgrade(groups: Mapping[str, Any]) -> tuple[str, Group]:
    """Groups of a configuration with those that they have today, and the option of `acquire`."""
    predictor, trainer = dict(groups["predictor"]), groups.get("trainer") or {}
    (option, target), fields = RANDOM, {}
    if predictor["_target_"] in FAMILIES:
        if sampler := predictor.pop("sampler", None):
            (option, target), fields = SAMPLER, {**sampler, "share": trainer.get("ranked_share")}
    elif predictor["_target_"] in ROUNDS and (rounds := predictor.pop("rounds", 1)) > 1:
        (option, target), fields = ROUNDS[predictor["_target_"]], {"rounds": rounds}
    space = dict(groups["space"])
    if space.get("_target_") == FOLDER:
        space = {"metric": "gt_accuracy", "maximise": True} | space
    made = {"space": space, "predictor": predictor, "acquire": {"_target_": target, **fields}}
    return option, {**groups, **made, "oracle": {"_target_": ORACLE[1]}}


def _contents(card: Mapping[str, Any]) -> dict[str, str]:
    """The digest of the table, where the data card tells it."""
    return {Path(card["table"]).name: card["sha256"]} if {"table", "sha256"} <= set(card) else {}
