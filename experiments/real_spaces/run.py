"""MnasNet and once-for-all under a limit, by their surrogates: our search, evolution, random, and the largest networks.

Run as: OMP_NUM_THREADS=1 python experiments/real_spaces/run.py   (again to go on)

The best accuracy that is found by the search after 10, 30 and 60 evaluations, by regularised evolution (population 50,
tournament 10) after 60, 200 and 1,000, at random after 60 and 1,000, among the 10 and 40 largest of 17,472 random
networks by `params` and by `macs`, and by climbs: from the best of 1,000 random networks to the best of all neighbours,
until there is no better one. These look at thousands of networks.
"""

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from siamnas.candidates.known import Known
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.graphs.arrays import FloatArray
from siamnas.search import proposing
from siamnas.search.codes import GivenCodes
from siamnas.search.domain_walks import Evolution
from siamnas.search.proposals import Proposals
from siamnas.search.setting import Setting
from siamnas.seeding import stream
from siamnas.spaces.benchmark import DomainBenchmark

SPACES = {
    "mnasnet": ["space=mnasnet", "space.constraints=[macs<=300e6]"],
    "mit_ofa": ["space=ofa_mobilenetv3"],
    "moofa": ["space=ofa_mobilenetv3", "space.pool=moofa"],
}
POPULATION, TOURNAMENT = 50, 10
LISTED = 17_472
ALL = 100_000  # more than there are neighbours
AT = {
    "search": (10, 30, 60),
    "evolution": (60, 200, 1000),
    "random": (60, 1000),
    "largest by params": (10, 40),
    "largest by macs": (10, 40),
    "climb": (1,),
}


def benchmark(words: Sequence[str]) -> DomainBenchmark:
    """A space with its surrogate."""
    found = build.space_or_benchmark(configuration.load(*compose([*words, "predictor=random", "logger=none"])).config)
    assert isinstance(found, DomainBenchmark) and found.surrogate
    return found


def asked(made: Proposals, known: Known, task: DomainBenchmark, budget: int) -> FloatArray:
    """The values of what is proposed, one evaluation at a time."""
    assert task.surrogate
    archs, values = list[int](), list[float]()
    while len(archs) < budget:
        (found,) = made.propose(np.array(archs, dtype=np.int64), np.array(values), [], 1)
        archs.append(found.arch)
        values.append(float(task.surrogate.labels(known[found.arch][None])[0]))
    return np.array(values)


def search(task: DomainBenchmark, seed: int) -> FloatArray:
    """The values of our search."""
    known, budget = Known(task.domain), AT["search"][-1]
    config = Setting("gp", budget, True, seed, ()).compose()
    made = proposing.proposals(config, known, GivenCodes(None, 0), task.metric, seed)
    assert made is not None
    return asked(made, known, task, budget)


def evolution(task: DomainBenchmark, seed: int) -> FloatArray:
    """The values of regularised evolution."""
    known = Known(task.domain)
    return asked(Evolution(known, seed, POPULATION, TOURNAMENT), known, task, AT["evolution"][-1])


def random(task: DomainBenchmark, seed: int) -> FloatArray:
    """The values of random networks."""
    assert task.surrogate
    return task.surrogate.labels(task.domain.sample(stream(seed, "random"), AT["random"][-1]))


def largest(task: DomainBenchmark, seed: int, column: str) -> FloatArray:
    """The values of the largest of many random networks."""
    assert task.surrogate
    rows = task.domain.sample(stream(seed, "largest"), LISTED)
    order = np.argsort(-task.domain.graphs(rows).columns[column], kind="stable")
    return task.surrogate.labels(rows[order[: AT["largest by macs"][-1]]])


def climb(task: DomainBenchmark, seed: int) -> FloatArray:
    """The value of a network without a better neighbour."""
    assert task.surrogate
    rng = stream(seed, "climb")
    rows, best = task.domain.sample(rng, 1000), -np.inf
    while (values := task.surrogate.labels(rows)).max(initial=-np.inf) > best:
        best = values.max()
        rows = task.domain.neighbours(rows[values.argmax()], rng, ALL)
    return np.array([best])


PAIRS = ((60, "evolution", 1000), (60, "evolution", 200), (10, "largest by params", 40), (10, "largest by macs", 40))
"""The search after so many evaluations, and what it is compared with."""
METHODS: dict[str, Callable[[DomainBenchmark, int], FloatArray]] = {
    "search": search,
    "evolution": evolution,
    "random": random,
    "largest by params": lambda task, seed: largest(task, seed, "params"),
    "largest by macs": lambda task, seed: largest(task, seed, "macs"),
    "climb": climb,
}


def missing(path: Path, seeds: range, spaces: Sequence[str], methods: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Space, method and seed of the runs that a file does not hold; each seed of all before the next one."""
    done = {tuple(row[:3]) for row in csv.reader(path.open())} if path.exists() else set()
    runs = ((space, method, seed) for seed in seeds for space in spaces for method in methods)
    return (run for run in runs if (run[0], run[1], str(run[2])) not in done)


def read(path: Path, seeds: range) -> dict[tuple[str, str], FloatArray]:
    """Space and method -> (runs, evaluations) best values found."""
    found: dict[tuple[str, str], list[list[float]]] = {}
    for space, method, seed, *values in csv.reader(path.open()):
        if int(seed) in seeds:
            found.setdefault((space, method), []).append(list(map(float, values)))
    return {key: np.array(rows) for key, rows in found.items()}


def shown(found: dict[tuple[str, str], FloatArray]) -> Iterator[str]:
    """A line for each space and method: mean accuracies and their standard errors, in percent."""
    best: dict[str, float] = {}
    for (space, _), values in found.items():
        best[space] = max(best.get(space, 0), 100 * values.max())
    for (space, method), values in found.items():
        means, errors = 100 * values.mean(axis=0), 100 * values.std(axis=0) / max(len(values) - 1, 1) ** 0.5
        columns = zip(AT[method], means, errors, strict=True)
        texts = [f"{mean:.3f} ({error:.3f}) @{at}" for at, mean, error in columns]
        yield f"{space}, best known {best[space]:.3f}, {method}: {', '.join(texts)}; {len(values)} runs"


def paired(found: dict[tuple[str, str], FloatArray]) -> Iterator[str]:
    """A line for each of `PAIRS`: the search minus the other on the same seeds, in points, and the standard error."""
    for space in dict.fromkeys(space for space, _ in found):
        for at, other, number in PAIRS:
            if (space, "search") not in found or (space, other) not in found:
                continue
            own, theirs = found[space, "search"], found[space, other]
            size = min(len(own), len(theirs))
            difference = own[:size, AT["search"].index(at)] - theirs[:size, AT[other].index(number)]
            mean, error = 100 * difference.mean(), 100 * difference.std() / max(size - 1, 1) ** 0.5
            yield f"{space}, search @{at} - {other} @{number}: {mean:.3f} ({error:.3f}); {size} pairs"


def main() -> None:
    """Run what is missing, and print the means and the differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0:100", help="first:end")
    parser.add_argument("--spaces", default=",".join(SPACES))
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--out", type=Path, default=Path("outputs/real_spaces/found.csv"))
    args = parser.parse_args()
    seeds, spaces = range(*map(int, args.seeds.split(":"))), args.spaces.split(",")
    tasks = {name: benchmark(SPACES[name]) for name in spaces}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    for space, method, seed in missing(args.out, seeds, spaces, args.methods.split(",")):
        values = np.maximum.accumulate(METHODS[method](tasks[space], seed))
        with args.out.open("a", newline="") as file:
            at = [f"{values[number - 1]:.6f}" for number in AT[method]]
            csv.writer(file).writerow([space, method, seed, *at])
    found = read(args.out, seeds)
    print("\n".join([*shown(found), *paired(found)]))


if __name__ == "__main__":
    main()
