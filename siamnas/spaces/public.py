"""The public `siamnas.Space`: a space of your own, from graphs or from files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from siamnas.benchmarks.constraints import Constraints
from siamnas.config.validate import Word
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.roles import table as role_table
from siamnas.runtime.arguments import flag
from siamnas.spaces import from_graphs, given, json_folder, json_writer
from siamnas.spaces import listed as base
from siamnas.spaces.described import configspace, files
from siamnas.spaces.described.limits import Constraints as Limits
from siamnas.spaces.described.sampled import Graph, Sampled
from siamnas.spaces.described.space import Column, Described
from siamnas.spaces.nano.space import space as nano_space
from siamnas.spaces.table.space import Shape, read


class Space(base.Space):
    """A search space, see `siamnas.spaces.listed.Space`, with the ways to make one of your own."""

    @classmethod
    def of_graphs(
        cls,
        operations: Sequence[Sequence[str]],
        edges: Sequence[Sequence[tuple[int, int]]],
        names: Sequence[str] | None = None,
        columns: Mapping[str, FloatArray] | None = None,
        name: str = "own",
        roles: Mapping[str, Sequence[str]] | None = None,
        unique: bool = False,
    ) -> "Space":
        """A space of your own graphs.

        Args:
            operations: the operation on each node, for every architecture.
            edges: pairs (from, to) of node numbers, for every architecture; no cycles, no self loops.
            names: of the architectures; `arch_0`, `arch_1`, ... if None.
            columns: what you know of every architecture for free, such as `flops`: a list each, or a dictionary or a
                series of pandas from their names.
            name: of the space.
            roles: what operations do whose names do not say it, such as `{"identity": ["pass"], "zero": ["cut"]}`; see
                `siamnas.graphs.roles.table`.
            unique: a search evaluates one of equal architectures only.

        Raises:
            InputError: names the architecture that is no DAG, or has an edge to a node that does not exist.
        """
        free = {} if columns is None else columns
        return cls._like(from_graphs.of_lists(operations, edges, names, free, name), roles, flag("unique", unique))

    @classmethod
    def of_folder(
        cls,
        path: str | Path,
        name: str | None = None,
        constraints: Sequence[str] = (),
        roles: Mapping[str, Sequence[str]] | None = None,
        unique: bool = False,
    ) -> "Space":
        """A folder with one JSON file per architecture, see `siamnas.spaces.json_folder`; accuracies are not read.

        Args:
            path: the folder.
            name: of the space; that of the folder if None.
            constraints: keep only the architectures that fulfil them, for example `flops<=35`.
            roles: see `of_graphs`.
            unique: see `of_graphs`.

        Raises:
            InputError: names the file that can't be used, and why; a constraint is none, or nothing is left.
        """
        files = json_folder.read(Path(path).expanduser())
        light = [files[i] for i in json_folder.kept(files, constraints)]
        return cls._like(json_folder.free(light, name or Path(path).name, total=len(files)), roles, unique)

    @classmethod
    def of_nano(cls, constraints: Sequence[str] = ("flops<=35",)) -> "Space":
        """The cells of the Nano space, with FLOPs and parameters, see `siamnas.spaces.nano.space`.

        Args:
            constraints: keep only cells whose network fulfils them; at most 35 MFLOPs, as in Tiny-NanoBench, if
                nothing is said, and () keeps all.

        Raises:
            InputError: a constraint is none, or no cell is left.
        """
        return cls._like(nano_space("nano", list(constraints), unique=False))

    @staticmethod
    def of_choices(
        description: Any,
        name: str = "own",
        columns: Mapping[str, Column] | None = None,
        constraints: Limits = (),
        roles: Mapping[str, Sequence[str]] | None = None,
    ) -> Described:
        """A space that is too large for a list, described by its choices; see `docs/spaces.md`.

            block = {"kernel": [3, 5, 7], "expand": [3, 4, 6]}
            siamnas.Space.of_choices({"width": [16, 24, 32], "layers": siamnas.repeat(block, 2, 20)})

        Args:
            description: name -> a list of options, or a part made of `choice`, `chain`, `repeat`, `optional` and `dag`.
            name: of the space.
            columns: what is known of an architecture without training: functions of its choices, or expressions such as
                `width * len(layers)`.
            constraints: that architectures must fulfil: `params<=7e9` of a column, or functions of the choices that are
                True where an architecture is allowed.
            roles: see `of_graphs`.

        Raises:
            InputError: the description, a column or a constraint is not allowed.
        """
        return Described(description, name, columns, constraints, roles)

    @staticmethod
    def of_sampler(
        sample: Callable[[np.random.Generator], Any],
        mutate: Callable[[Any, np.random.Generator], Any],
        graph: Callable[[Any], Graph],
        *,
        crossover: Callable[[Any, Any, np.random.Generator], Any] | None = None,
        key: Callable[[Any], str] | None = None,
        describe: Callable[[Any], str] | None = None,
        parse: Callable[[str], Any] | None = None,
        choices: Callable[[Any], Mapping[str, Any]] | None = None,
        operations: Sequence[str] | None = None,
        nodes: int | None = None,
        columns: Mapping[str, Callable[[Any], float]] | None = None,
        constraints: Limits = (),
        name: str = "own",
        roles: Mapping[str, Sequence[str]] | None = None,
    ) -> Sampled:
        """A space of your own functions; an architecture is any object, which is never changed.

        Args:
            sample: a random generator of numpy -> an architecture.
            mutate: an architecture and a generator -> another one that lies beside it.
            graph: an architecture -> its operations, and its edges as pairs of node numbers.
            crossover: two architectures and a generator -> a child; a mutant of one of them if None.
            key: an architecture -> a text that is equal for equal ones; None to compare their graphs.
            describe: an architecture -> a short text that names it; None for what Python shows of it.
            parse: the text -> the architecture; None to read it as a literal of Python.
            choices: an architecture -> a dict for trainings; None for the architecture itself, if it is a dict.
            operations: all names of operations; those of 256 random architectures if None.
            nodes: the largest number of nodes; that of 256 random architectures if None.
            columns: name -> a function of an architecture, of what is known of it without training.
            constraints: `column <= number`, or functions of an architecture that are True where it is allowed.
            name: of the space.
            roles: see `of_graphs`.

        Raises:
            InputError: a function fails, or its answer can't be used.
        """
        return Sampled(
            sample, mutate, graph, crossover, key, describe, parse, choices, operations, nodes, columns or {},
            constraints, name, roles,
        )  # fmt: skip

    @staticmethod
    def of_configspace(
        configuration_space: Any,
        name: str | None = None,
        columns: Mapping[str, Column] | None = None,
        constraints: Limits = (),
    ) -> Described:
        """A space of ConfigSpace 1.2, with its conditions and its forbidden combinations.

        Its `choices` are a dict of the hyperparameters that play a part. Floats, and integers of which there are more,
        become 16 values.

        Args:
            configuration_space: a `ConfigurationSpace`; its JSON file is read by `of_file`.
            name: of the space; its own if None.
            columns: see `of_choices`.
            constraints: see `of_choices`.

        Raises:
            InputError: it has what is not known here, or a column or a constraint is not allowed.
        """
        if not hasattr(configuration_space, "to_serialized_dict"):
            kind = type(configuration_space).__name__
            raise InputError(f"of_configspace: must be a ConfigurationSpace of ConfigSpace 1.2, not {kind}")
        described = configspace.conditional(configuration_space.to_serialized_dict())
        return Described(described, name or configuration_space.name or "own", columns, constraints)

    @staticmethod
    def of_file(path: str | Path, name: str | None = None) -> Described:
        """The space that a YAML file describes, see `docs/spaces.md`, or a JSON file of ConfigSpace.

        Args:
            path: the file; its keys are `space`, and, if wanted, `name`, `columns`, `constraints` and `roles`.
            name: of the space; None for what the file says, or its own name.

        Raises:
            InputError: names the file, and what is wrong with it.
        """
        return files.read(path, name)

    @staticmethod
    def of_table(
        path: str | Path,
        columns: Sequence[str] = (),
        *,
        operations: str = "operations",
        edges: str | None = "edges",
        adjacency: str | None = None,
        archs: str | None = None,
        node_types: Sequence[str] | None = None,
        constraints: Sequence[str] = (),
        roles: Mapping[str, Sequence[str]] | None = None,
        unique: bool = False,
        name: str | None = None,
    ) -> base.Space:
        """A csv, jsonl, parquet or npz file with one row per architecture, up to half a million; see `space=table`.

        Args:
            path: the file.
            columns: those that are known of every architecture without training, such as `flops`; no other is read.
            operations: column with the operations on the nodes: `in conv pool out`, or a list; in an npz (M, V).
            edges: column with the edges: `0-1 0-2 1-3`, or a list of pairs; None if `adjacency` has them.
            adjacency: column with the matrix without self loops: `0110...` row by row, or lists; in an npz (M, V, V).
            archs: column with the names, all different; None to number them.
            node_types: the operation names that may occur; None for those that do.
            constraints: keep only the architectures that fulfil them, for example `flops<=35`.
            roles: see `of_graphs`.
            unique: see `of_graphs`.
            name: of the space; that of the file if None.

        Raises:
            InputError: a column is missing, or a row is bad, which the message names.
        """
        types = None if node_types is None else given.several("node_types", node_types)
        free, limits = given.several("columns", columns), given.several("constraints", constraints)
        shape = Shape(operations, edges, adjacency, archs, types)
        return read(path, shape, free, limits, roles, unique, name=name)[0]

    def to_folder(self, path: str | Path, values: Mapping[str, FloatArray] | None = None) -> None:
        """Write one JSON file per architecture, for `of_folder`, see `siamnas.spaces.json_writer.write_folder`.

        Args:
            path: the folder; without JSON files in it.
            values: what was measured: key such as `gt_accuracy` -> (M,) numbers, NaN where it was not.

        Raises:
            InputError: the folder can't be written, or a key can't be one.
        """
        json_writer.write_folder(self, path, values)

    @classmethod
    def _like(
        cls, space: base.Space, roles: Mapping[str, Sequence[str]] | None = None, unique: bool = False
    ) -> "Space":
        """The same space as one of this class, with the roles of its node types."""
        given = {field.name: getattr(space, field.name) for field in fields(space)}
        return cls(**given | {"table": role_table(space.node_types, roles), "unique": unique})


def folder(name: Word, path: Word, constraints: Constraints, roles: dict[str, list[str]] | None, unique: bool) -> Space:
    """The architectures of a folder alone: nothing of them has been measured yet, see `Space.of_folder`."""
    return Space.of_folder(path, name, constraints, roles, unique)
