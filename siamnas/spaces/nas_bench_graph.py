"""NAS-Bench-Graph: 26,206 graph neural networks of four operations on a tree of links, on four data sets of nodes."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks import shipped, user_tables
from siamnas.benchmarks.codes import CodeOptions, estimation_code
from siamnas.benchmarks.constraints import Constraints, within
from siamnas.benchmarks.measurements import Measured
from siamnas.benchmarks.metric import Metric
from siamnas.config.validate import Word
from siamnas.graphs.columns import Columns
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space

FILE = "nas_bench_graph.npz"
NAMES = ("gat", "gcn", "gin", "cheb", "sage", "arma", "graph", "fc", "skip")  # of the operations 0 to 8
NODE_TYPES = ("input", *NAMES, "output")
OPERATIONS = 4  # of a network
LATENCY = "latency"  # measured on a trained network, so it is not free


@dataclass
class Split:
    """Options of `label` and `report`: an accuracy, the mean of three trainings."""

    split: Literal["valid", "test"]


@shipped.reads(FILE)
def load(
    name: Word,
    dataset: Literal["cora", "citeseer", "computers", "arxiv"],
    constraints: Constraints,
    unique: bool,
    label: Split,
    report: Split,
    code: CodeOptions,
    measured: list[Word],
    data_dir: Word | None,
) -> Benchmark:
    """NAS-Bench-Graph in the order of its package; V = 6 nodes: input, the four operations, output.

    An operation takes what the input or an earlier operation gives; what no operation takes leads to the output.

    Args:
        name: name of the space.
        dataset: whose accuracies.
        constraints: keep only networks that fulfil them, see `siamnas.benchmarks.constraints`.
        unique: see `Space`.
        label: `split` of the accuracy that queries return.
        report: the same for the accuracy that results report.
        code: Estimation Code of kind columns, measured, file or none; nothing was published for this space.
        measured: tables of `siamnas measure`.
        data_dir: folder of `nas_bench_graph.npz`; None for the packaged one.

    Raises:
        InputError: an option that the table does not have, or a table that is not the shipped one.
    """
    table = shipped.load(FILE, data_dir)
    links, operations = table["links"], table["operations"]
    free: Columns = {"params": table[f"{dataset}.params"]}
    keep = within(free, constraints, len(links))
    links, operations = links[keep], operations[keep]
    columns = {key: values[keep] for key, values in free.items()}
    archs = np.array(
        [
            f"{''.join(map(str, link))} {' '.join(NAMES[i] for i in own)}"
            for link, own in zip(links.tolist(), operations.tolist(), strict=True)
        ]
    )
    tables = user_tables.read(measured, archs, columns)
    own = user_tables.columns(tables)
    codes = estimation_code(code, columns | own, {}, tables, len(keep))
    space = Space(
        name=name,
        node_types=NODE_TYPES,
        types=_types(operations),
        adjacency=_adjacency(links),
        archs=archs,
        columns=columns,
        card=shipped.card("NAS-Bench-Graph", dataset, FILE, len(keep), len(table["links"])),
        unique=unique,
    )
    found = Measured(
        metric=Metric(f"{report.split}_mean"),
        label=table[f"{dataset}.{label.split}"][keep],
        label_name=f"{label.split}_mean",
        report=table[f"{dataset}.{report.split}"][keep],
        code=codes.values,
        code_name=codes.name,
        code_seconds=codes.seconds,
        train_seconds=np.full(len(keep), np.nan),
        columns={LATENCY: table[f"{dataset}.{LATENCY}"][keep].astype(np.float64)} | own,
        column_seconds=user_tables.seconds(tables),
    )
    return Benchmark(space, found)


def _types(operations: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(M, 6) node types of operations (M, 4)."""
    types = np.zeros((len(operations), OPERATIONS + 2), np.uint8)
    types[:, 1:-1] = operations + 1
    types[:, -1] = len(NODE_TYPES) - 1
    return types


def _adjacency(links: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(M, 6, 6) A + I of links (M, 4): the node, from 0 for the input, that each operation takes."""
    adjacency = np.tile(np.eye(OPERATIONS + 2, dtype=np.float32), (len(links), 1, 1))
    rows = np.arange(len(links))
    for node in range(1, OPERATIONS + 1):
        adjacency[rows, links[:, node - 1], node] = 1
    last = ~(adjacency[:, 1:-1, 1:-1] - np.eye(OPERATIONS, dtype=np.float32)).any(axis=2)
    adjacency[:, 1:-1, -1] = last
    return adjacency
