"""NAS-Bench-201 described as six choices, answered by the shipped table: the twin of a listed space, for jobs."""

import functools
from typing import Any

import numpy as np
from torch import nn

import siamnas
from siamnas.benchmarks.metric import Metric
from siamnas.benchmarks.surrogate import Surrogate
from siamnas.config.validate import Natural, Word
from siamnas.graphs.arrays import FloatArray
from siamnas.spaces.benchmark import Benchmark, DomainBenchmark
from siamnas.spaces.domain import Domain, Rows
from siamnas.spaces.nb201 import ARCH, OPERATIONS
from tests.spaces.shipped import make

EDGES = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]


@functools.cache
def listed() -> Benchmark:
    """The listed space."""
    return make("nb201_img16")


class Table(Surrogate):
    """The accuracies of the table."""

    name = "a table"
    metric = Metric("test_200_mean")

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.known = dict(zip(listed().space.archs.tolist(), listed().measured.label.tolist(), strict=True))

    def labels(self, archs: Rows) -> FloatArray:
        """See `Surrogate`."""
        return np.array([self.known[arch(self.domain.choices(row))] for row in archs])


def arch(choices: dict[str, Any]) -> str:
    """The choices of an architecture in the notation of the table."""
    return ARCH.format(*(choices["dag"][f"{begin}->{end}"] for begin, end in EDGES))


def described(name: str, limit: int) -> Domain:
    """Cells with at most so many 3x3 convolutions."""
    columns = {"convolutions": lambda choices: 1 + list(choices["dag"].values()).count("nor_conv_3x3")}
    cell = siamnas.dag(list(OPERATIONS), edges=EDGES)
    return siamnas.Space.of_choices(cell, name, columns, [f"convolutions<={limit + 1}"], roles={"zero": ["none"]})


def cells(name: Word, limit: Natural) -> DomainBenchmark:
    """The described space with the table."""
    domain = described(name, limit)
    return DomainBenchmark(domain, Table(domain))


def lonely(name: Word) -> Domain:
    """The described space without a table."""
    return described(name, 6)


def network(arch: dict[str, Any], classes: int, width: Natural) -> nn.Module:
    """A convolution for each 3x3 convolution of a cell."""
    count = 1 + list(arch["dag"].values()).count("nor_conv_3x3")
    body = [nn.Conv2d(3 if i == 0 else width, width, 3, padding=1) for i in range(count)]
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))


class Product(Surrogate):
    """The product of two numbers."""

    name = "a product"
    metric = Metric("product", maximise=False, unit="")

    def labels(self, archs: Rows) -> FloatArray:
        """See `Surrogate`."""
        return (archs.astype(np.float64) + 1).prod(axis=1)


def few(name: Word) -> DomainBenchmark:
    """Three architectures of nine."""
    return DomainBenchmark(
        siamnas.Space.of_choices({"a": [1, 2, 3], "b": [1, 2, 3]}, name, {"c": "a*b"}, ["c<=2"]), Product()
    )
