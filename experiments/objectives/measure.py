"""Two measured objectives on NAS-Bench-201: accuracy, and the latency of HW-NAS-Bench told as if it were measured.

Run as: OMP_NUM_THREADS=1 python experiments/objectives/measure.py   (again to go on; gp_sampler needs siamnas[rivals])

The share of the true front's hypervolume after 20, 30 and 60 evaluations, as `siamnas report` has it: up to the median
accuracy and the largest latency of the space. `told` is `siamnas.Search(objectives=...)`; `known` is acquisition=ehvi
with the latency as a free column; `nsga2` is search=nsga2; `gp_sampler` is Optuna's, whose trials that repeat an
architecture cost nothing.
"""

import argparse
import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import stats

import siamnas
from siamnas.benchmarks import pareto
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.graphs.arrays import FloatArray
from siamnas.report.compare.pareto import Scale, growing, hypervolume
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.nb201 import ARCH, OPERATIONS

AT = (20, 30, 60)
EDGES = 6


class Task:
    """A data set and a latency.

    Args:
        name: `nb201_c100/latency.edgegpu`, for example.
    """

    def __init__(self, name: str) -> None:
        space, self.column = name.split("/")
        config = configuration.load(*compose([f"space={space}", "predictor=random", "logger=none"])).config
        self.benchmark: Benchmark = build.benchmark(config)
        self.accuracy = self.benchmark.measured.label
        self.latency = self.benchmark.space.columns[self.column]

    def shares(self, archs: list[int]) -> FloatArray:
        """(n,) shares of the hypervolume after 1 .. n evaluations."""
        measured = self.benchmark.measured
        true = pareto.truth(self.column, self.latency, measured.report, measured.metric.sign)
        scale = Scale(true["least"], true["most"], float(measured.report.max()), float(np.median(measured.report)))
        whole = hypervolume(scale.normalised(np.array(true["cost"]), np.array(true["value"])))
        return growing(scale.normalised(self.latency[archs], measured.report[archs])) / whole


def told(task: Task, seed: int, budget: int) -> list[int]:
    """Both are told."""
    objectives = {"accuracy": "max", "latency": "min"}
    search = siamnas.Search(task.benchmark.space, budget=budget, objectives=objectives, seed=seed)
    while archs := search.ask():
        values = {"accuracy": float(task.accuracy[archs[0]]), "latency": float(task.latency[archs[0]])}
        search.tell(archs, [values])
    return list(map(int, search.values))


def _single(task: Task, seed: int, budget: int, predictor: str, words: list[str]) -> list[int]:
    """The accuracy is told, the latency a free column."""
    overrides = [*words, f"objective={task.column}"]
    search = siamnas.Search(task.benchmark.space, predictor, budget, seed=seed, overrides=overrides)
    while archs := search.ask():
        search.tell(archs, task.accuracy[archs])
    return list(map(int, search.values))


def known(task: Task, seed: int, budget: int) -> list[int]:
    """The latency of all architectures is known."""
    return _single(task, seed, budget, "gp", ["acquisition=ehvi"])


def nsga2(task: Task, seed: int, budget: int) -> list[int]:
    """NSGA-II of pymoo, which looks at the latency of what it has evaluated alone."""
    return _single(task, seed, budget, "random", ["search=nsga2"])


def gp_sampler(task: Task, seed: int, budget: int) -> list[int]:
    """Optuna's Gaussian process on the six operations."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    numbers = {name: number for number, name in enumerate(task.benchmark.space.archs.tolist())}
    archs: dict[int, None] = {}

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        chosen = [trial.suggest_categorical(f"edge {edge}", OPERATIONS) for edge in range(EDGES)]
        arch = numbers[ARCH.format(*chosen)]
        archs[arch] = None
        if len(archs) == budget:
            trial.study.stop()
        return float(task.accuracy[arch]), float(task.latency[arch])

    sampler = optuna.samplers.GPSampler(seed=seed, deterministic_objective=True)
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)
    study.optimize(objective, n_trials=3 * budget)
    return list(archs)


METHODS: dict[str, Callable[[Task, int, int], list[int]]] = {
    "told": told,
    "known": known,
    "nsga2": nsga2,
    "gp_sampler": gp_sampler,
}


def missing(path: Path, task: str, methods: list[str], seeds: range) -> Iterator[tuple[str, int]]:
    """Method and seed of the runs that a file does not hold yet."""
    done = {tuple(row[:3]) for row in csv.reader(path.read_text().splitlines())} if path.exists() else set()
    return ((method, seed) for seed in seeds for method in methods if (task, method, str(seed)) not in done)


def show(path: Path) -> None:
    """Print means, and the differences to `told` over the same seeds with their 95 % t intervals."""
    found: dict[tuple[str, str], dict[int, FloatArray]] = {}
    for task, method, seed, *shares in csv.reader(path.read_text().splitlines()):
        found.setdefault((task, method), {})[int(seed)] = np.array(shares, dtype=float)
    for (task, method), runs in found.items():
        own = found.get((task, "told"), {})
        pairs = np.array([own[seed] - shares for seed, shares in runs.items() if seed in own])
        line = f"{task} {method:10} {len(runs)} seeds: {np.mean(list(runs.values()), axis=0).round(3)}"
        if method != "told" and len(pairs) > 1:
            half = stats.t.ppf(0.975, len(pairs) - 1) * pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
            line += f", told - it: {pairs.mean(axis=0).round(3)} +- {half.round(3)}"
        print(line)


def main() -> None:
    """Run what is missing, and show it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", default="nb201_c100/latency.edgegpu")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--seeds", default="0:20", help="first:end")
    parser.add_argument("--budget", type=int, default=AT[-1])
    parser.add_argument("--out", type=Path, default=Path("experiments/objectives/shares.csv"))
    options = parser.parse_args()
    seeds, at = range(*map(int, options.seeds.split(":"))), [min(n, options.budget) for n in AT]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for name in options.tasks.split(","):
        task = Task(name)
        for method, seed in missing(options.out, name, options.methods.split(","), seeds):
            shares = task.shares(METHODS[method](task, seed, options.budget))
            with options.out.open("a", newline="") as file:
                csv.writer(file).writerow([name, method, seed, *(round(float(shares[n - 1]), 5) for n in at)])
    show(options.out)


if __name__ == "__main__":
    main()
