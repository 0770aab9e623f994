"""The 5,125 MnasNets that Accel-NASBench has trained on ImageNet, as a list."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks import shipped, user_tables
from siamnas.benchmarks.codes import CodeOptions, estimation_code
from siamnas.benchmarks.constraints import Constraints, within
from siamnas.benchmarks.measurements import Measured
from siamnas.benchmarks.metric import Metric
from siamnas.config.validate import Word
from siamnas.graphs.arrays import IntArray
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.described.encoding import Rows
from siamnas.spaces.described.free import Choices
from siamnas.spaces.described.lowered import INPUT, OUTPUT
from siamnas.spaces.from_graphs import PADDING
from siamnas.spaces.listed import Space
from siamnas.spaces.mobile import mnasnet

FILE = "accel_nasbench.npz"
PERCENT = 100


@shipped.reads(FILE)
def load(
    name: Word,
    form: Literal["chain", "slots"],
    constraints: Constraints,
    code: CodeOptions,
    measured: list[Word],
    data_dir: Word | None,
) -> Benchmark:
    """The measured networks, in the order of their choices; of those that were trained twice the mean.

    Args:
        name: name of the space.
        form: chain, every layer a node, or slots, one node for each stage with its number of layers.
        constraints: keep only networks that fulfil them, see `siamnas.benchmarks.constraints`.
        code: Estimation Code of kind columns, measured, file or none; nothing was published for this space.
        measured: tables of `siamnas measure`.
        data_dir: folder of `accel_nasbench.npz`; None for the packaged one.

    Raises:
        InputError: an option that the table does not have, or a table that is not the shipped one.
    """
    table = shipped.load(FILE, data_dir)
    space, keep = _space(table["rows"].astype(np.int16), name, FORMS[form], constraints)
    tables = user_tables.read(measured, space.archs, space.columns)
    own = user_tables.columns(tables)
    codes = estimation_code(code, dict(space.columns) | own, {}, tables, len(keep))
    found = Measured(
        metric=Metric("top1"),
        label=table["top1"][keep] / PERCENT,
        label_name="top1",
        report=table["top1"][keep] / PERCENT,
        code=codes.values,
        code_name=codes.name,
        code_seconds=codes.seconds,
        train_seconds=table["train_seconds"][keep].astype(np.float64),
        columns=own,
        column_seconds=user_tables.seconds(tables),
    )
    return Benchmark(space, found)


def chain(choices: Choices) -> list[str]:
    """A node for every layer, such as e6k3s0."""
    return [_block(layer) for stage in choices.values() for layer in stage]


def slots(choices: Choices) -> list[str]:
    """A node for every stage, such as e6k3s0l2."""
    return [f"{_block(stage[0])}l{len(stage)}" for stage in choices.values()]


def _space(
    rows: Rows, name: str, form: Callable[[Choices], list[str]], constraints: Constraints
) -> tuple[Space, IntArray]:
    """The networks of rows (n, 28) that fulfil constraints, and their numbers among these rows."""
    domain = mnasnet.space(name, [])
    columns = domain.graphs(rows).columns
    keep = within(columns, constraints, len(rows))
    kept = rows[keep]
    types, adjacency = _graphs([[INPUT, *form(domain.choices(row)), OUTPUT] for row in kept])
    node_types, numbers = np.unique(types, return_inverse=True)
    space = Space(
        name=name,
        node_types=tuple(node_types.tolist()),
        types=numbers.reshape(types.shape).astype(np.uint8),
        adjacency=adjacency,
        archs=np.array([domain.describe(row) for row in kept]),
        columns={key: values[keep] for key, values in columns.items()},
        card=shipped.card("Accel-NASBench", "ImageNet", FILE, len(keep), len(rows)),
    )
    return space, keep


def _graphs(nodes: list[list[str]]) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    """(M, V) names of the nodes of chains, the shorter ones padded, and (M, V, V) A + I."""
    most, lengths = max(map(len, nodes)), np.array([len(chain) for chain in nodes])
    adjacency = np.tile(np.eye(most, dtype=np.float32), (len(nodes), 1, 1))
    adjacency[:, np.arange(most - 1), np.arange(1, most)] = np.arange(1, most) < lengths[:, None]
    return np.array([[*chain, *[PADDING] * (most - len(chain))] for chain in nodes]), adjacency


def _block(layer: Choices) -> str:
    """A layer in short."""
    return f"e{layer['expand']}k{layer['kernel']}s{layer['squeeze']:d}"


FORMS: Mapping[str, Callable[[Choices], list[str]]] = {"chain": chain, "slots": slots}
