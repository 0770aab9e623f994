"""Published spaces as a stranger would bring them: folders of graphs with one metric, and nothing else that is known.

Run as: python experiments/strangers/spaces.py FOLDER

There are no FLOPs, codes or columns, and only `errors` has names of operations that say what they do. Larger is better
in all, whatever the sign:

- `cells`: NAS-Bench-201, letters for its operations, mean test accuracy on ImageNet16-120 as a share;
- `errors`: NAS-Bench-201 under its own names, minus the test error on CIFAR-100 as a share;
- `chains`: NAS-Bench-Macro, letters for its operations, minus the odds of an error on CIFAR-10.
"""

import sys
from pathlib import Path
from string import ascii_lowercase

import siamnas
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.json_writer import write_folder
from siamnas.spaces.listed import Space


def load(name: str) -> Benchmark:
    """A space as its options in conf/space are."""
    return build.benchmark(configuration.load(*compose([f"space={name}"])).config)


def bare(space: Space, renamed: bool) -> Space:
    """Its graphs alone; renamed: with a letter for each operation, in an order that says nothing."""
    names = sorted({*space.node_types} - {"input", "output"}, key=lambda name: name[::-1])
    letters = dict(zip(names, ascii_lowercase, strict=False)) if renamed else {}
    archs = range(len(space))
    nodes = [[letters.get(operation, operation) for operation in space.operations(arch)] for arch in archs]
    return siamnas.Space.of_graphs(nodes, list(map(space.edges, archs)))


def main() -> None:
    """Write the three folders."""
    at = Path(sys.argv[1])
    cells, errors, chains = load("nb201_img16"), load("nb201_c100"), load("nb_macro")
    write_folder(bare(cells.space, True), at / "cells", {"value": cells.measured.label})
    write_folder(bare(errors.space, False), at / "errors", {"value": errors.measured.label - 1})
    odds = (1 - chains.measured.label) / chains.measured.label
    write_folder(bare(chains.space, True), at / "chains", {"value": -odds})


if __name__ == "__main__":
    main()
