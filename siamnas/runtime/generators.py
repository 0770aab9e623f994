"""The global generators of Python, numpy and torch, which are the user's: what a plug-in draws from them."""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.random import mtrand


@contextmanager
def lent(seed: int) -> Iterator[Callable[[], bool]]:
    """Let whatever draws from the global generators draw the same each time; the user has them back as they were.

    Those of numpy and Python are lent, and that of torch on the processor, if it is imported already.

    Args:
        seed: that they begin with, from 0 on.

    Yields:
        Whether anything has been drawn from those of numpy and Python.
    """
    own, numpy, python = mtrand.get_bit_generator(), np.random.get_state(legacy=False), random.getstate()  # noqa: NPY002
    torch = getattr(sys.modules.get("torch"), "default_generator", None)
    state = None if torch is None else torch.get_state()
    mtrand.set_bit_generator(np.random.MT19937(seed))  # the user's may have no seed
    random.seed(seed)
    if torch is not None:
        torch.manual_seed(seed)
    try:
        yield lambda: _drawn(seed)
    finally:
        mtrand.set_bit_generator(own)
        np.random.set_state(numpy)  # noqa: NPY002
        random.setstate(python)
        if torch is not None:
            torch.set_state(state)


def _drawn(seed: int) -> bool:
    """Whether the global generators are no longer as `lent` has seeded them."""
    numpy: Any = np.random.get_state(legacy=False)  # noqa: NPY002
    fresh: Any = np.random.MT19937(seed).state
    same = numpy["bit_generator"] == fresh["bit_generator"] and numpy["state"]["pos"] == fresh["state"]["pos"]
    moved = not same or numpy["has_gauss"] or not np.array_equal(numpy["state"]["key"], fresh["state"]["key"])
    return moved or random.getstate() != random.Random(seed).getstate()
