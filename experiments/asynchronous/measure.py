"""How good a search is while eight evaluations are open, beside batches that wait and one evaluation at a time.

Run as: OMP_NUM_THREADS=1 python experiments/asynchronous/measure.py [--seeds 4000:4012]   (again to go on)

A seed has a random part of each space, of `--share`, and of nothing but its graphs; all ways see the same parts. An
evaluation takes between 1 and 10 units of time, whatever it is worth. The regret is that of the best value told, in
the unit of the label; the percentile is the share of the part that is strictly better, in %. `runs.csv` has a row for
each task, way and seed: both after 20, 30, 40 and 60 evaluations, in the order in which they end, and at three times;
and how many evaluations the best value needs to reach a percentile, 60 where it does not. `table.csv` has their means,
and the difference to the first way, one evaluation at a time, with its standard error over the seeds: of the regret and
of log10(percentile + .01), both below 0 where the way is better. Of the evaluations it has the ratio to the first way,
and its 95 % bootstrap interval over the seeds.
"""

import argparse
import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import siamnas
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.runtime import csv_rows
from siamnas.spaces.listed import Space

TASKS = ("nb201_img16", "nb201_c100", "nb_macro", "tiny_nb201")
BUDGET = 60
COUNTS = (20, 30, 40, 60)
TIMES = (15, 30, 45)  # eight workers that never wait need 60 * 5.5 / 8 = 41 for the budget
LONGEST = 10  # times the shortest evaluation
FLOOR = 0.01  # of the percentile under the logarithm
REACHED = (1.0, 0.3, 0.1)  # percentiles
DRAWS = 4000  # of the bootstrap
KEYS = [f"{what}_{unit}_{at}" for what in ("regret", "log10") for unit, at in
        [*(("n", n) for n in COUNTS), *(("t", t) for t in TIMES)]]  # fmt: skip
KEYS += [f"until_{percentile:g}" for percentile in REACHED]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Way:
    """How many are evaluated at once.

    Attributes:
        workers: that evaluate.
        overrides: of the search.
    """

    workers: int
    overrides: tuple[str, ...] = ()


WAYS = {
    "1 pending": Way(1),
    "batches of 5": Way(5, ("search.batch=5",)),
    "batches of 8": Way(8, ("search.batch=8",)),
    "8 pending": Way(8),
}


def part(task: str, seed: int, share: float) -> tuple[Space, Values]:
    """Some graphs of a shipped space, and their labels; larger is better."""
    made = build.benchmark(configuration.load(*compose([f"space={task}", "predictor=random"])).config)
    drawn = np.random.default_rng(seed).permutation(len(made.space))
    kept = np.sort(drawn[: round(share * len(drawn))]).tolist()
    graphs = [list(made.space.operations(arch)) for arch in kept], [list(made.space.edges(arch)) for arch in kept]
    # Means have noise in the last digits, which would make optima out of equal values.
    return siamnas.Space.of_graphs(*graphs), made.measured.label[kept].astype(np.float64).round(7)


def run(space: Space, values: Values, way: Way, seed: int) -> tuple[list[int], list[float]]:
    """Architectures in the order in which their evaluations end, and the times of these ends."""
    lasts = np.random.default_rng(seed).uniform(1, LONGEST, len(space))
    search = siamnas.Search(space, budget=BUDGET, seed=seed, overrides=way.overrides)
    running: list[tuple[float, int]] = []
    now, order, ends = 0.0, list[int](), list[float]()
    while not search.done:
        for arch in search.ask(way.workers - len(running)) if len(running) < way.workers else ():
            heapq.heappush(running, (now + float(lasts[arch]), int(arch)))
        now, ended = heapq.heappop(running)
        search.tell(ended, float(values[ended]))
        order.append(ended)
        ends.append(now)
    return order, ends


def numbers(values: Values, order: list[int], ends: list[float]) -> list[float]:
    """Those of `KEYS`."""
    counts = [*COUNTS, *(max(int(np.searchsorted(ends, time, side="right")), 1) for time in TIMES)]
    best = np.array([values[order[:count]].max() for count in counts])
    percentile = np.array([100 * (values > value).mean() for value in best])
    curve = np.array([100 * (values > value).mean() for value in np.maximum.accumulate(values[order])])
    until = [int((curve > reached).sum()) + 1 for reached in REACHED]
    return [*(values.max() - best).tolist(), *np.log10(percentile + FLOOR).tolist(), *np.minimum(until, len(order))]


def runs(path: Path, seeds: range, tasks: list[str], ways: list[str], share: float) -> Iterator[dict[str, str]]:
    """The rows of a file, to which those that are missing are added."""
    done = {(row["task"], row["way"], int(row["seed"])): row for row in csv_rows.read(path)}
    for seed in seeds:
        for task in tasks:
            missing = [way for way in ways if (task, way, seed) not in done]
            space, values = part(task, seed, share) if missing else (None, np.empty(0))
            for way in missing:
                assert space is not None
                found = [f"{number:.5g}" for number in numbers(values, *run(space, values, WAYS[way], seed))]
                row = {"task": task, "way": way, "seed": str(seed), **dict(zip(KEYS, found, strict=True))}
                csv_rows.add(path, row)
                done[task, way, seed] = row
    return (row for key, row in done.items() if key[0] in tasks and key[1] in ways and key[2] in seeds)


def table(found: list[dict[str, str]], tasks: list[str], ways: list[str]) -> Iterator[dict[str, str]]:
    """The means of each task and of all, and what they differ by from the first way."""
    numbers = {(task, way): _of(found, task, way) for task in tasks for way in ways}
    for task in [*tasks, "mean"]:
        for way in ways:
            ours, first = (_joined(numbers, tasks if task == "mean" else [task], one) for one in (way, ways[0]))
            off = ours - first
            error = off.std(axis=0, ddof=1) / np.sqrt(len(off))
            row = {"task": task, "way": way, "seeds": str(len(off))}
            for at, key in enumerate(KEYS):
                row |= {key: f"{ours[:, at].mean():.4g}", f"{key}_difference": f"{off[:, at].mean():.3g}"}
                row |= {f"{key}_error": f"{error[at]:.2g}"}
                if key.startswith("until"):
                    row |= _ratio(key, ours[:, at], first[:, at])
            yield row


def _ratio(key: str, ours: Values, first: Values) -> dict[str, str]:
    """Of evaluations (seeds,), with its interval."""
    drawn = np.random.default_rng(0).integers(len(ours), size=(DRAWS, len(ours)))
    low, high = np.quantile(ours[drawn].mean(axis=1) / first[drawn].mean(axis=1), [0.025, 0.975])
    return {
        f"{key}_ratio": f"{ours.mean() / first.mean():.2f}",
        f"{key}_low": f"{low:.2f}",
        f"{key}_high": f"{high:.2f}",
    }


def _of(found: list[dict[str, str]], task: str, way: str) -> Values:
    """(seeds, keys) of one task and way, by seed."""
    own = sorted((row for row in found if (row["task"], row["way"]) == (task, way)), key=lambda row: int(row["seed"]))
    return np.array([[float(row[key]) for key in KEYS] for row in own])


def _joined(numbers: dict[tuple[str, str], Values], tasks: list[str], way: str) -> Values:
    """(seeds, keys) the mean over tasks."""
    return np.mean([numbers[task, way] for task in tasks], axis=0)


def main() -> None:
    """Run what is missing; print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", default="4000:4009", help="first:end")
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument(
        "--ways", default="1 pending,batches of 5,8 pending", help="the first is what the others are compared with"
    )
    parser.add_argument("--share", type=float, default=0.3, help="of each space that a seed has")
    parser.add_argument("--out", type=Path, default=Path("outputs/asynchronous"), help="folder of the CSV files")
    given = parser.parse_args()
    seeds, tasks, ways = range(*map(int, given.seeds.split(":"))), given.tasks.split(","), given.ways.split(",")
    found = list(runs(given.out / "runs.csv", seeds, tasks, ways, given.share))
    lines = list(table(found, tasks, ways))
    csv_rows.write(given.out / "table.csv", lines)
    for row in lines:
        shown = "  ".join(
            f"{key} {row[key]} ({row[f'{key}_difference']})" for key in KEYS if not key.startswith("regret")
        )
        print(f"{row['task']:12} {row['way']:13} {shown}")


if __name__ == "__main__":
    main()
