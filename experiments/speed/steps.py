"""Inside this process, on one thread: training steps, their floor, other ways to compute them, Lightning, ranking."""

import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from unittest.mock import patch

import numpy as np
import pytorch_lightning as pl
import torch
from table import ALTERNATIVES, FLOOR_RATE, RATE, SECONDS, STEPS, Row, interleave, ratios
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from siamnas.acquisition.state import State
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.nn.fused import plain_pytorch
from siamnas.runner import split
from siamnas.runtime import parallel
from siamnas.runtime.progress import Report, no_report
from siamnas.spaces.benchmark import Benchmark
from siamnas.training.data import Step, TrainingSetDataModule, TrainingSetDataset
from siamnas.training.lightning import fit
from siamnas.training.module import AccuracyModule

LEARNING_RATE = 1e-3
WHOLE_FITS = 5  # times as long as a sample of steps: of a fit by Lightning


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        samples: rounds of samples.
        seconds: length of one sample of steps.
        repeats: values of R of the training steps; the ranking is that of the most.
        chunk: R where there is only one.
        words: of the main job's command line, such as another space.
    """

    samples: int
    seconds: float
    repeats: tuple[int, ...]
    chunk: int
    words: tuple[str, ...]


class Products(TorchDispatchMode):
    """Records the operands of every batched matrix product, forward and backward, to do the products again alone."""

    def __init__(self) -> None:
        super().__init__()
        self.operands: list[tuple[Tensor, Tensor]] = []

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if function.overloadpacket in (torch.ops.aten.bmm, torch.ops.aten.baddbmm):
            a, b = args[-2:]
            self.operands.append((a.detach().clone(), b.detach().clone()))  # keeps the strides
        return function(*args, **(kwargs or {}))

    @property
    def operations(self) -> int:
        """Additions and multiplications of all products."""
        return sum(2 * a.numel() * b.shape[2] for a, b in self.operands)

    def run(self, count: int) -> float:
        """Seconds for all products, the mean of so many times."""
        began = time.perf_counter()
        for _ in range(count):
            for a, b in self.operands:
                torch.bmm(a, b)
        return (time.perf_counter() - began) / count


@dataclass(frozen=True)
class Training:
    """R networks of the main job and the batches that they train on."""

    module: AccuracyModule
    data: TrainingSetDataset

    @classmethod
    def of(cls, words: tuple[str, ...], repeats: int, n: int = 100) -> "Training":
        """As `NeuralPredictor` sets it up, with a full training set."""
        job, benchmark = main_job(words)
        oracle = build.oracle(job.config, benchmark, repeats)
        predictor: Any = build.predictor(job.config, benchmark.space, oracle, range(repeats))
        state, trainer = State(predictor, oracle, benchmark.measured.metric), job.config["trainer"]
        archs = state.at_random(n - trainer["closing_epochs"])
        state.add(archs, oracle.query(archs))
        data = TrainingSetDataset(predictor.inputs, range(repeats), trainer["batch_size"], mixup=0.0)
        data.fill(state.training_set, state.labels)
        data.steps = archs.shape[1] // data.batch_size
        return cls(AccuracyModule(predictor.net, LEARNING_RATE), data)

    def epoch(self) -> list[Step]:
        """The steps of one epoch."""
        return next(iter(self.data))

    def loop(self) -> Callable[[int], tuple[float, float]]:
        """A function that trains for so many steps, on prepared batches, and returns what `train` does, per step."""
        batches, optimizer = itertools.cycle(self.epoch()), self.module.configure_optimizers()

        def run(count: int) -> tuple[float, float]:
            total, own = train(self.module, optimizer, itertools.islice(batches, count))
            return total / count, own / count

        return run


@cache
def main_job(words: tuple[str, ...]) -> tuple[configuration.Job, Benchmark]:
    """The main job's configuration, kept to the CPU, and its space with what was measured."""
    job = configuration.load(*compose(["trainer.accelerator=cpu", *words]))
    return job, build.benchmark(job.config)


def train(module: AccuracyModule, optimizer: torch.optim.Optimizer, batches: Iterable[Step]) -> tuple[float, float]:
    """The steps of `AccuracyModule.training_step` in a bare loop: seconds, and those of them in the optimizer."""
    began, own = time.perf_counter(), 0.0
    for batch in batches:
        loss = module.loss(batch)
        optimizer.zero_grad()
        loss.sum().backward()
        before = time.perf_counter()
        optimizer.step()
        own += time.perf_counter() - before
    return time.perf_counter() - began, own


def often(seconds: float, once: float) -> int:
    """How many times something that takes `once` seconds fills a sample."""
    return max(round(seconds / once), 1)


def training(sizes: Sizes) -> Iterator[Row]:
    """Steps per second against R, beside a plain torch.bmm of the very matrix products of a step."""
    tasks: dict[tuple[int, str], Callable[[], Any]] = {}
    operations = {}
    for repeats in sizes.repeats:
        loop, products = Training.of(sizes.words, repeats).loop(), Products()
        loop(2)  # compiles the kernels, if this machine has never done so
        with products:
            loop(1)
        products.run(1)
        operations[repeats] = products.operations
        tasks[repeats, "step"] = partial(loop, often(sizes.seconds, loop(3)[0]))
        tasks[repeats, "products"] = partial(products.run, often(sizes.seconds, products.run(3)))
    taken = interleave(tasks, sizes.samples)
    for repeats in sizes.repeats:
        setting = {"R": repeats}
        step, optimizer = zip(*taken[repeats, "step"], strict=True)
        products_alone = taken[repeats, "products"]
        yield Row(STEPS, setting, RATE, [1 / s for s in step])
        yield Row(STEPS, setting, FLOOR_RATE, [1 / s for s in products_alone])
        yield Row(STEPS, setting, "step / products, time", ratios(step, products_alone))
        yield Row(STEPS, setting, "optimizer, % of the step", [100 * x for x in ratios(optimizer, step)])
        yield Row(STEPS, setting, "products alone, GFLOP / s", [operations[repeats] / s / 1e9 for s in products_alone])


def alternatives(sizes: Sizes, compiled: bool) -> Iterator[Row]:
    """The step with the C kernels, in plain PyTorch, and in plain PyTorch through torch.compile."""
    ours = Training.of(sizes.words, sizes.chunk)
    loops = {"C kernels": ours.loop(), "plain PyTorch": ours.loop()}
    first = {}
    with ExitStack() as stack:
        if compiled:
            # An empty cache, so that the time to compile is seen.
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            stack.enter_context(patch.dict(os.environ, TORCHINDUCTOR_CACHE_DIR=folder))
            network: Any = torch.compile(ours.module.network)
            loops["torch.compile"] = Training(AccuracyModule(network, LEARNING_RATE), ours.data).loop()

        def run(name: str, count: int) -> float:
            if name == "C kernels":
                return loops[name](count)[0]
            with plain_pytorch():  # `torch.compile` then sees the whole network as one graph
                return loops[name](count)[0]

        tasks = {}
        for name in loops:
            first[name] = run(name, 1)
            tasks[name] = partial(run, name, often(sizes.seconds, run(name, 2)))
        taken = interleave(tasks, sizes.samples)
    for name, times in taken.items():
        setting: dict[str, str | int] = {"R": sizes.chunk, "with": name}
        yield Row(ALTERNATIVES, setting, RATE, [1 / s for s in times])
        yield Row(ALTERNATIVES, setting, "time / C kernels", ratios(times, taken["C kernels"]))
    if compiled:
        yield Row(ALTERNATIVES, {"R": sizes.chunk, "with": "torch.compile"}, "first step, s", [first["torch.compile"]])


def lightning(sizes: Sizes) -> Iterator[Row]:
    """The same steps through Lightning and in a bare loop; both prepare their batches."""
    tasks: dict[tuple[int, str], Callable[[], Any]] = {}
    settings = {}
    for n in (30, 100):
        ours = Training.of(sizes.words, sizes.chunk, n)
        bare_loop(ours, 1)
        epochs = often(WHOLE_FITS * sizes.seconds, bare_loop(ours, 2)[0] * ours.data.steps)
        settings[n] = {"N": n, "steps per epoch": ours.data.steps, "epochs": epochs}
        tasks[n, "bare"], tasks[n, "fit"] = partial(bare_loop, ours, epochs), partial(fitted, ours, epochs)
    taken = interleave(tasks, sizes.samples)
    for n, setting in settings.items():
        bare, batches = zip(*taken[n, "bare"], strict=True)
        through, set_up = zip(*taken[n, "fit"], strict=True)
        part = f"Lightning, R = {sizes.chunk}"
        yield Row(part, setting, "bare loop, ms / step", [1e3 * s for s in bare])
        yield Row(part, setting, "batches, % of it", [100 * share for share in batches])
        yield Row(part, setting, "Lightning, ms / step", [1e3 * s for s in through])
        yield Row(part, setting, "overhead, %", [100 * (x - 1) for x in ratios(through, bare)])
        yield Row(part, setting, "set-up, s", set_up)


def bare_loop(ours: Training, epochs: int) -> tuple[float, float]:
    """Seconds per step, and the share of them that prepares the batches."""
    optimizer = ours.module.configure_optimizers()
    began = time.perf_counter()
    training_only = sum(train(ours.module, optimizer, ours.epoch())[0] for _ in range(epochs))
    total = time.perf_counter() - began
    return total / (epochs * ours.data.steps), 1 - training_only / total


def fitted(ours: Training, epochs: int) -> tuple[float, float]:
    """Seconds per step, and those of Lightning before and after all steps."""
    module, clock = AccuracyModule(ours.module.network, LEARNING_RATE), Clock()
    began = time.perf_counter()
    fit(module, TrainingSetDataModule(ours.data), epochs, "cpu", [clock])
    total = time.perf_counter() - began
    return clock.seconds / (epochs * ours.data.steps), total - clock.seconds


class Clock(pl.Callback):
    """Seconds from before the first epoch until after the last one."""

    seconds = 0.0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start."""
        self.seconds -= time.perf_counter()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop."""
        self.seconds += time.perf_counter()


def ranking(sizes: Sizes) -> Iterator[Row]:
    """Coarse scores of the whole space: one chunk on one thread, and all repeats on all cores."""
    job, benchmark = main_job(sizes.words)
    archs = len(benchmark.space)
    workers = parallel.cores()
    chunk, most = range(sizes.chunk), max(sizes.repeats)
    chunks = split(list(range(most)), min(sizes.chunk, -(-most // workers)))
    rank = partial(rank_chunk, job, benchmark)

    def on_all_cores() -> float:
        began = time.perf_counter()
        list(parallel.run(rank, chunks, min(workers, len(chunks)), no_report))
        return time.perf_counter() - began

    rank(chunk, no_report)
    tasks: dict[tuple[int, int], Callable[[], float]] = {
        (len(chunk), 1): partial(rank, chunk, no_report),
        (most, workers): on_all_cores,
    }
    for (repeats, used), times in interleave(tasks, sizes.samples).items():
        setting = {"repeats": repeats, "cores": used, "architectures": archs}
        yield Row("Ranking the space", setting, SECONDS, times)
        each = [1e6 * s / (archs * repeats) for s in times]
        yield Row("Ranking the space", setting, "µs per architecture and network", each)


def rank_chunk(job: configuration.Job, benchmark: Benchmark, chunk: range, report: Report) -> float:
    """Seconds to score all architectures with new networks."""
    oracle = build.oracle(job.config, benchmark, len(chunk))
    predictor: Any = build.predictor(job.config, benchmark.space, oracle, chunk)
    predictor.net.eval()
    began = time.perf_counter()
    predictor.score(np.arange(len(benchmark.space)))
    return time.perf_counter() - began
