"""A small space of graphs, and somebody who trains its architectures, for the tests of searches of one's own."""

import itertools
import json
import math
from pathlib import Path

import siamnas
from siamnas.search.journal import FILE

OPERATIONS = ("conv3x3", "conv1x1", "pool")
WORTH = {"conv3x3": 0.3, "conv1x1": 0.15, "pool": 0.05}
FAILS = 11  # every so many architectures can't be trained


def graphs() -> siamnas.Space:
    """162 architectures: four operations in a chain, with or without a skip over the middle two."""
    chains = list(itertools.product(OPERATIONS, repeat=4))
    plain = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    operations = [["input", *chain, "output"] for chain in chains for _ in range(2)]
    edges = [plain if skip == 0 else [*plain, (1, 4)] for _ in chains for skip in range(2)]
    names = [f"{'-'.join(chain)}{'+skip' * skip}" for chain in chains for skip in range(2)]
    return siamnas.Space.of_graphs(operations, edges, names)


def value(arch: int, space: siamnas.Space, fails: bool = False) -> float:
    """A made-up accuracy in [0, 1]; NaN for some if evaluations may fail."""
    if fails and arch % FAILS == 0:
        return math.nan
    name = str(space.archs[arch])
    operations = name.removesuffix("+skip").split("-")
    worth = sum(WORTH[operation] * (1 + 0.3 * place) for place, operation in enumerate(operations))
    return 0.2 + 0.4 * worth + 0.03 * name.endswith("+skip") + 0.001 * (arch * 7919 % 13)


def finish(search: siamnas.Search, fails: bool = True, count: int = 3) -> tuple[list[int], dict[int, float]]:
    """Train until the budget is spent; all architectures in the order they were asked for, and what was told."""
    while archs := search.ask(count):
        search.tell(archs, [value(arch, search.space, fails) for arch in archs])
    values = search.values
    assert search.done
    return list(values), values


def told(folder: Path) -> dict[str, float | None]:
    """Name -> value of all that the journal says, each told once."""
    entries = [json.loads(line) for line in (folder / FILE).read_text().splitlines()]
    pairs = [pair for entry in entries if "tell" in entry for pair in zip(entry["tell"], entry["values"], strict=True)]
    assert len(dict(pairs)) == len(pairs), "nothing is told twice"
    return dict(pairs)
