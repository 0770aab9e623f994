"""NAS-Bench-201: 15,625 cells of 6 edges with one of 5 operations each, on three data sets."""

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks import shipped, user_tables
from siamnas.benchmarks.codes import CodeOptions, estimation_code
from siamnas.benchmarks.constraints import Constraints, within
from siamnas.benchmarks.labels import Accuracy, tabled
from siamnas.benchmarks.user_tables import Losses, Table
from siamnas.config.validate import Word
from siamnas.errors import InputError
from siamnas.graphs.arrays import IntArray
from siamnas.graphs.columns import Columns, sort
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space

FILE = "nb201.npz"
ZERO_COST = "nb201_zero_cost.npz"  # measured by us, the same for all data sets
PREFIXES = {"cifar10": "c10", "cifar100": "c100", "imagenet16-120": "in16"}
PROXY_EPOCHS = 50
HARDWARE = re.compile(r"hw_([a-z0-9]+)_(\w+)")  # device and metric of HW-NAS-Bench

# The numbers behind `operations` of the table, whose columns are the edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3.
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
ARCH = "|{}~0|+|{}~0|{}~1|+|{}~0|{}~1|{}~2|"

# Operation-on-node graph (arXiv 2210.00546): `zeros` is the benchmark's edge operation `none`, because here `none` is a
# plain sum. An integer in NODES stands for the operation on that edge.
NODE_TYPES = (
    "skip_connect",
    "zeros",
    "none",
    "split_2",
    "split_3",
    "nor_conv_3x3",
    "nor_conv_1x1",
    "avg_pool_3x3",
    "output",
)
NODES: tuple[str | int, ...] = ("split_3", 0, "split_2", 1, 2, "none", 3, 4, 5, "output")
LINKS = ((0, 1), (0, 3), (0, 6), (1, 2), (2, 4), (2, 7), (3, 5), (4, 5), (5, 8), (6, 9), (7, 9), (8, 9))


def adjacency() -> NDArray[np.float32]:
    """A + I, (10, 10), the same for every cell."""
    matrix = np.eye(len(NODES), dtype=np.float32)
    matrix[tuple(zip(*LINKS, strict=True))] = 1
    return matrix


def node_types(operations: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Node types (M, 10) as indices of NODE_TYPES of the edge operations (M, 6), indices of OPERATIONS."""
    of_operation = np.array([NODE_TYPES.index("zeros" if op == "none" else op) for op in OPERATIONS], np.uint8)
    types = np.empty((len(operations), len(NODES)), np.uint8)
    for node, what in enumerate(NODES):
        types[:, node] = of_operation[operations[:, what]] if isinstance(what, int) else NODE_TYPES.index(what)
    return types


def named(key: str) -> str:
    """The column of an array of the table: `latency.edgegpu` for `hw_edgegpu_latency`, others as they are."""
    return HARDWARE.sub(r"\2.\1", key)


@lru_cache(maxsize=1)
def _archs(operations: bytes) -> NDArray[np.str_]:
    """(M,) the names of all cells; they are kept, as to write them takes a third of the time of a load.

    Args:
        operations: of the table, 6 bytes a cell.
    """
    names = np.array(OPERATIONS)[np.frombuffer(operations, np.uint8).reshape(-1, 6)]
    return np.array([ARCH.format(*arch) for arch in names.tolist()])


@shipped.reads(FILE)
def load(
    name: Word,
    dataset: Word,
    constraints: Constraints,
    unique: bool,
    label: Accuracy,
    report: Accuracy,
    code: CodeOptions,
    measured: list[Word],
    data_dir: Word | None,
) -> Benchmark:
    """NAS-Bench-201 on one data set, in the benchmark's index order.

    Args:
        name: name of the space.
        dataset: cifar10, cifar100 or imagenet16-120.
        constraints: keep only cells that fulfil them, see `siamnas.benchmarks.constraints`.
        unique: see `Space`.
        label: `split`, `epochs` and `run` of the accuracy that queries return.
        report: the same for the accuracy that results report.
        code: Estimation Code; kind `mote` is the first `length` proxy losses of MOTE-NAS (at most 50).
        measured: tables of `siamnas measure`.
        data_dir: folder of `nb201.npz` and `nb201_zero_cost.npz`; None for the packaged ones.

    Raises:
        InputError: an option that the table does not have, or a table that is not the shipped one.
    """
    if dataset not in PREFIXES:
        raise InputError(f"space.dataset={dataset}: must be one of {', '.join(PREFIXES)}")
    table = shipped.load(FILE, data_dir)
    prefix = PREFIXES[dataset] + "."
    whole: Columns = {
        named(key.removeprefix(prefix)): table[key].astype(np.float64) for key in table if key.startswith(prefix)
    }
    total = len(table["operations"])
    keep = within(sort(whole)[0], constraints, total)
    columns = {name: values[keep] for name, values in whole.items()}
    proxy, landscape = table["proxy_losses"][keep], table["landscape_losses"][keep]
    for stem, losses in (("proxy_loss", proxy), ("landscape_loss", landscape)):
        columns |= {f"{stem}_{i}": column for i, column in enumerate(losses.T.astype(np.float64), start=1)}
    columns |= {key: table[key][keep].astype(np.float64) for key in ("proxy_seconds_50", "mote_score")}

    archs = _archs(table["operations"].tobytes())[keep]
    scores = _zero_cost(data_dir, keep)
    columns |= scores.columns
    tables = [scores, *user_tables.read(measured, archs, columns)]
    columns |= user_tables.columns(tables)

    # The time of the 50 proxy epochs is spread evenly: every epoch sees the same images.
    seconds = columns["proxy_seconds_50"]
    codes = estimation_code(code, columns, {"mote": Losses(proxy, seconds)}, tables, len(keep))
    epochs: Columns = {f"proxy_loss_{i}": seconds * i / PROXY_EPOCHS for i in range(1, PROXY_EPOCHS + 1)}
    # Of epochs that nobody has measured there is no accuracy either, which is refused by name.
    price = columns.get(f"train_seconds_{label.epochs}", np.full(len(keep), np.nan))
    free, answers = tabled(columns, label, report, codes, price, tables, epochs)
    space = Space(
        name=name,
        node_types=NODE_TYPES,
        types=node_types(table["operations"][keep]),
        adjacency=adjacency(),
        archs=archs,
        columns=free,
        card=shipped.card("NAS-Bench-201", dataset, FILE, len(keep), total),
        unique=unique,
    )
    return Benchmark(space, answers)


def _zero_cost(data_dir: str | None, keep: IntArray) -> Table:
    """The shipped scores of untrained networks, and what they took, of some of the cells."""
    table = shipped.load(ZERO_COST, data_dir)
    scores: Columns = {name: values[keep].astype(np.float64) for name, values in table.items()}
    seconds = scores.pop("synflow_seconds")
    return Table(scores, seconds)
