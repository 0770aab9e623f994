"""What a method reaches by the clock: trainings, Estimation Codes and rounds with W workers, and its own computing.

Run as: OMP_NUM_THREADS=1 python experiments/clock/measure.py [--repeats 20] [--out FOLDER]

An evaluation takes as long as NAS-Bench-201 says that its 200 epochs took on a GPU, and no time where that is unknown.
What a method asks for at once is a round: W workers take its architectures in their order, each as soon as it is free,
and the next round begins when the last one has ended. Before its trainings the Estimation Codes that the round has
asked for are computed, shared evenly. The seconds of computing are those of this machine, divided among the repeats
that it computes at once.

`table.csv` has for each task, method and number of workers the mean normalised regret (0 the optimum, 100 the median
architecture) of what has ended by some times, the mean time of the whole search, and the shares of codes and computing.
"""

import argparse
import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.table import TableOracle
from siamnas.referee.methods import METHODS as KNOWN
from siamnas.runtime import csv_rows

TASKS = ("nb201_c10", "nb201_c100", "nb201_img16")
WORKERS = (1, 8)
HOURS = (6, 12, 24, 48, 96)
HOUR = 3600
METHODS = {
    "random": (*KNOWN["random"].words, "search.n=60", "search.batch=50"),  # it waits for nothing
    **{name: (*KNOWN[name].words, "search.n=60") for name in ("evolution", "weaknas", "gp")},
    "gp, batches of 8": ("predictor=gp", "search.n=60", "search.batch=8"),
    "siams + NSAM + BTS": ("predictor=siams_nsam_bts", "search.n=30", "search.k=30", "search.depth=30"),
}


@dataclass(frozen=True)
class Run:
    """R searches of a method.

    Attributes:
        rounds: (R, b) architectures each, in order.
        codes: (R,) seconds each, for the codes that were asked for before these were chosen.
        seconds: of computing, a search.
    """

    rounds: list[IntArray]
    codes: list[FloatArray]
    seconds: float


def run(words: tuple[str, ...], task: str, repeats: int) -> tuple[Run, FloatArray, FloatArray]:
    """Search; also the reported values and the seconds of a training, of all architectures."""
    made = configuration.load(*compose([f"space={task}", f"repeats={repeats}", *words])).config
    benchmark = build.benchmark(made)
    oracle = TableOracle(benchmark, repeats)
    search = build.search(made, benchmark.space, oracle, benchmark.measured.metric, range(repeats))
    spent: FloatArray = np.zeros(repeats)
    rounds, codes, began = list[IntArray](), list[FloatArray](), time.perf_counter()
    while (archs := search.ask()) is not None:
        rounds.append(archs)
        codes.append(oracle.cost().code_seconds - spent)
        spent = oracle.cost().code_seconds
        search.tell(archs, oracle.query(archs))
    seconds = (time.perf_counter() - began) / repeats
    return Run(rounds, codes, seconds), benchmark.measured.report, np.nan_to_num(benchmark.measured.train_seconds)


def ends(found: Run, repeat: int, lasts: FloatArray, workers: int) -> Iterator[tuple[int, float]]:
    """Architectures of a search, and when their evaluations end, in seconds."""
    now, known = 0.0, set[int]()
    for archs, codes in zip(found.rounds, found.codes, strict=True):
        begins = now + found.seconds / len(found.rounds) + float(codes[repeat]) / workers
        free = [begins] * workers
        now = begins
        for arch in archs[repeat].tolist():
            if arch in known:  # what is evaluated again costs nothing
                continue
            known.add(arch)
            end = heapq.heappop(free) + float(lasts[arch])
            heapq.heappush(free, end)
            now = max(now, end)
            yield arch, end


def reached(found: Run, repeats: int, report: FloatArray, lasts: FloatArray, workers: int) -> tuple[FloatArray, float]:
    """Mean normalised regret in % at `HOURS`, and the mean hours of the whole."""
    regrets, whole = np.empty((repeats, len(HOURS))), np.empty(repeats)
    best, median = np.nanmax(report), np.nanmedian(report)
    for repeat in range(repeats):
        ended = sorted((end, arch) for arch, end in ends(found, repeat, lasts, workers))
        for at, hours in enumerate(HOURS):
            values = [report[arch] for end, arch in ended if end <= hours * HOUR]
            regrets[repeat, at] = 100 * (best - max(values, default=median)) / (best - median)
        whole[repeat] = ended[-1][0] / HOUR
    return regrets.mean(axis=0), float(whole.mean())


def rows(tasks: list[str], methods: list[str], repeats: int) -> Iterator[dict[str, str]]:
    """Of the table."""
    for task in tasks:
        for method in methods:
            found, report, lasts = run(METHODS[method], task, repeats)
            codes = float(np.mean(sum(found.codes, np.zeros(repeats))))
            for workers in WORKERS:
                regrets, whole = reached(found, repeats, report, lasts, workers)
                yield {
                    **{"task": task, "method": method, "workers": str(workers)},
                    **{f"regret_{hours}_h": f"{regret:.2f}" for hours, regret in zip(HOURS, regrets, strict=True)},
                    **{"hours": f"{whole:.1f}", "code_hours": f"{codes / HOUR / workers:.3f}"},
                    "computing_hours": f"{found.seconds / HOUR:.5f}",
                }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--methods", default=";".join(METHODS), help="names with semicolons")
    parser.add_argument("--out", type=Path, default=Path("outputs/clock"))
    given = parser.parse_args()
    lines = []
    for row in rows(given.tasks.split(","), given.methods.split(";"), given.repeats):
        lines.append(row)
        print("  ".join(row.values()), flush=True)
    csv_rows.write(given.out / "table.csv", lines)


if __name__ == "__main__":
    main()
