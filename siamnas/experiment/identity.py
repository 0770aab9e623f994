"""What decides the numbers of a job or of a measurement, under names that no move of code changes.

Two results are the same if their identities are equal. An identity holds the options and values of a configuration,
digests of the files behind it, and the versions of the parts that compute: classes are named by `NAMES`, not by their
paths, so that a class that moves changes no identity, and no folder.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from siamnas.config import translate
from siamnas.config.instantiate import find_class
from siamnas.config.translate import FINGERPRINT, TARGET
from siamnas.training.settings import RESULTS_VERSION as TRAINER_VERSION

VERSIONS, BACKEND, IMAGES = "versions", "backend", "images"  # keys of an identity, the last one of a fingerprint
KERNELS = "fused"  # the backend where none is stated: our kernels on a CPU
NAMES = {
    "siamnas.acquisition.bts.BatchTopSampler": "bts",
    "siamnas.acquisition.ehvi.ExpectedHypervolumeImprovement": "ehvi",
    "siamnas.acquisition.ei.ExpectedImprovement": "ei",
    "siamnas.acquisition.half.HalfAndHalf": "half",
    "siamnas.acquisition.mutants.Mutants": "mutants",
    "siamnas.acquisition.random.Random": "random",
    "siamnas.acquisition.shrinking.Shrinking": "shrinking",
    "siamnas.acquisition.thompson.Thompson": "thompson",
    "siamnas.acquisition.top.Top": "top",
    "siamnas.acquisition.ucb.UpperConfidenceBound": "ucb",
    "siamnas.cells.darts.build": "darts",
    "siamnas.cells.macro.build": "nb_macro",
    "siamnas.cells.mobile.mnasnet": "mnasnet",
    "siamnas.cells.mobile.once_for_all": "once_for_all",
    "siamnas.cells.nano.build": "nano",
    "siamnas.cells.nb201.build": "nb201",
    "siamnas.cells.nb201.build_reduced": "nb201_reduced",
    "siamnas.cells.transformer.build": "gpt",
    "siamnas.images.cifar.cifar10": "cifar10",
    "siamnas.images.cifar.cifar100": "cifar100",
    "siamnas.images.folder.load": "folder",
    "siamnas.images.sample.load": "sample",
    "siamnas.measure.measures.flops.Flops": "flops",
    "siamnas.measure.measures.training.Code": "code",
    "siamnas.measure.measures.training.Train": "train",
    "siamnas.measure.measures.zero_cost.ZeroCost": "zero_cost",
    "siamnas.oracle.noisy.NoisyTable": "noisy",
    "siamnas.oracle.noisy.SingleRun": "single_run",
    "siamnas.oracle.table.TableOracle": "table",
    "siamnas.oracle.training.TrainingOracle": "train",
    "siamnas.predictors.brp.BRP": "brp",
    "siamnas.predictors.column.Column": "column",
    "siamnas.predictors.ensemble.Ensemble": "ensemble",
    "siamnas.predictors.gp.GaussianProcess": "gp",
    "siamnas.predictors.network.Network": "network",
    "siamnas.predictors.random.Random": "random",
    "siamnas.predictors.regressor.Regressor": "regressor",
    "siamnas.predictors.siamese.GraphPredictor": "gcn",
    "siamnas.predictors.siamese.SiamesePredictor": "siams",
    "siamnas.search.active.Active": "active",
    "siamnas.search.evolution.Evolution": "evolution",
    "siamnas.search.local.Local": "local",
    "siamnas.search.low_fidelity.LowFidelity": "low_fidelity",
    "siamnas.search.nsga2.NSGA2": "nsga2",
    "siamnas.search.topk.TopK": "topk",
    "siamnas.search.tpe.TPE": "tpe",
    "siamnas.search.transfer.Transfer": "transfer",
    "siamnas.spaces.darts.space.space": "darts",
    "siamnas.spaces.described.files.load": "described",
    "siamnas.spaces.gpt.load": "gpt",
    "siamnas.spaces.json_folder.load": "json",
    "siamnas.spaces.macro.load": "nb_macro",
    "siamnas.spaces.mobile.mnasnet.load": "mnasnet",
    "siamnas.spaces.mobile.ofa.load": "ofa_mobilenetv3",
    "siamnas.spaces.mobile.accel_nasbench.load": "accel_nasbench",
    "siamnas.spaces.nano.pilot.load": "nano_pilot",
    "siamnas.spaces.nano.space.published": "tiny_nanobench",
    "siamnas.spaces.nano.space.space": "nano",
    "siamnas.spaces.nas_bench_graph.load": "nas_bench_graph",
    "siamnas.spaces.nb201.load": "nb201",
    "siamnas.spaces.public.folder": "folder",
    "siamnas.spaces.table.space.load": "table",
}
"""Class or function that a shipped config names -> its name in identities, unique in its group; for good."""


def named(fields: Any) -> Any:
    """A part of a configuration in which our own classes stand by their names; those of others by their paths."""
    if isinstance(fields, Mapping):
        inner = {key: named(value) for key, value in fields.items()}
        if isinstance(target := inner.get(TARGET), str):  # a damaged file may hold anything
            inner[TARGET] = NAMES.get(target, target)
        return inner
    return [named(one) for one in fields] if isinstance(fields, list) else fields


def versions(config: Mapping[str, Any]) -> dict[str, int]:
    """The results versions of the parts that compute, without those that are 1, as all were before there were any.

    Args:
        config: groups of a configuration.

    Returns:
        Dotted key of a group, or `trainer` where a network is trained by it -> `results_version` of its class.
    """
    return {part: version for part, version in all_versions(config).items() if version != 1}


def all_versions(config: Mapping[str, Any]) -> dict[str, int]:
    """The results versions of all parts that state one; see `versions`."""
    found, trains = {}, False
    for key, fields in parts(config):
        made = find_class(fields)
        trains |= bool(getattr(made, "follows_trainer", False))
        if (version := getattr(made, "results_version", None)) is not None:
            found[key] = int(version)
    return found | ({"trainer": TRAINER_VERSION} if trains else {})


def backend(config: Mapping[str, Any]) -> str | None:
    """What computes the predictor's numbers, where their bits depend on it; None for our kernels on a CPU, and numpy.

    Args:
        config: groups of a configuration.
    """
    for _, fields in parts({"predictor": config.get("predictor")}):
        if own := getattr(find_class(fields), "backend", None):
            return own(config["trainer"])
    return None


def parts(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Dotted key and fields of all that a configuration makes, outer ones last."""
    for key, fields in config.items():
        if isinstance(fields, Mapping):
            yield from ((f"{key}.{inner}", own) for inner, own in parts(fields))
            if fields.get(TARGET) is not None:
                yield key, fields


def stated(config: Mapping[str, Any]) -> dict[str, Any]:
    """What belongs to an identity beside the options of a configuration: nothing that is as it always was."""
    found: dict[str, Any] = {}
    if own := versions(config):
        found[VERSIONS] = own
    if kind := backend(config):
        found[BACKEND] = kind
    return found


def former(identity: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the identity was in versions that named classes by their paths; None where there was none.

    Args:
        identity: of today.
    """
    newer = VERSIONS in identity or BACKEND in identity or IMAGES in identity.get(FINGERPRINT, {})
    if newer or "device" in (identity.get("oracle") or {}):
        return None
    return translate.former_config({group: _by_path(group, fields) for group, fields in identity.items()})


def _by_path(group: str, fields: Any) -> Any:
    """The reverse of `named`."""
    if isinstance(fields, Mapping):
        inner = {key: _by_path(key if key in ROOMS else group, value) for key, value in fields.items()}
        if TARGET in inner:
            paths = {name: path for path, name in NAMES.items() if path.startswith(ROOMS.get(group, ""))}
            inner[TARGET] = paths.get(inner[TARGET], inner[TARGET])
        return inner
    return [_by_path(group, one) for one in fields] if isinstance(fields, list) else fields


ROOMS = {
    "acquisition": "siamnas.acquisition.",
    "code": "siamnas.measure.",
    "images": "siamnas.images.",
    "network": "siamnas.cells.",
    "oracle": "siamnas.oracle.",
    "predictor": "siamnas.predictors.",
    "search": "siamnas.search.",
    "space": "siamnas.spaces.",
    "what": "siamnas.measure.",
}
"""Group -> where its classes are; names are unique in a group, not over all."""


def digest(identity: Any) -> str:
    """What ends the name of a folder: eight digits tell apart what one sweep may hold.

    A whole identity is compared before a result is taken for that of a job.
    """
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:8]


def forms(identity: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """An identity as it is written today, then as earlier versions have written it."""
    before = former(identity)
    return [identity] if before is None else [identity, before]
