"""What a training draws from the global generators, where it has a process of its own."""

import hashlib
import multiprocessing
import sys
import threading
from contextlib import suppress

import numpy as np

BYTES = 32  # that stand for the state of a generator


def draw_apart(name: str, times: int) -> None:
    """Let the global generators of numpy and torch go on with numbers that no other training draws.

    A fork begins with the generators of its parent, and so with the numbers of all its siblings
    (https://github.com/numpy/numpy/issues/9650); that of Python is seeded anew by Python. What they go on with depends
    on what they were, the architecture, and how often that was evaluated; not on the order of workers. Nothing happens
    where a training shares its process with the user: in threads, and in one that nobody has started for it.

    Args:
        name: of the architecture.
        times: how often it was evaluated before.
    """
    if multiprocessing.parent_process() is None or threading.current_thread() is not threading.main_thread():
        return
    words = np.frombuffer(_mixed(np.random.bytes(BYTES), name, times), dtype=np.uint32)  # noqa: NPY002 (what others use)
    with suppress(TypeError):  # the user has put another generator there, which has no seed
        np.random.seed(words)  # noqa: NPY002
    if torch := sys.modules.get("torch"):
        state = torch.random.get_rng_state().numpy().tobytes()
        torch.manual_seed(int.from_bytes(_mixed(state, name, times)[:7], "little"))


def _mixed(state: bytes, name: str, times: int) -> bytes:
    """A digest of all that numbers are to depend on."""
    return hashlib.sha256(state + f"\n{times}\n{name}".encode(errors="surrogatepass")).digest()
