"""What the three-epoch code of the reduced network costs, beside what the machine makes of a matrix product.

Run as: python experiments/measure/speed.py [--archs 8] [--images 5000] [--precision 32-true bf16-mixed] [--out FILE]

Random architectures of NAS-Bench-201 train for 3 epochs of 5,000 images in batches of 1,024, in one process of one
thread; the seconds are CPU seconds, so that a busy machine matters less. Two processes on two cores take half of them
per architecture. The matrix product, float32, is timed after each training. Leave bfloat16 out (`--precision 32-true`)
where the processor has no instructions for it: it takes five times as long then.
"""

import argparse
import csv
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Literal, NamedTuple, get_args

import numpy as np
import torch

from siamnas.benchmarks import shipped
from siamnas.cells.cost import count
from siamnas.cells.nb201 import reduced
from siamnas.cells.nb201_cell import parse
from siamnas.images.augment import Mixup, Options
from siamnas.images.dataset import Dataset, Images
from siamnas.measure.measures.fit import fit
from siamnas.measure.measures.recipe import Phase, Recipe
from siamnas.spaces.nb201 import ARCH, OPERATIONS

BATCH, EPOCHS = 1024, 3
PLAIN = Options(flip=False, shift=0, mixup=Mixup(1.5, 0.0))
FORWARD_AND_BACK = 3  # a backward pass multiplies twice as much
Precision = Literal["32-true", "bf16-mixed"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
SIZE, TIMES = 1024, 10  # of the matrix product


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


def matrix_throughput() -> float:
    """Multiply-adds counted as two, per CPU second, of a float32 matrix product."""
    one, other = torch.rand(2, SIZE, SIZE)
    one @ other
    return TIMES * 2 * SIZE**3 / cpu(lambda: [one @ other for _ in range(TIMES)])


class Row(NamedTuple):
    """One training; the head of the table."""

    arch: str
    precision: Precision
    cpu_seconds: float
    tflop: float
    share_of_matrix_product: float


def noise(images: int, rng: np.random.Generator) -> Dataset:
    """Random images of ten classes."""
    pixels = rng.integers(0, 256, (images, 3, 32, 32), dtype=np.uint8)
    drawn = Images(pixels, rng.integers(0, 10, images))
    return Dataset("noise", tuple("0123456789"), drawn, drawn, {})


def row(operations: Sequence[str], data: Dataset, precision: Precision) -> Row:
    """Train one architecture."""
    name = ARCH.format(*operations)
    per_image = count(reduced(parse(name), 32, 4, 10), (3, 32, 32)).multiply_adds
    recipe = Recipe([Phase(EPOCHS, 1e-3)], BATCH, 0.0, PLAIN, precision)
    seconds = cpu(lambda: fit(lambda: reduced(operations, 32, 4, 10), data, recipe, 0, "cpu"))
    flops = 2 * FORWARD_AND_BACK * per_image * EPOCHS * len(data.train)
    return Row(name, precision, seconds, flops / 1e12, flops / seconds / matrix_throughput())


def main(archs: int, images: int, precisions: Sequence[Precision], out: Path | None) -> None:
    """Measure, and print one row per architecture and precision."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(1000)
    data = noise(images, rng)
    cells = shipped.load("nb201.npz")["operations"]
    rows = []
    for cell in rng.choice(len(cells), archs, replace=False):
        for precision in precisions:
            rows.append(row([OPERATIONS[i] for i in cells[cell]], data, precision))
            print("{} {}: {:.1f} CPU seconds, {:.2f} TFLOP, {:.2f} of the matrix product".format(*rows[-1]), flush=True)
    for precision in precisions:
        part = [row for row in rows if row.precision == precision]
        seconds, tera = fmean(row.cpu_seconds for row in part), fmean(row.tflop for row in part)
        share = tera * 1e12 / seconds / matrix_throughput()
        print(f"{precision}: mean {seconds:.1f} CPU seconds, {tera:.2f} TFLOP, {share:.2f} of the matrix product")
    if out:
        with out.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(Row._fields)
            writer.writerows([*row[:2], *(f"{value:.4g}" for value in row[2:])] for row in rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--archs", type=int, default=8)
    parser.add_argument("--images", type=int, default=5_000)
    parser.add_argument("--precision", nargs="+", default=PRECISIONS, choices=PRECISIONS)
    parser.add_argument("--out", type=Path, metavar="FILE", help="a table as CSV")
    chosen = parser.parse_args()
    main(chosen.archs, chosen.images, chosen.precision, chosen.out)
