"""Where the CPU time of a training step goes, and what the published minibatches of BRP-NAS cost at least.

Run as: OMP_NUM_THREADS=1 python experiments/speed/where.py  (a minute; writes where.csv)

A row per step: milliseconds, the share of the matrix products, and of the rest of what computes: our C kernels in the
main job's networks, the random bytes of dropout in BRP-NAS. What is left is PyTorch's and Python's work around them,
in BRP-NAS the element-wise operations, too. The last row counts the arithmetic of `predictor=brp predictor.batch=60`.
CPU seconds of one thread: medians are of that machine, shares and ratios are the claim.
"""

import argparse
import csv
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import steps
import torch

from siamnas.experiment import build
from siamnas.nn import brp
from siamnas.nn.fused import graph
from siamnas.predictors.brp import BRP
from siamnas.training.pairs import PairTraining

WORDS = ("predictor=brp", "trainer.accelerator=cpu")
N, REPEATS, ROUNDS = 100, 25, 5
PASSES = 3  # a product forward makes two backward
LIBRARIES = {"oneDNN": "AVX512", "MKL": "AVX2"}  # what `siamnas.nn.products` takes by the processor's instructions
Row = dict[str, str]


class Clock:
    """CPU seconds spent in some functions."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, whose time counts."""

        def run(*arguments: Any, **named: Any) -> Any:
            began = time.thread_time()
            out = function(*arguments, **named)
            self.seconds += time.thread_time() - began
            return out

        return run


class Timed:
    """A library whose functions count."""

    def __init__(self, library: Any, clock: Clock) -> None:
        self._library, self._clock = library, clock

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self._clock.timed(getattr(self._library, name))


def row(step: str, total: list[float], products: list[float], other: list[float]) -> Row:
    """Medians of samples in seconds."""
    every, floor, rest = median(total), median(products), median(other)
    shares = {"products %": 100 * floor / every, "kernels or dropout %": 100 * rest / every}
    shares |= {"step / products": every / floor}
    return {"step": step, "ms": f"{1e3 * every:.2f}"} | {name: f"{value:.1f}" for name, value in shares.items()}


def networks(repeats: int, samples: int) -> Row:
    """The step of siams + NSAM + BTS."""
    loop, products, kernels = steps.Training.of((), repeats).loop(), steps.Products(), Clock()
    load = graph.kernels.load
    total, floor, own = [], [], []
    with patch.object(graph.kernels, "load", lambda *given, **named: Timed(load(*given, **named), kernels)):
        loop(2)
        with products:
            loop(1)
        for _ in range(samples):
            kernels.seconds, began = 0.0, time.thread_time()
            loop(1)
            total.append(time.thread_time() - began)
            own.append(kernels.seconds)
            began = time.thread_time()
            products.run(1)
            floor.append(time.thread_time() - began)
    return row(f"siams_nsam_bts, R = {repeats}", total, floor, own)


def pairs(batch: int | None, library: str, samples: int) -> Row:
    """The step of BRP-NAS at the end of its training, with the products of a library."""
    job, benchmark = steps.main_job(WORDS)
    predictor: Any = build.predictor(job.config, benchmark.space, build.oracle(job.config, benchmark, 1), range(1))
    assert isinstance(predictor, BRP)
    archs = np.random.default_rng(0).choice(len(benchmark.space), (1, N), replace=False)
    told = (archs, benchmark.measured.label[archs], np.ones((1, N), dtype=bool))
    group = predictor._groups[0]
    module = PairTraining(group, benchmark.space, *told, 1, batch, predictor.targets, predictor.optimiser)
    optimizer: Any = module.configure_optimizers()["optimizer"]
    products, dropout = Clock(), Clock()
    total, floor, drawn = [], [], []
    with (
        patch.object(torch.backends.cpu, "get_cpu_capability", lambda: LIBRARIES[library]),
        patch("siamnas.nn.products.matmul", products.timed(brp.matmul)),
        patch.object(group.network, "draw_dropped", dropout.timed(group.network.draw_dropped)),
    ):
        for step in range(samples + 1):
            products.seconds = dropout.seconds = 0.0
            began = time.thread_time()
            optimizer.zero_grad()
            module.training_step(step % module.steps, step).backward()
            optimizer.step()
            total.append(time.thread_time() - began)
            floor.append(products.seconds)
            drawn.append(dropout.seconds)
    return row(f"brp, N = {N}, batch = {batch or 'all pairs'}, {library}", total[1:], floor[1:], drawn[1:])


def published() -> Row:
    """The arithmetic of all trainings of the published minibatches."""
    job, benchmark = steps.main_job(WORDS)
    fields, nodes = job.config["predictor"], benchmark.space.types.shape[1] + 1
    each = (fields["layers"] - 2) * nodes + 1  # rows of an architecture that are multiplied at full width
    count, operations = 0, 0.0
    for stage in range(1, ROUNDS + 1):
        n, batch = N * stage // ROUNDS, 60 * stage // ROUNDS
        own = -(-n * (n - 1) // batch) * fields["epochs"] * stage // ROUNDS
        seen = n * (1 - (1 - 2 / n) ** batch)  # architectures of a batch, in the mean
        count += own
        operations += own * seen * each * 2 * fields["width"] ** 2 * PASSES
    return {
        "step": f"brp, N = {N}, batch = 60: all {count:,} of {REPEATS} repeats",
        "Tflop": f"{REPEATS * operations / 1e12:.0f}",
    }


def rows(samples: int) -> Iterator[Row]:
    """All of them."""
    yield networks(1, 10 * samples)
    yield networks(25, samples)
    yield from (pairs(batch, library, samples) for batch in (None, 60) for library in LIBRARIES)
    yield published()


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=20, help="steps of each kind")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "where.csv")
    given = parser.parse_args()
    torch.set_num_threads(1)
    found = []
    for one in rows(given.samples):
        print(", ".join(f"{name} {value}" for name, value in one.items()), flush=True)
        found.append(one)
    with given.out.open("w", newline="") as file:
        writer = csv.DictWriter(file, found[0] | found[-1], lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


if __name__ == "__main__":
    main()
