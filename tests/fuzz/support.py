"""Limits on the number, time and memory of cases, and broken JSON to try."""

import copy
import json
import resource
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning


def several(few: int) -> pytest.MarkDecorator:
    """A few cases in the default suite, 10,000 among the slow tests."""
    return pytest.mark.parametrize("cases", [few, pytest.param(10_000, marks=pytest.mark.slow)])


cases = several(40)
SECONDS = 30  # of work that one case may take; most take milliseconds
PATIENCE = 900  # seconds until what waits, and does not work, is given up
MEMORY = 2 << 30  # bytes that one case may ask for: arrays may take half of it, see `siamnas.config.validate.LARGEST`


class Hung(BaseException):
    """A case has not ended; nothing catches this by accident."""


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """What goes on for ever, or takes all the memory, ends in an error of its own."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise Hung

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    memory = resource.getrlimit(resource.RLIMIT_AS)
    handlers = {number: signal.signal(number, give_up) for number in (signal.SIGPROF, signal.SIGALRM)}
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, memory[1]))
    signal.setitimer(signal.ITIMER_PROF, seconds)  # a busy machine gives little time: what counts is the work
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        resource.setrlimit(resource.RLIMIT_AS, memory)


def fuzz(cases: int, strategy: st.SearchStrategy[Any], check: Callable[[Any], None], seconds: float = SECONDS) -> None:
    """Check many cases; the few of the default suite are always the same ones."""

    @settings(
        max_examples=cases,
        derandomize=cases < 1000,
        database=None,
        phases=(Phase.generate,),  # what has failed is small as it is; to make it smaller takes minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def one(case: Any) -> None:
        with bounded(seconds):
            check(case)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)  # that a case is long
        one()


def is_clear(message: str, *names: object) -> None:
    """Check that an error names one of some things, and is short enough to be read."""
    assert len(message) < 4000 and any(str(name) in message for name in names), message


DEEP: list[Any] = []
for _ in range(300):
    DEEP = [DEEP]
ODD = (
    None, True, False, 0, 1, -1, 2, 0.5, -0.0, 1e39, 1e308, 10**18, 10**400, -(10**400), float("nan"), float("inf"),
    float("-inf"), "", " ", "0", "1", "null", "x" * 3000, "\x00", "\x1b[2J", "a\nb", "\ud800", "\u202e", "é", "٣", "²",
    "../../x", "/dev/zero", [], {}, [[]], [None], [1, "a"], {"a": 1}, {"": None}, DEEP,
)  # fmt: skip
VALUES = st.sampled_from(ODD) | st.recursive(
    st.none() | st.booleans() | st.integers(-3, 12) | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["", "a", "\x00", "\x1b[2J", "id", "value", "é", "x" * 3000]) | st.text(max_size=4)


def _seats(value: Any) -> Iterator[tuple[Any, Any]]:
    """All (container, key or number) of a JSON value."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in list(entries):
        yield value, key
        yield from _seats(entry)


@st.composite
def changed(draw: st.DrawFn, valid: Any, most: int = 3) -> Any:
    """A JSON value in which a few entries are others, of another type, gone, doubled, renamed or swapped."""
    root = [copy.deepcopy(valid)]
    for _ in range(draw(st.integers(1, most))):
        seats = list(_seats(root))
        if not seats:
            break
        # Most entries of a graph are zeros and ones: an entry near the top is as likely as any other.
        top = seats[: 1 + len(root[0])] if isinstance(root[0], dict | list) else seats
        container, key = draw(st.sampled_from(seats) | st.sampled_from(top))
        match draw(st.sampled_from(["other", "other", "gone", "wrapped", "text", "twice", "renamed", "swapped"])):
            case "other":
                container[key] = copy.deepcopy(draw(VALUES))
            case "gone":
                del container[key]
            case "wrapped":
                container[key] = [container[key]]
            case "text":
                container[key] = str(container[key])
            case "twice" if isinstance(container, list):
                container.insert(key, copy.deepcopy(container[key]))
            case "renamed" if isinstance(container, dict):
                container[draw(KEYS)] = container.pop(key)
            case _:
                other, place = draw(st.sampled_from(seats[: 1 + len(seats) // 2]))
                if other is not root and container is not root:
                    other[place] = copy.deepcopy(container[key])
    return root[0] if root else None


@st.composite
def flipped(draw: st.DrawFn, valid: bytes) -> bytes:
    """Bytes of which some are others, missing, doubled or put in between; or the end is gone."""
    content = bytearray(valid)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        match draw(st.sampled_from(["flip", "cut", "out", "in", "double"])):
            case "flip" if content:
                content[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del content[at:]
            case "out":
                del content[at : at + draw(st.integers(1, 50))]
            case "in":
                content[at:at] = draw(st.binary(min_size=1, max_size=8) | st.sampled_from(SPLINTERS))
            case _:
                content[at:at] = content[at : at + draw(st.integers(1, 200))]
    return bytes(content)


SPLINTERS = (b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\n", b"\r", b"\x1b[2J", b"[" * 100_000, b'{"a":' * 2000, b"NaN",
             b"-Infinity", b"9" * 5000, b"1e999", b'"id":1,', b"\\ud800", b"\xed\xa0\x80", b"null", b"//", b",",
    b"}")  # fmt: skip


def texts(valid: Any) -> st.SearchStrategy[bytes]:
    """JSON whose values are changed, or its bytes, or both."""
    dumped = changed(valid).flatmap(lambda value: st.sampled_from([_dump(value, True), _dump(value, False)]))
    return dumped | flipped(_dump(valid, True)) | dumped.flatmap(flipped) | st.binary(max_size=40)


def _dump(value: Any, ascii_only: bool) -> bytes:
    return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
