"""NAS-Bench-201 described by its six choices, without a list, beside the list.

Run as: OMP_NUM_THREADS=1 python experiments/described/nb201.py --seeds 0:100   (again to go on)

Share of the runs that find the optimum within 10, 20, 30 and 60 evaluations, one at a time. The list is searched by the
same proposals, with and without its free columns, which a description does not have.
"""

import argparse
import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import tasks

from siamnas.benchmarks.metric import Metric
from siamnas.oracle.table import TableOracle
from siamnas.search import proposing
from siamnas.search.setting import Setting

SPACES = ("nb201_c10", "nb201_c100", "nb201_img16")
WAYS = ("described", "list", "list without columns")
AT = (10, 20, 30, 60)
COLUMNS = ("space", "way", "method", "evaluations", "found", "runs")


def listed(name: str, columns: bool, words: list[str], seed: int) -> list[float]:
    """The values of a search of the list."""
    benchmark = tasks.benchmark(name)
    space = benchmark.space if columns else replace(benchmark.space, columns={})
    config = Setting(words[0], AT[-1], True, seed, tuple(words[1:])).compose()
    made = proposing.proposals(config, space, TableOracle(benchmark, 1), Metric("value", True, unit=""), seed)
    assert made is not None
    archs: list[int] = []
    while len(archs) < AT[-1]:
        told = np.array(archs, dtype=np.int64)
        archs.append(made.propose(told, benchmark.measured.label[told], [], 1)[0].arch)
    return benchmark.measured.label[archs].tolist()


def run(name: str, way: str, words: list[str], seed: int) -> list[float]:
    """The values of a run."""
    if way != "described":
        return listed(name, way == "list", words, seed)
    return tasks.search(*tasks.nb201(name), words, AT[-1], seed)


def main() -> None:
    """Run what is missing, and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0:100", help="first:end")
    parser.add_argument("--spaces", default=",".join(SPACES))
    parser.add_argument("--out", type=Path, default=Path("outputs/described/nb201.csv"))
    parser.add_argument("--shares", type=Path, help="a CSV to write what is printed to")
    parser.add_argument("words", nargs="*", default=["gp"], help="the predictor, then overrides")
    args = parser.parse_args()
    seeds = range(*map(int, args.seeds.split(":")))
    names = [f"{space}, {way}, {' '.join(args.words)}" for space in args.spaces.split(",") for way in WAYS]
    for name, seed in tasks.missing(args.out, names, seeds):
        space, way, _ = name.split(", ", 2)
        tasks.note(args.out, name, seed, run(space, way, args.words, seed))
    rows = []
    for name, values in tasks.read(args.out, seeds).items():
        best = max(tasks.nb201_labels(name.split(", ")[0]).values())
        shares = [float((values[:, :at].max(axis=1) >= best).mean()) for at in AT]
        told = ", ".join(f"{share:.2f} @{at}" for share, at in zip(shares, AT, strict=True))
        print(f"{name}: {told}, {len(values)} runs")
        rows += [[*name.split(", ", 2), at, share, len(values)] for share, at in zip(shares, AT, strict=True)]
    if args.shares:
        with args.shares.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
