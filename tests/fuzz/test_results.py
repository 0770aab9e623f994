"""Any result file or record: `siamnas report` and `siamnas status` show it, or say what is wrong."""

import contextlib
import io
import json
import shutil
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from siamnas.cli import report, status
from siamnas.config import compose
from siamnas.errors import InputError
from siamnas.jobs import states, sweeps
from siamnas.jobs.lease import LEASE
from siamnas.jobs.record import RECORD
from siamnas.jobs.store import PARTS, RESULT, Result, Store
from siamnas.report.compare import paired, pareto, regret
from siamnas.report.read import catalogue, collect
from siamnas.report.write import long_table
from tests.fuzz.support import cases, changed, flipped, fuzz, is_clear, several, texts
from tests.report.support import path_of

ARRAYS = st.sampled_from(
    [
        lambda a: a[:0],
        lambda a: a[..., :-1],
        lambda a: a.astype(str),
        lambda a: a.astype(object),  # pickled
        lambda a: a.astype(complex),
        lambda a: a.astype(bool),
        lambda a: a.astype(np.float16),
        lambda a: a.astype(np.uint8),
        lambda a: np.full_like(a, np.nan, dtype=float),
        lambda a: np.where(np.arange(a.size).reshape(a.shape) == a.size // 2, np.inf, a),
        lambda a: a * 1e300,
        lambda a: a * 0,
        lambda a: -a,
        lambda a: a[None],
        lambda a: a.T,
        lambda a: np.array(3),
        lambda a: np.zeros((0, 3)),
        lambda a: a.astype("V8"),
        lambda a: a.astype("M8[s]"),
        lambda a: np.asfortranarray(a)[::-1],
        lambda a: np.zeros(len(a), dtype=[("a", "i4"), ("b", "O")]),
        lambda a: np.broadcast_to(a[:1], a.shape),
        lambda a: a.astype(">f8"),
        lambda a: a.astype(np.longdouble),
    ]
)  # fmt: skip
HEADERS = st.sampled_from(
    [
        "'shape': (1125899906842624,)",
        "'shape': (-1,)",
        "'shape': (2, 2)",
        "'shape': (True,)",
        "'shape': ((((",
        "'descr': '|O'",
        "'descr': '<f9'",
        "'descr': [('a', '|O')]",
        "'fortran_order': 3",
    ]
)


def packed(meta: str, arrays: dict[str, Any]) -> bytes:
    """A result file with whatever arrays there are."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays, meta=np.array(meta))  # type: ignore[arg-type]
    return file.getvalue()


@st.composite
def results(draw: st.DrawFn, valid: Result) -> bytes:
    """A result file whose `meta`, arrays, headers, entries or bytes are others."""
    arrays, meta = dict(valid.arrays), json.dumps(valid.meta)
    kind = draw(st.sampled_from(["meta", "text", "arrays", "both", "names", "header", "bytes", "bomb"]))
    if kind in ("meta", "both"):
        meta = json.dumps(draw(changed(valid.meta, 2)))
    if kind == "text":
        meta = draw(flipped(meta.encode())).decode("utf-8", "replace").rstrip("\0")
    if kind in ("arrays", "both"):
        for name in draw(st.lists(st.sampled_from(sorted(arrays)), min_size=1, max_size=3)):
            with np.errstate(all="ignore"):
                arrays[name] = draw(ARRAYS)(valid.arrays[name])
    if kind == "names":
        gone, other = draw(st.tuples(st.sampled_from(sorted(arrays)), st.sampled_from(sorted(arrays))))
        arrays[draw(st.sampled_from(["x", "../x", "é", "curve/loss", other]))] = arrays.pop(gone)
    content = packed(meta, arrays)
    if kind == "header":
        return draw(rewritten(content, draw(HEADERS)))
    if kind == "bomb":
        return bomb(content)
    return draw(flipped(content)) if kind == "bytes" else content


@st.composite
def rewritten(draw: st.DrawFn, content: bytes, words: str) -> bytes:
    """A zip file with good sums, one of whose arrays says something else of itself."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = draw(st.sampled_from(old.namelist()))
        for name in old.namelist():
            entry = old.read(name)
            if name == chosen:
                key, size = words.partition(":")[0].encode(), 10 + int.from_bytes(entry[8:10], "little")
                fields = {"'descr'": "'<f8'", "'fortran_order'": "False", "'shape'": "(6,)"}
                fields[key.decode()] = words.partition(":")[2].strip()
                text = "{" + ", ".join(f"{name}: {value}" for name, value in fields.items()) + "}"
                entry = entry[:10] + text.encode().ljust(size - 11) + b"\n" + entry[size:]
            for _ in range(draw(st.integers(1, 2)) if name == chosen else 1):
                with pytest.warns(UserWarning) if name in new.namelist() else contextlib.nullcontext():
                    new.writestr(name, entry)
    return made.getvalue()


def bomb(content: bytes) -> bytes:
    """The central directory says that the contents are small; they are not."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 24,)})
        new.writestr("best.npy", header.getvalue() + bytes(1 << 26))
        with zipfile.ZipFile(io.BytesIO(content)) as old:
            new.writestr("meta.npy", old.read("meta.npy"))
    return made.getvalue().replace(
        (len(header.getvalue()) + (1 << 26)).to_bytes(4, "little"), (999).to_bytes(4, "little")
    )


@several(15)
def test_a_report_of_any_result(swept: Path, tmp_path: Path, cases: int):
    """Beside a good result: it is shown, and the odd one too, or what is wrong with it is said."""
    valid = path_of(swept, "random", 20)
    good = shutil.copytree(path_of(swept, "column", 20).parent, tmp_path / "good")
    odd = tmp_path / "odd" / RESULT
    odd.parent.mkdir()

    def check(content: bytes) -> None:
        odd.write_bytes(content)
        found = collect.collect([tmp_path])
        assert str(good / RESULT) in [path for files in found.runs["files"] for path in files]
        for note in found.notes:
            is_clear(note, odd, "N =")
        references = paired.choose_references(found, None)
        long_table.summarise(found), paired.compare(found, references)
        equal = regret.compare(found.by_benchmark, catalogue.BUDGETS)
        regret.summarise(equal), paired.at_budgets(found, equal, references)
        paired.of_fronts(found, pareto.compare(found.by_benchmark, catalogue.BUDGETS, found.notes), references)
        try:
            Store(odd.parent, {}).finished()
        except InputError as error:
            is_clear(str(error), odd)

    fuzz(cases, results(Result.load(valid)), check)


@pytest.mark.slow
def test_the_whole_report_of_any_result(swept: Path, tmp_path: Path):
    """With its figures and its page, which take seconds."""
    valid = path_of(swept, "random", 20)
    shutil.copytree(swept, tmp_path / "sweep")
    odd = path_of(tmp_path / "sweep", "random", 20)

    def check(content: bytes) -> None:
        odd.write_bytes(content)
        report.report([tmp_path / "sweep"], tmp_path / "report", [], [])

    fuzz(100, results(Result.load(valid)), check)


@cases
def test_the_status_of_any_files(swept: Path, tmp_path: Path, cases: int, monkeypatch: pytest.MonkeyPatch):
    """The record of a job and of a sweep, a lease, parts and a result, of which some are not what they were."""
    once = cache(compose.compose)  # takes longer than all the rest of a case
    monkeypatch.setattr(compose, "compose", lambda words: once(tuple(words)))
    root = tmp_path / "sweep"
    shutil.copytree(swept, root)
    job = path_of(root, "random", 20).parent
    asked = root / sweeps.FOLDER / "0123abcd.json"
    asked.parent.mkdir()
    words = ["search.n=20", "search.depth=60", "repeats=6", "logger=none", f"out={tmp_path}", "name=sweep"]
    jobs = [[f"predictor={name}", *words] for name in ("random", "column", "forest")]
    record = json.loads((job / RECORD).read_text())
    sweep = {"words": ["predictor=random,column,forest", *words], "jobs": jobs}
    (job / PARTS).mkdir()
    lease = {"host": "here", "pid": 1, "born": "", "since": "2026-01-01 00:00:00", "token": "t"}
    result = (job / RESULT).read_bytes()
    names = st.sampled_from(["0-1.npz", "0-x.npz", "9" * 200 + "-1.npz", "5-2.npz", "٣-٤.npz", "\x1b[2J.npz"])
    contents = {job / RECORD: record, asked: sweep, job / LEASE: lease}
    others = st.fixed_dictionaries(
        {path: st.just(json.dumps(value).encode()) | texts(value) for path, value in contents.items()}
    )

    def check(case: tuple[dict[Path, bytes], bytes, str]) -> None:
        files, packed, part = case
        for path, content in files.items():
            path.write_bytes(content)
        (job / RESULT).unlink(missing_ok=True)
        if packed:
            (job / RESULT).write_bytes(packed)
        for old in (job / PARTS).iterdir():
            old.unlink()
        (job / PARTS / part).touch()
        jobs, found = states.find([tmp_path])
        assert {one.state for one in jobs if one.name.startswith("nb201_c100/column")} == {"done"}
        with contextlib.redirect_stdout(io.StringIO()):
            status.show(jobs, found, True)
            status.commands(jobs)

    fuzz(cases, st.tuples(others, st.just(b"") | st.just(result) | flipped(result), names), check)
