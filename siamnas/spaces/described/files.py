"""Descriptions in files: a YAML file holds a space, with free columns and constraints; ConfigSpace has its JSON."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from siamnas.config import yaml_files
from siamnas.config.validate import Word, near
from siamnas.errors import InputError, reason, shown
from siamnas.runtime import regular
from siamnas.spaces.described import configspace, language, plain
from siamnas.spaces.described.space import Described
from siamnas.spaces.domain import CLASSES

KEYS = ("name", "space", "columns", "constraints", "roles", "network", "classes")
LONGEST = 1000  # characters of what is said of a file, which may hold any names
JSON = ".json"
ENDINGS = (".yaml", ".yml", JSON)
EMPTY: Mapping[str, Any] = {"columns": {}, "constraints": [], "roles": {}}
CONFIGSPACE = "hyperparameters"  # a key of its files


def load(name: Word | None, path: Word, constraints: list[str]) -> Described:
    """The space of a file.

    Args:
        name: of the space; that of the file if None.
        path: the file, see `read`.
        constraints: further ones, on the columns of the file, such as `params<=7e9`.

    Raises:
        InputError: see `read`; there is no such column.
    """
    return read(path, name, constraints)


def read(path: str | Path, name: str | None = None, constraints: list[str] | None = None) -> Described:
    """The space that a YAML file describes, see docs/spaces.md for its keys, or a JSON file of ConfigSpace.

    Args:
        path: the file.
        name: of the space; None for what the file says, or its own name.
        constraints: more than the file has.

    Raises:
        InputError: names the file, and what is wrong with it.
    """
    file = regular.place("path", path)
    if file.suffix not in ENDINGS:
        raise InputError(f"{file}: must be a file that describes a space, {', '.join(ENDINGS)}")
    try:
        yaml_files.check(file)
        text = file.read_text(encoding="utf-8")
        if file.suffix != JSON:
            yaml_files.check_meaning(text, yaml_files.NUMBERS, yaml_files.WORDS, yaml_files.POWER)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from error
    except (ValueError, yaml_files.Broken, RecursionError) as error:
        raise InputError(f"{file}: is no description of a space: {reason(error)}") from error
    return of_text(text, str(file), name, file.stem, constraints or [])


def of_text(
    text: str, key: str = "definition", name: str | None = None, stem: str = "own", more: list[str] | None = None
) -> Described:
    """The space that a text describes, such as the `definition` of a space.

    Args:
        text: YAML.
        key: what messages begin with.
        name: of the space; None for what the text says.
        stem: its name where the text says none.
        more: further constraints.

    Raises:
        InputError: says what is wrong with it.
    """
    try:
        given = yaml_files.load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{key}: is no YAML: {reason(error)}") from error
    if isinstance(given, Mapping) and CONFIGSPACE in given:
        return _of_configspace(given, key, name or given.get("name") or stem, more or [])
    known = ", ".join(KEYS)
    if not isinstance(given, Mapping) or "space" not in given:
        raise InputError(f"{key}: must have the key space with the choices; there are {known}")
    for other in given.keys() - set(KEYS):
        raise InputError(f"{key}: unknown key {shown(str(other))}{near(str(other), list(KEYS))}; there are {known}")
    try:
        return _made({**given, "name": name or _or(given.get("name"), stem)}, more or [])
    except InputError as error:
        raise InputError(f"{key}: {shown(str(error), LONGEST)}") from None


def _of_configspace(given: Mapping[str, Any], key: str, name: str, constraints: list[str]) -> Described:
    """The space of a file of ConfigSpace."""
    try:
        return Described(configspace.conditional(given), str(name), {}, constraints)
    except InputError as error:
        raise InputError(f"{key}: {shown(str(error), LONGEST)}") from None


def _made(given: Mapping[str, Any], more: list[str]) -> Described:
    """The space of checked keys."""
    columns, constraints, roles = (_or(given.get(key), empty) for key, empty in EMPTY.items())
    if not isinstance(given["name"], str) or not given["name"]:
        raise InputError(f"name={given['name']!r}: must be a text")
    if not isinstance(columns, Mapping) or not all(isinstance(name, str) for name in columns):
        raise InputError(f"columns={shown(repr(columns))}: must be a mapping, name: expression")
    if not isinstance(roles, Mapping) or not all(isinstance(names, list) for names in roles.values()):
        raise InputError(f"roles={shown(repr(roles))}: must be a mapping, role: [node types]")
    if not isinstance(constraints, list) or not all(isinstance(one, str) for one in constraints):
        raise InputError(f"constraints={shown(repr(constraints))}: must be a list of texts such as params<=7e9")
    network, classes = given.get("network", ""), given.get("classes", CLASSES)
    if not isinstance(network, str):
        raise InputError(f"network={shown(repr(network))}: must be an option of the group network")
    if type(classes) is not int or classes < 1:
        raise InputError(f"classes={shown(repr(classes))}: must be an integer of at least 1")
    return Described(
        _whole(given["space"]),
        given["name"],
        {str(name): str(expression) for name, expression in columns.items()},
        [*constraints, *more],
        roles,
        network,
        classes,
    )


def _or(value: Any, empty: Any) -> Any:
    """What a file says, or nothing of that kind where it says nothing."""
    return empty if value is None else value


def _whole(value: Any) -> language.Part:
    """The description; at the top a mapping names the parts of a chain."""
    if isinstance(value, Mapping) and not set(language.RESERVED) & value.keys():
        return plain.part({"chain": value}, "space")
    return plain.part(value, "space")
