"""Transformers without a list: GPT-S, M and L (1.9e12 to 1.5e35) with at most half of the parameters of the largest.

Run as: OMP_NUM_THREADS=1 python experiments/described/gpt.py hw_gpt_bench_ppl.npz   (again to go on)

The mean perplexity of the best that is found by the search after 10, 30 and 60 evaluations, by regularised evolution
(population 50, tournament 10, one or two choices drawn anew) after 60, 200 and 1,000, at random after 60 and 1,000, and
among the 10 and 40 largest of 17,472 random networks. Lower is better.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tasks

from siamnas.candidates.known import Known
from siamnas.graphs.arrays import FloatArray
from siamnas.search import domain_walks
from siamnas.seeding import stream
from siamnas.spaces.domain import Domain, Rows

POPULATION, TOURNAMENT, MOST = 50, 10, 1000
LISTED = 17_472
AT = {"search": (10, 30, 60), "evolution": (60, 200, 1000), "random": (60, 1000), "largest": (10, 40)}


class Evolution(domain_walks.Evolution):
    """Regularised evolution that draws one or two choices anew."""

    def step(self, archs: list[int], labels: FloatArray, rng: np.random.Generator) -> Rows:
        """See `Walk`."""
        children = super().step(archs, labels, rng)
        if rng.random() < 0.5 and len(children):
            return self.domain.neighbours(children[0], rng, domain_walks.TRIES)
        return children


def evolution(space: Domain, value: tasks.Value, words: list[str], seed: int) -> list[float]:
    """The values of regularised evolution in their order."""
    known = Known(space)
    walk = Evolution(known, seed, POPULATION, TOURNAMENT)
    archs, values = list[int](), list[float]()
    while len(archs) < MOST:
        (found,) = walk.propose(np.array(archs[-MOST:], dtype=np.int64), np.array(values), [], 1)
        archs.append(found.arch)
        values.append(value(known[found.arch]))
    return values


def search(space: Domain, value: tasks.Value, words: list[str], seed: int) -> list[float]:
    """The values of our search."""
    return tasks.search(space, value, words, AT["search"][-1], seed)


def random(space: Domain, value: tasks.Value, words: list[str], seed: int) -> list[float]:
    """The values of random networks."""
    return [value(row) for row in space.sample(stream(seed, "random"), MOST)]


def largest(space: Domain, value: tasks.Value, words: list[str], seed: int) -> list[float]:
    """The values of the largest of many random networks."""
    rows = space.sample(stream(seed, "largest"), LISTED)
    order = np.argsort(-space.graphs(rows).columns["params"], kind="stable")
    return [value(rows[seat]) for seat in order[: AT["largest"][-1]]]


METHODS: dict[str, Callable[[Domain, tasks.Value, list[str], int], list[float]]] = {
    "search": search,
    "evolution": evolution,
    "random": random,
    "largest": largest,
}


def main() -> None:
    """Run what is missing, and print the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="hw_gpt_bench_ppl.npz")
    parser.add_argument("--seeds", default="0:100", help="first:end")
    parser.add_argument("--sizes", default="s,m,l")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--out", type=Path, default=Path("outputs/described/gpt.csv"))
    parser.add_argument("words", nargs="*", default=["gp"], help="the predictor of the search, then overrides")
    args = parser.parse_args()
    seeds = range(*map(int, args.seeds.split(":")))
    spaces = {size: tasks.gpt(args.data, size) for size in args.sizes.split(",")}
    names = [f"{size}, {method}" for size in spaces for method in args.methods.split(",")]
    for name, seed in tasks.missing(args.out, names, seeds):
        size, method = name.split(", ")
        values = METHODS[method](*spaces[size], args.words, seed)
        best = -np.maximum.accumulate(values)
        tasks.note(args.out, name, seed, [best[at - 1] for at in AT[method]])
    for name, best in tasks.read(args.out, seeds).items():
        at = AT[name.split(", ")[1]]
        means = (f"{mean:.3f} @{n}" for mean, n in zip(best.mean(axis=0), at, strict=True))
        print(f"{name}: {' / '.join(means)}, {len(best)} runs")


if __name__ == "__main__":
    main()
