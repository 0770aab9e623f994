"""The described spaces of these experiments, what their architectures are worth, and the loop that searches them."""

import csv
import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import siamnas
from siamnas.benchmarks.metric import Metric
from siamnas.candidates.known import Known
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.search import proposing
from siamnas.search.codes import GivenCodes
from siamnas.search.setting import Setting
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.domain import Domain, Rows
from siamnas.spaces.nb201 import ARCH, OPERATIONS

Value = Callable[[Rows], float]
LAYERS = {"s": 12, "m": 24, "l": 36}
VOCABULARY = 50_254
EDGES = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]
PARAMS = f"2*{VOCABULARY}*embed + sum(256*embed*l.heads + 3*l.ratio*embed**2 + 4*embed for l in layers)"


def gpt(path: Path, size: str) -> tuple[Domain, Value]:
    """GPT-S, M or L with at most half of the parameters of the largest, and minus the perplexity of a surrogate.

    Args:
        path: of `hw_gpt_bench_ppl.npz`, see the README of its folder.
        size: s, m or l.
    """
    arrays = dict(np.load(path))
    embed, ratio, heads = (arrays[f"{size}_choices_{name}"].tolist() for name in ("embed", "mlp_ratio", "heads"))
    n, d, h, m = LAYERS[size], embed[-1], heads[-1], ratio[-1]
    limit = (2 * VOCABULARY * d + n * (256 * d * h + 3 * m * d * d + 4 * d)) / 2
    block = {"ratio": ratio, "heads": heads}
    space = siamnas.Space.of_choices(
        {"embed": embed, "layers": siamnas.repeat(block, n - 2, n), "bias": [True, False]},
        name=f"gpt_{size}",
        columns={"params": PARAMS},
        constraints=[f"params<={limit}"],
    )

    def value(arch: Rows) -> float:
        choices = space.choices(arch)
        layers = choices["layers"]
        hot = [one_hot([layer[key] for layer in layers], options, n) for key, options in block.items()]
        first = [one_hot([choices["embed"]], embed, 1), one_hot([len(layers)], [n - 2, n - 1, n], 1)]
        return -surrogate(arrays, size, np.concatenate([*first, *hot, one_hot([choices["bias"]], [True, False], 1)]))

    return space, value


def one_hot(chosen: Sequence[Any], options: Sequence[Any], length: int) -> NDArray[np.float64]:
    """Of each choice; zeros for those that are not there."""
    found = np.zeros((length, len(options)))
    found[np.arange(len(chosen)), [options.index(one) for one in chosen]] = 1
    return found.ravel()


def surrogate(arrays: dict[str, NDArray[Any]], size: str, x: NDArray[np.float64]) -> float:
    """The perplexity that a network of HW-GPT-Bench predicts."""
    for layer in range(1, 6):
        x = arrays[f"{size}_perplexity_w{layer}"] @ x + arrays[f"{size}_perplexity_b{layer}"]
        x = np.maximum(x, 0) if layer < 5 else x
    return float(x[0])


def nb201(name: str) -> tuple[Domain, Value]:
    """NAS-Bench-201 as six choices, and the labels of a shipped table."""
    cell, labels = siamnas.dag(list(OPERATIONS), edges=EDGES), nb201_labels(name)
    space = siamnas.Space.of_choices(cell, name=name, roles={"zero": ["none"]})

    def value(arch: Rows) -> float:
        chosen = space.choices(arch)["dag"]
        return labels[ARCH.format(*(chosen[f"{begin}->{end}"] for begin, end in EDGES))]

    return space, value


def nb201_labels(name: str) -> dict[str, float]:
    """Architecture -> its label, of a shipped table."""
    found = benchmark(name)
    return dict(zip(found.space.archs.tolist(), found.measured.label.tolist(), strict=True))


@functools.cache
def benchmark(name: str) -> Benchmark:
    """A shipped space with its tables."""
    return build.benchmark(configuration.load(*compose([f"space={name}", "predictor=random", "logger=none"])).config)


def search(space: Domain, value: Value, words: Sequence[str], budget: int, seed: int) -> list[float]:
    """The values of a search in their order, higher is better; one evaluation at a time."""
    predictor, *overrides = words
    config = Setting(predictor, budget, True, seed, tuple(overrides)).compose()
    known = Known(space)
    proposals = proposing.proposals(config, known, GivenCodes(None, 0), Metric("value", True, unit=""), seed)
    assert proposals is not None, f"{' '.join(words)} waits for its values"
    archs: list[int] = []
    values: list[float] = []
    while len(archs) < budget:
        (found,) = proposals.propose(np.array(archs, dtype=np.int64), np.array(values), [], 1)
        archs.append(found.arch)
        values.append(value(known[found.arch]))
    return values


def missing(path: Path, names: Sequence[str], seeds: range) -> Iterator[tuple[str, int]]:
    """Name and seed of the runs that a file does not hold yet; every seed of all names before the next one."""
    done = {(row[0], int(row[1])) for row in csv.reader(path.open())} if path.exists() else set()
    return ((name, seed) for seed in seeds for name in names if (name, seed) not in done)


def note(path: Path, name: str, seed: int, numbers: Sequence[float]) -> None:
    """Add a run to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", newline="") as file:
        csv.writer(file).writerow([name, seed, *numbers])


def read(path: Path, seeds: range) -> dict[str, NDArray[np.float64]]:
    """Name -> (runs, numbers) of the runs of some seeds."""
    found: dict[str, list[list[float]]] = {}
    for name, seed, *numbers in csv.reader(path.open()):
        if int(seed) in seeds:
            found.setdefault(name, []).append(list(map(float, numbers)))
    return {name: np.array(rows) for name, rows in found.items()}
