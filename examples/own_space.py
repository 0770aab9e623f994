"""A space: chains of four operations, and the losses that were measured of them."""

import csv
from itertools import product
from pathlib import Path

import numpy as np

import siamnas
from siamnas.benchmarks.measurements import Measured
from siamnas.benchmarks.metric import Metric
from siamnas.spaces.benchmark import Benchmark

OPERATIONS = ("conv3x3", "conv5x5", "pool")


def chains(length: int) -> siamnas.Space:
    """All chains of some operations between an input and an output."""
    chosen = list(product(OPERATIONS, repeat=length))
    nodes = [["input", *operations, "output"] for operations in chosen]
    edges = [[(node, node + 1) for node in range(length + 1)]] * len(chosen)
    convolutions = np.array([length - operations.count("pool") for operations in chosen])
    columns = {"convolutions": convolutions}  # what is known for free
    return siamnas.Space.of_graphs(nodes, edges, list(map("-".join, chosen)), columns, name="chains")


def load(length: int, path: str) -> Benchmark:
    """The chains with their losses, as a job takes them."""
    space = chains(length)
    with Path(path).open() as file:
        losses = {row["chain"]: float(row["loss"]) for row in csv.DictReader(file)}
    values, unknown = np.array([losses[arch] for arch in space.archs]), np.full(len(space), np.nan)
    no_codes = np.empty((len(space), 0), dtype=np.float32)
    metric = Metric("loss", maximise=False, unit="")
    return Benchmark(space, Measured(metric, values, "loss", values, no_codes, "none", unknown, unknown))
