"""What a sweep was asked for, written down when it starts: the cells that were never reached leave no other trace."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.conf import HydraConf
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

FOLDER = "sweeps"
HYDRAS_OWN = ("hydra", "main", "schema")  # providers of configs that are there without the user's doing
SEARCH_PATH = "hydra.searchpath"
PLACES = ("experiment", "name", "out")  # keys that decide on the folder that the jobs share


@dataclass(frozen=True)
class Sweep:
    """One multirun.

    Attributes:
        root: the folder that all its jobs share, `<out>/<name>`.
        words: of the command line that started it.
        cells: the overrides of each of its jobs.
    """

    root: Path
    words: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]


def expand(words: list[str]) -> list[list[str]]:
    """The overrides of every job of a sweep, as Hydra's own sweeper makes them; Hydra must be initialised."""
    parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
    (cells,) = BasicSweeper.split_arguments(parser.parse_overrides(words), None)
    return cells


def own_folders(hydra: HydraConf | DictConfig) -> list[str]:
    """What finds the user's own config folders again, from anywhere: one override, or none where there are none.

    Args:
        hydra: the `hydra` node of a composed configuration.
    """
    own = [source for source in hydra.runtime.config_sources if source.provider not in HYDRAS_OWN]
    places = [str(Path(s.path).absolute()) if s.schema == "file" else s.path for s in own]
    return [search_path(f"{s.schema}://{place}" for s, place in zip(own, places, strict=True))] if own else []


def search_path(places: Iterable[str]) -> str:
    """The override that lets Hydra find configs in more places, for example `file:///home/me/conf`."""
    quoted = ",".join(f'"{place}"' for place in places)
    return f"{SEARCH_PATH}=[{quoted}]"


def record(root: Path, config: DictConfig) -> Path | None:
    """Write down a sweep that is about to start; the same sweep again is the same file.

    Args:
        root: exists and can be written.
        config: of the sweep, with its `hydra` node.

    Returns:
        The file; None for a sweep over experiments or names, whose jobs share no folder.
    """
    given = list(config.hydra.overrides.task)
    params = config.hydra.sweeper.get("params") or {}
    cells = expand([*(f"{key}={value}" for key, value in params.items()), *given])
    if len({tuple(word for word in cell if word.partition("=")[0] in PLACES) for cell in cells}) > 1:
        return None
    own = own_folders(config.hydra)
    hydra = [word for word in config.hydra.overrides.hydra if not word.startswith(("hydra.mode=", f"{SEARCH_PATH}="))]
    path = root / FOLDER / f"{hashlib.sha256(json.dumps(sorted(given)).encode()).hexdigest()[:8]}.json"
    path.parent.mkdir(exist_ok=True)
    asked = {"words": [*given, *hydra, *own], "cells": [[*cell, *own] for cell in cells]}
    path.write_text(json.dumps(asked, indent=1), encoding="utf-8")
    return path


def read(folder: Path) -> list[Sweep]:
    """All sweeps that were started below `folder`; files that can't be read are left out."""
    sweeps = []
    for path in sorted(folder.rglob(f"{FOLDER}/*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            cells = tuple(tuple(cell) for cell in content["cells"])
            sweeps.append(Sweep(path.parents[1], tuple(content["words"]), cells))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return sweeps
