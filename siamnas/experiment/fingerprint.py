"""What the files behind a configuration, and a space, hold: they are identified by that, wherever they lie."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from siamnas.benchmarks.user_tables import place
from siamnas.config.instantiate import find_class
from siamnas.errors import InputError
from siamnas.runtime import regular
from siamnas.spaces.domain import Domain
from siamnas.spaces.listed import Space

PATHS = ("path", "data_dir", "measured")
"""Keys of a space that say where something lies on this machine."""
BLOCK = 1 << 20  # bytes read at a time


def fingerprint(space: Mapping[str, Any]) -> dict[str, str]:
    """The sha256 of all that the numbers of a space come from.

    Args:
        space: the group `space` of a configuration. Its shipped table, if it has one, and whatever a key `path` names
            are read, where a folder stands for the JSON files in it; and the tables of a list `measured`.

    Returns:
        Name of the table, or dotted key of the path -> digest.

    Raises:
        InputError: a path leads nowhere, or can't be read.
    """
    found = {}
    if table := getattr(find_class(space), "shipped_table", None):
        from siamnas.benchmarks import shipped

        found[table] = shipped.digests()[table]
    for key, value in _paths(space):
        found[key] = _digest(Path(str(value)).expanduser(), f"space.{key}={value}")
    return found


def of_space(space: Space) -> dict[str, str]:
    """What is known of the architectures of a space before a search, and decides what it chooses.

    Returns:
        `graphs` (with their names, in their order), `columns` (those that are free), `roles` and `unique`, a text each.
    """
    types = hashlib.sha256(json.dumps([space.node_types, space.archs.tolist()]).encode())
    for array in (space.types, space.adjacency):
        types.update(f"{array.shape} ".encode() + np.ascontiguousarray(array).tobytes())
    columns = hashlib.sha256()
    for name in sorted(space.columns):
        columns.update(f"{len(name)} {name} ".encode() + np.ascontiguousarray(space.columns[name]).tobytes())
    roles = {
        role: sorted(names) if isinstance(names, frozenset) else list(names)
        for role, names in dataclasses.asdict(space.roles).items()
    }
    return {
        "graphs": types.hexdigest(),
        "columns": columns.hexdigest(),
        "roles": hashlib.sha256(json.dumps(roles, sort_keys=True).encode()).hexdigest(),
        "unique": str(space.unique).lower(),
    }


def of_domain(domain: Domain) -> dict[str, str]:
    """What decides what is chosen from a space without a list, as texts that differ where it differs.

    Returns:
        `definition`, a digest, and `functions`, the names of those of the user's that it holds.
    """
    from siamnas.spaces.described import plain
    from siamnas.spaces.described.space import Described

    if not isinstance(domain, Described):
        told = [domain.node_types, domain.nodes, domain.columns]
        return {"definition": _of_json(told), "functions": "those of Space.of_sampler"}
    columns = {name: None if callable(column) else column for name, column in domain.given.items()}
    limits = [limit for limit in domain.constraints if not callable(limit)]
    functions = [f"{name}: {_called(one)}" for name, one in domain.given.items() if callable(one)]
    functions += [_called(limit) for limit in domain.constraints if callable(limit)]
    told = [plain.plain(domain.description), domain.roles, columns, limits]
    return {"definition": _of_json(told), "functions": ", ".join(functions) or "none"}


def of_architectures(domain: Domain) -> str:
    """A digest of what the texts of its architectures stand for, whatever is allowed or known of them."""
    from siamnas.spaces.described import plain
    from siamnas.spaces.described.space import Described

    if isinstance(domain, Described):
        return _of_json(plain.plain(domain.description))
    return _of_json([domain.node_types, domain.nodes])


def _of_json(told: Any) -> str:
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


def _called(function: object) -> str:
    return getattr(function, "__qualname__", type(function).__qualname__).rpartition("<locals>.")[2]


def without_paths(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The group without the keys of `PATHS`."""
    return {
        key: without_paths(value) if isinstance(value, Mapping) else value
        for key, value in fields.items()
        if key not in PATHS
    }


def _paths(fields: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Dotted key and value of everything that is called `path`."""
    found: list[tuple[str, Any]] = []
    if fields.get("kind", "file") != "file":  # an Estimation Code of another kind reads no file
        return found
    for key, value in fields.items():
        if isinstance(value, Mapping):
            found += _paths(value, f"{prefix}{key}.")
        elif key == "path" and value is not None:
            found.append((prefix + key, value))
        elif key == "measured" and isinstance(value, list):
            found += [(f"{prefix}{key}[{i}]", place(one)) for i, one in enumerate(map(str, value))]
    return found


def _digest(path: Path, said: str) -> str:
    """Of a file, or of the names and contents of the JSON files of a folder."""
    digest = hashlib.sha256()
    try:
        if not path.is_dir():
            _read_into(digest, path)
            return digest.hexdigest()
        for file in sorted(path.glob("*.json")):
            # Length, name and size before each content, so that no two folders read as the same bytes.
            digest.update(f"{len(file.name)} {file.name} {file.stat().st_size} ".encode())
            _read_into(digest, file)
    except OSError as error:
        raise InputError(f"{said}: {error.strerror or error}") from error
    return digest.hexdigest()


def _read_into(digest: "hashlib._Hash", file: Path) -> None:
    with regular.opened(file) as content:
        while block := content.read(BLOCK):
            digest.update(block)
