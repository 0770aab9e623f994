"""Results on disk: whole ones are read, once and as they were; torn ones are not there."""

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamnas.measure.results_log import Entry, ResultsLog

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.floats(0, allow_nan=False, allow_infinity=False)
ENTRIES = st.lists(
    st.builds(Entry, st.text(min_size=1), st.tuples(NUMBERS, NUMBERS), TIMES)
    | st.builds(Entry, st.text(min_size=1), st.just(()), TIMES, st.text(min_size=1), st.text()),
    max_size=8,
    unique_by=lambda entry: entry.arch,
)


@given(ENTRIES, st.data())
@pytest.mark.slow
def test_a_file_that_grows_byte_by_byte(entries: list[Entry], data: st.DataObject):
    content = "".join(entry.line() for entry in entries).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=5)))
    with TemporaryDirectory() as folder:
        reader, path = ResultsLog(Path(folder), 0, "mine"), Path(folder) / "mine.1.jsonl"
        for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
            with path.open("ab") as file:
                file.write(content[begin:end])
            reader.refresh()
            whole = content[:end].count(b"\n")
            assert list(reader.entries.values()) == entries[:whole] == reader.own


@given(st.binary(max_size=60), ENTRIES)
def test_what_is_no_entry_is_not_there(noise: bytes, entries: list[Entry]):
    with TemporaryDirectory() as folder:
        lines = [noise.replace(b"\n", b" ") + b"\n", *(entry.line().encode() for entry in entries)]
        (Path(folder) / "other.1.jsonl").write_bytes(b"".join(lines))
        reader = ResultsLog(Path(folder))
        reader.refresh()
        assert list(reader.entries.values()) == entries and reader.own == [], "they are another command's"


def test_a_value_replaces_a_failure_and_nothing_else(tmp_path: Path):
    one, other = ResultsLog(tmp_path), ResultsLog(tmp_path)
    one.append(Entry("a", failed="no luck", seconds=1.0))
    other.append(Entry("a", (1.0, math.nan), 2.0))
    other.append(Entry("a", failed="late", seconds=3.0))
    reader = ResultsLog(tmp_path)
    reader.refresh()
    np.testing.assert_array_equal(reader.entries["a"].values, (1.0, math.nan))
    assert "a" in reader and "b" not in reader
