"""What all contracts check: arrays, the user's generators, and the options of a class."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from siamnas.config.instantiate import TARGET, check_fields
from siamnas.errors import InputError

WRONG = "no_such_key"


@contextmanager
def refused(*words: str) -> Iterator[None]:
    """Expect an `InputError` whose text has these words."""
    try:
        yield
    except InputError as error:
        missing = [word for word in words if word not in str(error)]
        assert not missing, f"the error does not name {', '.join(missing)}: {error}"
    else:
        raise AssertionError(f"must be refused: {', '.join(words)}")


@contextmanager
def generators_untouched() -> Iterator[None]:
    """Expect that nothing draws from, or seeds, the global generators of numpy and torch."""
    before, torch_before = numpy_state(), torch.get_rng_state()
    yield
    assert numpy_state() == before, "the global generator of numpy was used; draw from siamnas.seeding.stream"
    assert torch.equal(torch.get_rng_state(), torch_before), "the global generator of torch was used; give it your own"


def numpy_state() -> str:
    """Of its global generator."""
    state = np.random.get_state(legacy=False)["state"]  # noqa: NPY002 (it is the one that must stay)
    return f"{state['pos']} {state['key'].tobytes().hex()}"


def shaped(values: Any, shape: tuple[int, ...], what: str) -> None:
    """Expect an array of a shape."""
    assert isinstance(values, np.ndarray), f"{what}: must be an array of numpy, not {type(values).__name__}"
    assert values.shape == shape, f"{what}: must be of the shape {shape}, not {values.shape}"


def same(found: Any, expected: Any, what: str, tolerance: float = 0.0) -> None:
    """Expect equal arrays: bit for bit, unless there is a tolerance."""
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance, err_msg=what)


def all_differ(archs: Any, what: str) -> None:
    """Expect different architectures in every row."""
    repeated = [r for r, row in enumerate(np.asarray(archs).tolist()) if len(set(row)) < len(row)]
    assert not repeated, f"{what}: an architecture is there twice in the rows {repeated}"


def target(made: Any) -> dict[str, Any]:
    """The shortest configuration of an object."""
    return {TARGET: f"{type(made).__module__}.{type(made).__qualname__}"}


def wrong_key_refused(where: str, fields: Mapping[str, Any]) -> None:
    """Expect that a key which is no argument is refused by name, before anything is made."""
    with refused("unknown key", f"{where}.{WRONG}"):
        check_fields({**fields, WRONG: 1}, where)
