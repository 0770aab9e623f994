"""Environment variables for a library that has no other options: those of the user stay."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def unless_set(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables that the user has not, as long as this is active."""
    own = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            os.environ.pop(name, None)
