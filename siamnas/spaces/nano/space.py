"""The Nano space (Siamese-NAS, arXiv 2210.00546): cells of light operations, the lightest of Tiny-NanoBench."""

import functools
import inspect
from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from siamnas.benchmarks.constraints import Constraints, within
from siamnas.config.validate import Condition, Word
from siamnas.graphs.arrays import FloatArray
from siamnas.spaces import from_graphs, json_folder
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space
from siamnas.spaces.nano import cells
from siamnas.spaces.nano.cost import cost

NODES = 7  # of the largest cell, input and output included
NODE_TYPES = (
    "input", "conv1x1-bn-relu", "conv3x3-bn-relu", "maxpool3x3", "none", "dwconv3x3", "conv1x1", "atten", "expand",
    "split", "output",
)  # fmt: skip
"""The published encoding; no cell of the space has the second to the fourth."""


def space(name: Word, constraints: Constraints, unique: bool) -> Space:
    """The valid cells of at most 7 nodes, with the `flops` (MFLOPs) and `params` (millions) of the published network.

    They are in the order of `siamnas.spaces.nano.cells.cells`, smaller cells first, and named by `Cell.name`; smaller
    ones are padded with `none` nodes.

    Args:
        name: of the space.
        constraints: keep only cells whose network fulfils them, see `siamnas.benchmarks.constraints`.
        unique: see `Space`.

    Raises:
        InputError: a constraint is none, or no cell is left.
    """
    every, columns = _all()
    keep = within(columns, constraints, len(every))
    card = {"benchmark": "Nano (Siamese-NAS)", "architectures": f"{len(keep)} of {len(every)}"}
    kept = [every[i] for i in keep]
    found = from_graphs.of_lists(
        [cell.operations for cell in kept],
        [cell.edges for cell in kept],
        [cell.name for cell in kept],
        {column: values[keep] for column, values in columns.items()},
        name,
        NODE_TYPES,
        card,
    )
    return replace(found, unique=unique)


@functools.cache
def _all() -> tuple[list[cells.Cell], dict[str, FloatArray]]:
    """All cells, and what their networks cost."""
    every = [cell for nodes in range(2, NODES + 1) for cell in cells.cells(nodes)]
    flops, params = np.array([cost(cell) for cell in every]).T / 1e6
    return every, {"flops": flops, "params": params}


def published(**fields: Any) -> Benchmark:
    """Tiny-NanoBench from the folder that its authors have made, see `siamnas.spaces.json_folder.load`."""
    return json_folder.load(**fields)


FOLDER = Annotated[str, Condition("the folder of the benchmark, which is not public as a table: docs/measure.md", bool)]
published.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        one.replace(annotation=FOLDER) if one.name == "path" else one
        for one in inspect.signature(json_folder.load).parameters.values()
    ]
)
