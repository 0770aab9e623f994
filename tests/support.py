"""Small search spaces for the tests, in the real NAS-Bench-201 encoding."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from siamnas.spaces.space import Space

ROOT = Path(__file__).resolve().parents[1]


class Outcome(NamedTuple):
    """Of a command line."""

    code: int
    out: str
    err: str


OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
NODE_TYPES = (
    "skip_connect", "zeros", "none", "split_2", "split_3", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3", "output",
)  # fmt: skip
EDGES = ((0, 1), (0, 3), (0, 6), (1, 2), (2, 4), (2, 7), (3, 5), (4, 5), (5, 8), (6, 9), (7, 9), (8, 9))
SLOTS = (1, 3, 4, 6, 7, 8)  # the nodes that hold the operations 0->1, 0->2, 1->2, 0->3, 1->3, 2->3
VALUES = np.array([0.0, 0.5, 0.7, 1.0, 0.3])  # what an operation is worth in the made-up label
PROXY_EPOCHS = 50


def arch(operations: np.ndarray) -> str:
    """Six operation indices in the benchmark's own notation."""
    a, b, c, d, e, f = (OPERATIONS[i] for i in operations)
    return f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|"


def tiny_space(cells: int = 200, seed: int = 0, noise: float = 0.01, uncoded: int = 0) -> Space:
    """A random subset of the NAS-Bench-201 cells with made-up, but learnable, labels and codes.

    Args:
        cells: M, at most 15,625; all cells differ.
        seed: fixes the subset, the noise and the codes.
        noise: standard deviation of the label's noise, as a fraction.
        uncoded: how many cells have no Estimation Code.
    """
    rng = np.random.default_rng(seed)
    numbers = rng.choice(5**6, cells, replace=False)
    operations = numbers[:, None] // 5 ** np.arange(5, -1, -1) % 5  # (M, 6)
    types = np.tile(np.array([NODE_TYPES.index("split_3"), 0, 3, 0, 0, 2, 0, 0, 0, 8], dtype=np.uint8), (cells, 1))
    names = ["zeros" if name == "none" else name for name in OPERATIONS]
    types[:, SLOTS] = np.array([NODE_TYPES.index(name) for name in names], dtype=np.uint8)[operations]
    adjacency = np.eye(10, dtype=np.float32)
    adjacency[tuple(np.array(EDGES).T)] = 1
    worth = VALUES[operations] @ np.array([0.1, 0.15, 0.1, 0.3, 0.15, 0.2])  # in [0, 1]
    label = np.clip(0.2 + 0.5 * worth**0.5 + noise * rng.standard_normal(cells), 0, 1)
    report = np.clip(label + noise * rng.standard_normal(cells), 0, 1)
    epochs = np.arange(1, PROXY_EPOCHS + 1)
    losses = 2.3 / epochs**0.2 - 0.8 * worth[:, None] + 0.05 * rng.standard_normal((cells, PROXY_EPOCHS))
    losses[rng.choice(cells, uncoded, replace=False)] = np.nan
    columns = {
        "flops": 7.8 + 35.4 * (operations == 3).sum(1) + 3.9 * (operations == 2).sum(1),
        "params": 0.08 + 0.243 * (operations == 3).sum(1) + 0.028 * (operations == 2).sum(1),
        "test_200_mean": label,
        "val_200_mean": report,
        **{f"proxy_loss_{epoch}": losses[:, epoch - 1] for epoch in epochs},
    }
    return Space(
        name="tiny",
        node_types=NODE_TYPES,
        types=types,
        adjacency=adjacency,
        archs=np.array([arch(row) for row in operations]),
        columns=columns,
        label=label,
        label_name="test_200_mean",
        report=report,
        report_name="val_200_mean",
        code=losses[:, :3].astype(np.float32),
        code_name="mote",
        code_seconds=np.where(np.isnan(losses[:, 0]), np.nan, rng.uniform(1, 3, cells)),
        train_seconds=rng.uniform(1000, 3000, cells),
    )
