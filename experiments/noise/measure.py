"""What to do where labels are noisy: evaluate some architectures again, or hand over by the posterior mean.

Run as: OMP_NUM_THREADS=1 python experiments/noise/measure.py [TASK ...] [--seeds 2000:2020]   (again to go on)

Every evaluation draws a label of its own (oracle=noisy), and every seed others, so that seeds are independent
experiments. The default search evaluates 100, each architecture once, or with `replicate=True`. After 30, 60 and 100
evaluations, repeats included, two rules hand one over: the best label (a mean, where there are several), or the best
posterior mean. `runs.csv` has for each the accuracy in percent that the table says (the mean over its runs).
`table.csv` has their means; the gain over the best label of a search that asks once, paired by seed, with its standard
error over the seeds; in the last rows over the tasks.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import siamnas
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.graphs.arrays import FloatArray
from siamnas.runtime import csv_rows
from siamnas.spaces.benchmark import Benchmark

COUNTS = (30, 60, 100)
VALID = ("space.label.split=valid", "space.label.run=0")  # a single run, scored by the test mean
TASKS = {  # words of its job
    "nb201_c10": ("space=nb201_c10", *VALID, "oracle.noise=residuals"),
    "nb201_c100": ("space=nb201_c100", *VALID, "oracle.noise=residuals"),
    "nb201_img16": ("space=nb201_img16", *VALID, "oracle.noise=residuals"),
    "nb201_c10 test runs": ("space=nb201_c10", "oracle.noise=runs"),
    "nb201_c100 normal .55": ("space=nb201_c100", "oracle.noise=normal", "oracle.deviation=0.0055"),
    "nb_macro test runs": ("space=nb_macro", "oracle.noise=runs"),
}
WAYS = {"once": False, "again": True}  # whether the search replicates
RULES = ("label", "posterior")
KEYS = [f"{way}_{rule}_{count}" for way in WAYS for rule in RULES for count in COUNTS]
APART = 1_000_000  # between the seeds of the draws for the first, second and further evaluations of architectures
HERE = Path(__file__).parent


class Labels:
    """Draws of the label of every architecture, independent for each of its evaluations.

    Args:
        job: of an oracle=noisy.
        benchmark: of it.
        seed: of the draws.
    """

    def __init__(self, job: configuration.Job, benchmark: Benchmark, seed: int) -> None:
        self._job, self._benchmark, self._seed = job, benchmark, seed
        self._draws: list[FloatArray] = []
        self._evaluated: Counter[int] = Counter()

    def __call__(self, arch: int) -> float:
        """The label of one more evaluation."""
        number = self._evaluated[arch]
        self._evaluated[arch] += 1
        if number == len(self._draws):
            first = self._seed + APART * number
            oracle = build.oracle(self._job.config, self._benchmark, 1, None, range(first, first + 1))
            self._draws.append(oracle.query(np.arange(len(self._benchmark.space))[None])[0])
        return float(self._draws[number][arch])


def found(job: configuration.Job, benchmark: Benchmark, seed: int, replicate: bool) -> list[float]:
    """True accuracy in percent of what each rule hands over after each count."""
    label, chosen = Labels(job, benchmark, seed), []
    with siamnas.Search(benchmark.space, budget=max(COUNTS), seed=seed, replicate=replicate) as search:
        for count in range(1, max(COUNTS) + 1):
            (arch,) = search.ask()
            search.tell(arch, label(int(arch)))
            if count in COUNTS:
                every = list(search.values)
                best = search.best()
                assert best is not None
                chosen.append((best.index, every[search.predict(every)["score"].argmax()]))
    true = 100 * benchmark.measured.report.astype(np.float64)
    return true[np.array(chosen).T].reshape(-1).tolist()


def runs(path: Path, task: str, seeds: range) -> Iterator[dict[str, str]]:
    """The rows of a task, to which those that are missing are added."""
    done = {(row["task"], int(row["seed"])): row for row in csv_rows.read(path)}
    words = ["predictor=gp", "oracle=noisy", f"search.n={max(COUNTS)}", *TASKS[task]]
    job = configuration.load(*compose([*words, f"seed={seeds.start}", "repeats=1"]))
    benchmark = build.benchmark(job.config)
    for seed in seeds:
        if (task, seed) not in done:
            values = [value for way in WAYS.values() for value in found(job, benchmark, seed, way)]
            numbers = {key: f"{value:.4f}" for key, value in zip(KEYS, values, strict=True)}
            done[task, seed] = {"task": task, "seed": str(seed), **numbers}
            csv_rows.add(path, done[task, seed])
        yield done[task, seed]


def line(task: str, seeds: str, count: int, values: dict[str, FloatArray]) -> dict[str, str]:
    """Of a table: of each way and rule (R,) accuracies, or of all tasks the means (T,)."""
    first = values[f"once_label_{count}"]
    made = {"task": task, "seeds": seeds, "n": str(count), "once_label": f"{first.mean():.3f}"}
    for way, rule in (("once", "posterior"), ("again", "label"), ("again", "posterior")):
        gain = values[f"{way}_{rule}_{count}"] - first
        error = gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else np.nan
        made |= {f"{way}_{rule}_gain": f"{gain.mean():.3f}", f"{way}_{rule}_error": f"{error:.3f}"}
    return made


def main() -> None:
    """Run what is missing; print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("tasks", nargs="*", help=f"of {', '.join(TASKS)} (default: all)")
    parser.add_argument("--seeds", default="2000:2020", help="first:end")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of runs.csv and table.csv")
    given = parser.parse_args()
    seeds, tasks = range(*map(int, given.seeds.split(":"))), given.tasks or list(TASKS)
    numbers, lines, said = {}, [], f"{seeds[0]}-{seeds[-1]}"
    for task in tasks:
        own = list(runs(given.out / "runs.csv", task, seeds))
        numbers[task] = {key: np.array([float(row[key]) for row in own]) for key in KEYS}
        lines += [line(task, said, count, numbers[task]) for count in COUNTS]
        print("\n".join(" ".join(made.values()) for made in lines[-len(COUNTS) :]), flush=True)
    over = {key: np.array([numbers[task][key].mean() for task in tasks]) for key in KEYS}  # tasks are the sampling unit
    lines += [line("mean over tasks", said, count, over) for count in COUNTS]
    print("\n".join(" ".join(made.values()) for made in lines[-len(COUNTS) :]))
    csv_rows.write(given.out / "table.csv", lines)


if __name__ == "__main__":
    main()
