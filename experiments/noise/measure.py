"""Which architecture to hand over where labels are noisy: that of the best label, or of the best posterior mean.

Run as: OMP_NUM_THREADS=1 python experiments/noise/measure.py [--seeds 50] [--first 2000] [--out table.csv] [TASK ...]

Every repeat draws its own labels (oracle=noisy), so that repeats are independent experiments. The default search
(`predictor=gp`) evaluates 100; both rules choose among the same evaluations after 30, 60 and 100 of them. A row of the
CSV has, in points of true accuracy (the mean over the runs of the table), the mean of each rule, the gain of
`search.recommend=posterior` and its standard error over the seeds; the last rows have the mean over the tasks.
"""

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from siamnas.config.compose import compose
from siamnas.experiment import build, configuration, dry_run
from siamnas.search.recommendation import best_so_far
from siamnas.spaces.benchmark import Benchmark

COUNTS = (30, 60, 100)
VALID = ("space.label.split=valid", "space.label.run=0")  # a single run, scored by the test mean
TASKS = {  # words of its job beside those of all
    "nb201_c10": ("space=nb201_c10", *VALID, "oracle.noise=residuals"),
    "nb201_c100": ("space=nb201_c100", *VALID, "oracle.noise=residuals"),
    "nb201_img16": ("space=nb201_img16", *VALID, "oracle.noise=residuals"),
    "nb201_c10 test runs": ("space=nb201_c10", "oracle.noise=runs"),
    "nb201_c100 normal .55": ("space=nb201_c100", "oracle.noise=normal", "oracle.deviation=0.0055"),
    "nb_macro test runs": ("space=nb_macro", "oracle.noise=runs"),
}
CHUNK = 5  # repeats at once


def found(words: Sequence[str], seeds: range) -> np.ndarray:
    """(2, R, COUNTS) true accuracy in percent of what the best label and the posterior hand over."""
    given = ["predictor=gp", "oracle=noisy", "search.recommend=posterior", f"search.n={max(COUNTS)}", *words]
    job = configuration.load(*compose([*given, f"seed={seeds.start}", f"repeats={len(seeds)}"]))
    benchmark = build.benchmark(job.config)
    return np.concatenate([_chunk(job, benchmark, seeds[i : i + CHUNK]) for i in range(0, len(seeds), CHUNK)], axis=1)


def _chunk(job: configuration.Job, benchmark: Benchmark, seeds: range) -> np.ndarray:
    """See `found`."""
    _, oracle, search = dry_run.search_of(job, benchmark, seeds)
    while (archs := search.ask()) is not None:
        search.tell(archs, oracle.query(archs))
    evaluated, labels = search.evaluated
    places = np.array(COUNTS) - 1
    chosen = [best_so_far(evaluated, labels)[:, places], search.incumbents[:, places]]
    return 100 * benchmark.measured.report[np.array(chosen)].astype(np.float64)


def row(task: str, seeds: range, count: int, values: np.ndarray, error: float) -> dict[str, str]:
    """One line: values are (2,) means."""
    numbers = {"label": values[0], "posterior": values[1], "gain": values[1] - values[0], "error": error}
    return {"task": task, "seeds": f"{seeds[0]}-{seeds[-1]}", "n": str(count)} | {
        k: f"{v:.3f}" for k, v in numbers.items()
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("tasks", nargs="*", help=f"of {', '.join(TASKS)} (default: all)")
    parser.add_argument("--words", nargs="*", default=(), help="of the command line, such as predictor.steps=30")
    parser.add_argument("--seeds", type=int, default=50, help="how many, at least 2")
    parser.add_argument("--first", type=int, default=2000)
    parser.add_argument("--out", type=Path, help="CSV to write")
    given = parser.parse_args()
    seeds, rows, gains = range(given.first, given.first + given.seeds), [], []
    for task in given.tasks or TASKS:
        values = found([*TASKS[task], *given.words], seeds)
        gain = values[1] - values[0]  # (R, COUNTS)
        errors = gain.std(axis=0, ddof=1) / np.sqrt(len(seeds))
        rows += [row(task, seeds, n, values[:, :, i].mean(axis=1), errors[i]) for i, n in enumerate(COUNTS)]
        gains.append(gain.mean(axis=0))
        print("\n".join(" ".join(line.values()) for line in rows[-len(COUNTS) :]), flush=True)
    over = np.array(gains)
    for i, n in enumerate(COUNTS):  # tasks are the sampling unit
        error = over[:, i].std(ddof=1) / np.sqrt(len(over)) if len(over) > 1 else np.nan
        mean = {"gain": f"{over[:, i].mean():.3f}", "error": f"{error:.3f}"}
        rows.append(
            {"task": "mean over tasks", "seeds": rows[0]["seeds"], "n": str(n), "label": "", "posterior": ""} | mean
        )
        print(rows[-1])
    if given.out:
        with given.out.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
