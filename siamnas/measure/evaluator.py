"""What measures an architecture, made of a configuration; and all that its values depend on."""

import functools
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.config.instantiate import takes
from siamnas.errors import InputError
from siamnas.experiment import build, identity
from siamnas.experiment.identity import digest
from siamnas.measure import selection, settings
from siamnas.measure.settings import Settings
from siamnas.spaces.listed import Space

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from torch import nn

    from siamnas.images.dataset import Dataset
    from siamnas.measure.measures.base import Measure

Config = Mapping[str, Any]


@dataclass(frozen=True)
class NetworkEvaluator:
    """All that measuring needs.

    Attributes:
        space: the architectures.
        networks: number of an architecture -> its network.
        measure: of one network.
        identity: all that the values depend on, but for the architecture; see `siamnas.experiment.identity`.
    """

    space: Space
    networks: "Callable[[int], nn.Module]"
    measure: "Measure"
    identity: dict[str, Any]

    def folder(self, job: Settings) -> Path:
        """Where the values lie; other architectures of the same space are put there too."""
        space, what = (job.choices[group].replace("/", ".") for group in ("space", "what"))
        # A comma would split a list of folders.
        now, *before = (job.root / space / f"{what}-{digest(one)}" for one in identity.forms(self.identity))
        return next((folder for folder in before if folder.is_dir()), now)


def of(config: Config, device: str) -> NetworkEvaluator:
    """The evaluator of a configuration; a forked process has that of its parent.

    Args:
        config: see `settings.Main`.
        device: where it measures.

    Raises:
        InputError: a field is not allowed, or a file can't be read.
    """
    parts = {group: config[group] for group in ("space", "network", "images", "what")}
    return _of(json.dumps(parts, sort_keys=True), config["seed"], device, device_kind(config["device"]))


def check(cfg: "DictConfig", choices: Mapping[str, str | None], words: list[str]) -> None:
    """Check a job of a sweep, see `siamnas.experiment.dry_run.Check`."""
    fits(settings.load(cfg, choices))


def fits(job: Settings) -> tuple[NetworkEvaluator, list[int]]:
    """Check all of a job before anything is written.

    Returns:
        Its evaluator, on the CPU, and the numbers of the architectures that it asks for.

    Raises:
        InputError: something is not allowed or does not fit.
    """
    check_device(job.config["device"])
    evaluator = of(job.config, "cpu")
    build.logger(job.config)
    return evaluator, selection.chosen(job.config["archs"], evaluator.space.archs, job.config["seed"])


def check_device(device: str) -> None:
    """Check that there is such a device.

    Raises:
        InputError: there is none.
    """
    import torch

    # The other way to look makes CUDA unusable in forked processes.
    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        raise InputError(f"device={device}: must be cpu, cuda or cuda:1 and so on") from error
    if kind == "cuda" and not torch.cuda.is_available():
        raise InputError(f"device={device}: torch finds no GPU here")


def device_kind(device: str) -> str:
    """`cpu` or `cuda` for the name of a device, such as `cuda:1`."""
    return device.partition(":")[0]


@functools.lru_cache(maxsize=2)
def _of(text: str, seed: int, device: str, kind: str) -> NetworkEvaluator:
    """See `of`; `kind` is that of the device which measures in the end."""
    config = json.loads(text)
    space, images = _loaded(json.dumps({group: config[group] for group in ("space", "images")}, sort_keys=True))
    classes = len(images.classes)
    decisive = {
        "space": digest_of(space),
        "network": identity.named(config["network"]),
        "what": identity.named(config["what"]),
        "classes": classes,
        "images": images.digest if takes(config["what"], "images") else None,
        "seed": seed,
    }
    if versions := identity.versions({group: config[group] for group in ("network", "what")}):
        decisive[identity.VERSIONS] = versions
    if kind != "cpu":  # a GPU rounds otherwise
        decisive[identity.BACKEND] = kind
    measure = build.measure(config, images, device)
    return NetworkEvaluator(space, build.networks(config, space, classes), measure, decisive)


@functools.lru_cache(maxsize=1)
def _loaded(text: str) -> tuple[Space, "Dataset"]:
    config = json.loads(text)
    return build.space(config), build.images(config)


def digest_of(space: Space) -> str:
    """Of its architectures, whatever else is known of them."""
    found = hashlib.sha256(json.dumps([space.archs.tolist(), space.node_types]).encode())
    found.update(np.ascontiguousarray(space.types).tobytes())
    found.update(np.ascontiguousarray(space.adjacency).tobytes())
    return found.hexdigest()
