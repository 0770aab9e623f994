"""Build the table of zero-cost scores that the package ships, of all cells of NAS-Bench-201.

Run as: python tools/build_zero_cost.py archs > archs.txt
        siamnas measure what=zero_cost 'what.scores=[synflow,synflow_code]' archs=archs.txt
        python tools/build_zero_cost.py table FOLDER [--out FOLDER]

Many cells are one network: edges that no path leads on from make no difference, and maps may be numbered otherwise.
Each network is measured once, for its first cell in the order of the benchmark, and the others have its numbers.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from build_tables import add_out, check, write_npz, write_sums

from siamnas.benchmarks import shipped, user_tables
from siamnas.cells.nb201_cell import EDGES
from siamnas.spaces.nb201 import ARCH, OPERATIONS, ZERO_COST

SCORES = ("synflow", "synflow_code")
NETWORKS = 6_040
INPUT = -1

Network = tuple[str, tuple[str, ...]]


def network(cell: tuple[str, ...]) -> Network:
    """What a cell computes, equal for two cells if they are one network but for the order of sums.

    Returns:
        The output as sums of operations on sums, down to the input; and the operations that it depends on, which tells
        one that is taken twice from two of a kind. A convolution of nothing counts: it has parameters.
    """
    names, inputs = {INPUT: "x"}, dict[int, Counter[int]]()
    maps: list[Counter[int]] = [Counter({INPUT: 1}), Counter(), Counter(), Counter()]

    def total(terms: Counter[int]) -> str:
        times: dict[str, list[int]] = {}
        for term, count in terms.items():
            times.setdefault(names[term], []).append(count)
        return "+".join(f"{sorted(counts)}{name}" for name, counts in sorted(times.items()))

    for edge, ((begin, end), operation) in enumerate(zip(EDGES, cell, strict=True)):
        if operation == "skip_connect":
            maps[end] += maps[begin]
        elif operation.startswith("nor_conv") or (operation == "avg_pool_3x3" and maps[begin]):
            names[edge], inputs[edge] = f"{operation}({total(maps[begin])})", maps[begin]
            maps[end] += Counter({edge: 1})
    live, left = set[int](), list(maps[-1])
    while left:
        if (term := left.pop()) not in live:
            live.add(term)
            left += inputs.get(term, ())
    return total(maps[-1]), tuple(sorted(names[term] for term in live))


def cells() -> tuple[list[str], list[int]]:
    """Names of all cells, and for each the number of the first cell that is the same network."""
    first: dict[Network, int] = {}
    rows = [tuple(OPERATIONS[i] for i in row) for row in shipped.load("nb201.npz")["operations"].tolist()]
    same = [first.setdefault(network(row), number) for number, row in enumerate(rows)]
    check(len(first) == NETWORKS, f"{NETWORKS} networks, not {len(first)}")
    return [ARCH.format(*row) for row in rows], same


def build(folder: Path, out: Path) -> None:
    """Write the table and its sum from what `siamnas measure` has written."""
    archs, same = cells()
    (measured,) = user_tables.read([str(folder)], np.array(archs), ())
    check(tuple(measured.columns) == SCORES, f"the scores are {', '.join(SCORES)}")
    arrays = {name: column[same] for name, column in measured.columns.items()}
    arrays["synflow_seconds"] = measured.seconds[same].astype(np.float32)
    check(all(np.isfinite(array).all() for array in arrays.values()), "every network is measured")
    write_npz(out / ZERO_COST, arrays)
    write_sums(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    commands.add_parser("archs", help="print the names of the first cells")
    table = commands.add_parser("table", help="write the table")
    table.add_argument("folder", type=Path, help="of the measurement")
    add_out(table)
    options = parser.parse_args()
    if options.command == "table":
        build(options.folder, options.out)
    else:
        names, same = cells()
        print("\n".join(names[number] for number in dict.fromkeys(same)))
