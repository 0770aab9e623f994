"""What measures an architecture, made of a configuration; and all that its values depend on."""

import functools
import hashlib
import json
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.config.instantiate import takes
from siamnas.errors import InputError
from siamnas.experiment import build, fingerprint, identity
from siamnas.experiment.identity import digest
from siamnas.measure import selection, settings
from siamnas.measure.settings import Settings
from siamnas.spaces.domain import Domain
from siamnas.spaces.listed import Space

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from torch import nn

    from siamnas.images.dataset import Dataset
    from siamnas.measure.measures.base import Measure

Config = Mapping[str, Any]


@dataclass(frozen=True)
class NetworkEvaluator:
    """All that measuring needs; architectures are called by their names.

    Attributes:
        space: the architectures.
        networks: number of an architecture of a list, or the text of one without -> its network.
        measure: of one network.
        identity: all that the values depend on, but for the architecture; see `siamnas.experiment.identity`.
    """

    space: Space | Domain
    networks: "Callable[[Any], nn.Module]"
    measure: "Measure"
    identity: dict[str, Any]

    @functools.cached_property
    def numbers(self) -> dict[str, int]:
        """Name -> number of the architectures of a list."""
        return {name: i for i, name in enumerate(self.space.archs.tolist())} if isinstance(self.space, Space) else {}

    def network(self, name: str) -> "nn.Module":
        """An architecture as a network with new weights."""
        return self.networks(self.numbers.get(name, name))

    def key(self, name: str) -> str:
        """What the lease of an architecture is called: its number, or a digest where there is no list."""
        return str(self.numbers[name]) if name in self.numbers else digest(name)

    def ordered(self, names: Collection[str]) -> list[str]:
        """Some architectures in the order of the list, or by name where there is none."""
        return [name for name in self.numbers if name in names] if self.numbers else sorted(names)

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


def fits(job: Settings) -> tuple[NetworkEvaluator, list[str]]:
    """Check all of a job before anything is written.

    Returns:
        Its evaluator, on the CPU, and the names of the architectures that it asks for.

    Raises:
        InputError: something is not allowed or does not fit.
    """
    check_device(job.config["device"])
    evaluator = of(job.config, "cpu")
    build.logger(job.config)
    space = evaluator.space
    if isinstance(space, Domain):
        _check_networks(job.config, evaluator, space)
    archs = space.archs if isinstance(space, Space) else space
    return evaluator, selection.chosen(job.config["archs"], archs, job.config["seed"])


def _check_networks(config: Config, evaluator: NetworkEvaluator, domain: Domain) -> None:
    """See `build.check_networks`; the inputs are those of the measure, or images."""
    from siamnas.cells.cost import blank

    shape = evaluator.measure.shape
    _, data = _parts(config)
    said = f"images of {data.name}" if shape is None else f"what.image={list(shape)}"
    build.check_networks(evaluator.networks, domain, blank(shape or data.train.pixels.shape[1:]), said)


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
    space, images = _parts(config)
    measure = build.measure(config, images, device)
    classes = len(images.classes)
    if isinstance(space, Domain) and measure.shape is not None and len(measure.shape) == 1:
        classes = space.classes  # tokens
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
    return NetworkEvaluator(space, build.networks(config, space, classes), measure, decisive)


def _parts(config: Config) -> "tuple[Space | Domain, Dataset]":
    """The space and the images of a configuration, which are read once."""
    return _loaded(json.dumps({group: config[group] for group in ("space", "images")}, sort_keys=True))


@functools.lru_cache(maxsize=1)
def _loaded(text: str) -> tuple[Space | Domain, "Dataset"]:
    config = json.loads(text)
    return build.any_space(config), build.images(config)


def digest_of(space: Space | Domain) -> str:
    """Of its architectures, whatever else is known of them."""
    if isinstance(space, Domain):
        return fingerprint.of_architectures(space)
    found = hashlib.sha256(json.dumps([space.archs.tolist(), space.node_types]).encode())
    found.update(np.ascontiguousarray(space.types).tobytes())
    found.update(np.ascontiguousarray(space.adjacency).tobytes())
    return found.hexdigest()
