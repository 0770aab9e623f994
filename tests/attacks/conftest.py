"""What hangs is an error after a while."""

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

PATIENCE = 120  # seconds, on a busy machine


@pytest.fixture
def soon() -> Iterator[None]:
    """End a test that waits for ever."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
