"""The space of a search beside its journal: a list as arrays without pickle, a description as its text."""

import hashlib
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from siamnas.errors import InputError, reason
from siamnas.experiment import fingerprint
from siamnas.graphs.roles import Roles
from siamnas.runtime import files
from siamnas.spaces.described.space import Described
from siamnas.spaces.domain import Domain
from siamnas.spaces.listed import Space
from siamnas.spaces.public import Space as Public

FILE = "space.npz"
MOST = 64 << 20  # bytes of a list that is kept
ANSWERS, ASKED = "answers", 16  # key of a fingerprint, and how many architectures functions are asked for
ROLES = ("identity", "zero", "input", "output", "weightless")


def holds(space: Space | Domain) -> dict[str, str]:
    """What decides what is chosen from a space, as texts that differ where it differs."""
    if isinstance(space, Space):
        return fingerprint.of_space(space)
    answers = {ANSWERS: _answers(space)} if isinstance(space, Described) and space.definition is None else {}
    return fingerprint.of_domain(space) | answers


def _answers(domain: Domain) -> str:
    """A digest of what the functions of a description say of some architectures: their names do not tell them apart."""
    rows = domain.sample(np.random.default_rng(0), ASKED)
    columns = domain.graphs(rows).columns
    told = [[f"{value:.9g}" for value in columns[name]] for name in sorted(columns)]  # the same on other processors
    return hashlib.sha256(json.dumps([[domain.describe(row) for row in rows], told]).encode()).hexdigest()


def write(folder: Path, space: Space) -> None:
    """Keep a list.

    Raises:
        InputError: it can't be written.
    """
    told = {"name": space.name, "archs": space.archs.tolist(), "node_types": space.node_types, "unique": space.unique}
    told |= {"columns": list(space.columns), "card": dict(space.card), "roles": _roles_out(space.table)}
    arrays: dict[str, Any] = {
        "told": np.frombuffer(json.dumps(told).encode(), dtype=np.uint8),
        "types": space.types,
        "shape": np.array(space.adjacency.shape),
        "adjacency": np.packbits(space.adjacency != 0),
        "columns": np.array(list(space.columns.values()), dtype=np.float64),
    }
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    files.write(folder / FILE, content.getvalue())


def fits(space: Space) -> bool:
    """Whether a list is small enough to be kept."""
    names = sum(map(len, space.archs.tolist()))
    return space.types.nbytes + space.adjacency.size // 8 + 8 * len(space.columns) * len(space) + names <= MOST


def read(folder: Path) -> Space:
    """The list that was kept.

    Raises:
        InputError: it can't be read.
    """
    try:
        with np.load(folder / FILE, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        told = json.loads(arrays["told"].tobytes())
        shape = tuple(arrays["shape"].tolist())
        bits = np.unpackbits(arrays["adjacency"], count=int(np.prod(shape)))
        space = Public(
            name=told["name"],
            archs=np.array(told["archs"], dtype=np.str_),
            card=told["card"],
            unique=told["unique"],
            node_types=tuple(told["node_types"]),
            types=arrays["types"],
            adjacency=bits.reshape(shape).astype(np.float32),
            columns=dict(zip(told["columns"], arrays["columns"], strict=True)),
            table=_roles_in(told["roles"]),
        )
    except Exception as error:  # whatever a damaged file makes of numpy, zip and JSON
        raise InputError(f"{folder / FILE}: cannot be read ({reason(error)}); give the space") from error
    return space


def _roles_out(roles: Roles | None) -> dict[str, Any] | None:
    if roles is None:
        return None
    return {role: list(names) if role == "fixed" else sorted(names) for role, names in asdict(roles).items()}


def _roles_in(roles: dict[str, Any] | None) -> Roles | None:
    if roles is None:
        return None
    return Roles(**{role: frozenset(roles[role]) for role in ROLES}, fixed=tuple(roles["fixed"]))
