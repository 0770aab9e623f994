"""Spaces and small inputs for the tests of networks."""

from collections.abc import Iterator

import pytest
import torch

from siamnas.spaces.listed import Space
from tests.spaces.shipped import make


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small networks are no faster on many."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def nb201() -> Space:
    return make("nb201_c10").space


@pytest.fixture(scope="session")
def nb_macro() -> Space:
    return make("nb_macro").space
