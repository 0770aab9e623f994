"""The global generators of Python, numpy and torch, which are the user's: what a plug-in draws from them."""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.random import mtrand


@contextmanager
def lent(seed: int) -> Iterator[None]:
    """Let whatever draws from the global generators draw the same each time; the user has them back as they were.

    Those of numpy and Python are lent, and that of torch on the processor, if it is imported already.

    Args:
        seed: that they begin with, from 0 on.
    """
    own, numpy, python = mtrand.get_bit_generator(), np.random.get_state(legacy=False), random.getstate()  # noqa: NPY002
    torch = getattr(sys.modules.get("torch"), "default_generator", None)
    state = None if torch is None else torch.get_state()
    mtrand.set_bit_generator(np.random.MT19937(seed))  # the user's may have no seed
    random.seed(seed)
    if torch is not None:
        torch.manual_seed(seed)
    try:
        yield
    finally:
        mtrand.set_bit_generator(own)
        np.random.set_state(numpy)  # noqa: NPY002
        random.setstate(python)
        if torch is not None:
            torch.set_state(state)
