"""Rows on disk: whole ones are read, once and as they were; torn ones are not there."""

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from siamnas.measure.results_log import ResultsLog, Row

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.lists(
    st.builds(Row, st.text(min_size=1), st.tuples(NUMBERS, NUMBERS), NUMBERS)
    | st.builds(Row, st.text(min_size=1), st.just(()), NUMBERS, st.text(min_size=1), st.text()),
    max_size=8,
    unique_by=lambda row: row.arch,
)


@given(ROWS, st.data())
def test_a_file_that_grows_byte_by_byte(rows: list[Row], data: st.DataObject):
    content = "".join(row.line() for row in rows).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=5)))
    with TemporaryDirectory() as folder:
        reader, path = ResultsLog(Path(folder), "mine"), Path(folder) / "mine.1.jsonl"
        for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
            with path.open("ab") as file:
                file.write(content[begin:end])
            reader.refresh()
            whole = content[:end].count(b"\n")
            assert list(reader.rows.values()) == rows[:whole] == reader.own


@given(st.binary(max_size=60), ROWS)
def test_what_is_no_row_is_not_there(noise: bytes, rows: list[Row]):
    with TemporaryDirectory() as folder:
        lines = [noise.replace(b"\n", b" ") + b"\n", *(row.line().encode() for row in rows)]
        (Path(folder) / "other.1.jsonl").write_bytes(b"".join(lines))
        reader = ResultsLog(Path(folder))
        reader.refresh()
        assert list(reader.rows.values()) == rows and reader.own == [], "they are another command's"


def test_a_value_replaces_a_failure_and_nothing_else(tmp_path: Path):
    one, other = ResultsLog(tmp_path), ResultsLog(tmp_path)
    one.append(Row("a", failed="no luck", seconds=1.0))
    other.append(Row("a", (1.0, math.nan), 2.0))
    other.append(Row("a", failed="late", seconds=3.0))
    reader = ResultsLog(tmp_path)
    reader.refresh()
    np.testing.assert_array_equal(reader.rows["a"].values, (1.0, math.nan))
    assert "a" in reader and "b" not in reader
