"""Small benchmarks, images and networks."""

import dataclasses
import functools
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from torch import nn

from siamnas.benchmarks.codes import CodeOptions
from siamnas.benchmarks.labels import Accuracy
from siamnas.benchmarks.measurements import Measured
from siamnas.benchmarks.metric import Metric
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.images.dataset import Dataset, Images
from siamnas.spaces import listed, macro
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.public import Space

CODE_LENGTH = 3
PRICED = "proxy_loss_3"  # a measured column, and a low fidelity
UNCODED = 7  # architectures without an Estimation Code
WORTH = {"conv3x3": 0.6, "conv5x5": 1.0, "pool": 0.0}
CHAIN = [(0, 1), (1, 2), (2, 3), (3, 4)]
SKIPS = [(0, 2), (1, 3), (2, 4)]


@functools.cache
def graphs() -> Benchmark:
    """216 graphs of three operations, with or without each of three skips: an easy target, edges that differ."""
    chosen = list(product(product(WORTH, repeat=3), product((False, True), repeat=3)))
    nodes = [["input", *operations, "output"] for operations, _ in chosen]
    edges = [CHAIN + [edge for edge, there in zip(SKIPS, own, strict=True) if there] for _, own in chosen]
    worth = np.array([np.mean([WORTH[one] for one in operations]) for operations, _ in chosen])
    columns = {"flops": 1 + 10 * worth, "params": 1 + 3 * worth**2}
    space = Space.of_graphs(nodes, edges, columns=columns, name="graphs")
    noise = np.random.default_rng(0).normal(0, 0.005, len(space))
    return measured(space, 0.3 + 0.5 * worth + 0.02 * np.array([sum(own) for _, own in chosen]) + noise)


@functools.cache
def chains() -> Benchmark:
    """The 171 smallest networks of NAS-Bench-Macro with their accuracies."""
    accuracy, code = Accuracy("test", 50, "mean"), CodeOptions("none", None, None, None)  # type: ignore[arg-type]
    found = macro.load("nb_macro", "cifar10", ["flops<=28"], False, accuracy, accuracy, code, [], None)
    return measured(found.space, found.measured.label)


def measured(space: listed.Space, label: FloatArray) -> Benchmark:
    """A space with labels, made-up Estimation Codes and a proxy loss, all of which know something of the labels."""
    rng = np.random.default_rng(1)
    code = (-label[:, None] + rng.normal(0, 0.05, (len(space), CODE_LENGTH))).astype(np.float32)
    code[rng.choice(len(space), UNCODED, replace=False)] = np.nan
    seconds, loss = np.full(len(space), 10.0), -label + rng.normal(0, 0.05, len(space))
    times = {"code_seconds": seconds, "train_seconds": 100 * seconds, "column_seconds": {PRICED: seconds}}
    known: dict[str, Any] = {"code": code, "code_name": "losses", "columns": {PRICED: loss}, **times}
    return Benchmark(space, Measured(Metric("accuracy"), label, "accuracy", report=label, **known))


def failing(benchmark: Benchmark) -> Benchmark:
    """The same, but every fifth evaluation fails."""
    label = benchmark.measured.label.copy()
    label[::5] = np.nan
    return Benchmark(benchmark.space, dataclasses.replace(benchmark.measured, label=label))


def draw(size: int, count: int, seeds: range) -> IntArray:
    """(R, count) different architectures for every repeat, which depend on its seed alone."""
    return np.stack([np.random.default_rng([seed, 7]).permutation(size)[:count] for seed in seeds])


def images() -> Dataset:
    """Noise of four classes."""
    rng = np.random.default_rng(0)

    def some() -> Images:
        return Images(rng.integers(256, size=(32, 3, 8, 8)).astype(np.uint8), np.arange(32) % 4)

    return Dataset("noise", ("a", "b", "c", "d"), some(), some(), {})


def network(width: int) -> Callable[[], nn.Module]:
    """Makes a small network for the images, with new weights."""

    def make() -> nn.Module:
        stem, body = nn.Conv2d(3, width, 3, padding=1, bias=False), nn.Conv2d(width, width, 3, padding=1, bias=False)
        norms, end = (nn.BatchNorm2d(width), nn.BatchNorm2d(width)), (nn.AdaptiveAvgPool2d(1), nn.Flatten())
        return nn.Sequential(stem, norms[0], nn.ReLU(), body, norms[1], nn.ReLU(), *end, nn.Linear(width, 4))

    return make
