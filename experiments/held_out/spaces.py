"""Held-out spaces: published ones as folders of graphs with one metric, and nothing else that is known.

Run as: python experiments/held_out/spaces.py FOLDER [--archs 200]

There are no FLOPs, codes or columns, and only `errors` has names of operations that say what they do. Larger is better
in all, whatever the sign:

- `cells`: NAS-Bench-201, letters for its operations, mean test accuracy on ImageNet16-120 as a share;
- `errors`: NAS-Bench-201 under its own names, minus the test error on CIFAR-100 as a share;
- `chains`: NAS-Bench-Macro, letters for its operations, minus the odds of an error on CIFAR-10.

With `--archs` there are so many architectures, drawn at random, in each.
"""

import argparse
from pathlib import Path
from string import ascii_lowercase

import numpy as np

import siamnas
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.json_writer import write_folder
from siamnas.spaces.listed import Space

SOURCES = {"cells": "nb201_img16", "errors": "nb201_c100", "chains": "nb_macro"}  # options of the group space


def load(name: str) -> Benchmark:
    """A space as its options in conf/space are."""
    return build.benchmark(configuration.load(*compose([f"space={name}", "predictor=random"])).config)


def bare(space: Space, archs: IntArray, renamed: bool) -> Space:
    """The graphs of `archs` alone; renamed: with a letter for each operation, in an order that says nothing."""
    names = sorted({*space.node_types} - {"input", "output"}, key=lambda name: name[::-1])
    letters = dict(zip(names, ascii_lowercase, strict=False)) if renamed else {}
    nodes = [[letters.get(operation, operation) for operation in space.operations(arch)] for arch in archs]
    return siamnas.Space.of_graphs(nodes, list(map(space.edges, archs)))


def values(name: str, label: FloatArray) -> FloatArray:
    """The metric of a folder, made of the accuracies of its space."""
    return {"cells": label, "errors": label - 1, "chains": -(1 - label) / label}[name]


def main(folder: Path, count: int | None) -> None:
    """Write the three folders."""
    for name, source in SOURCES.items():
        benchmark = load(source)
        size = len(benchmark.space)
        archs = np.arange(size)
        if count is not None and count < size:
            archs = np.sort(np.random.default_rng(0).choice(size, count, replace=False))
        shown = bare(benchmark.space, archs, renamed=name != "errors")
        write_folder(shown, folder / name, {"value": values(name, benchmark.measured.label[archs])})
        print(f"{folder / name}: {len(archs):,} architectures")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="of the three folders")
    parser.add_argument("--archs", type=int, help="architectures in each (default: all)")
    given = parser.parse_args()
    main(given.folder, given.archs)
