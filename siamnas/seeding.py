"""(seed, repeat) -> independent random streams."""

import zlib

import numpy as np
from numpy.typing import NDArray


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Generator of one repeat for one purpose.

    Args:
        seed: `seed + repeat`, so that `seed=25 repeats=25` are the repeats 25 to 49 of `seed=0 repeats=100`.
        purpose: a fixed name such as "pool", "init" or "batches"; streams of different names are independent.
    """
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def streams(seeds: range, purpose: str) -> list[np.random.Generator]:
    """One generator per repeat, in the order of `seeds`."""
    return [stream(seed, purpose) for seed in seeds]


def random_orders(seeds: range, size: int) -> NDArray[np.int64]:
    """(R, size) one random order of `size` architectures per repeat.

    Training sets that are drawn at random are beginnings of it, whatever their size and whoever learns from them, and
    random search follows it: methods start from the same architectures if their seeds are equal.
    """
    return np.stack([rng.permutation(size) for rng in streams(seeds, "pool")])
