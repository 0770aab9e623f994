"""Any folder of JSON files is read, or refused by the name of a file or a key; never anything else."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from siamnas.errors import InputError
from siamnas.spaces import json_folder
from tests.fuzz.support import cases, fuzz, is_clear, texts
from tests.spaces.jsons import ARCH, SMALL, make

OPTIONS: list[dict[str, Any]] = [
    {},
    {"metric": "confidence", "maximise": False},
    {"columns": ["confidence"], "constraints": ["flops<=15"]},
    {"code": {"kind": "est_code", "length": 2}},
    {"node_types": ["input", "conv1x1", "atten", "output", "none"]},
    {"unique": True},
]
NAMES = st.sampled_from(["b", "0", "10", "2", "²", "٣", "a b", "\x1b[2J", "é", "-1", "9" * 200, ".json"])


@st.composite
def folders(draw: st.DrawFn) -> tuple[dict[str, bytes], dict[str, Any]]:
    """File name -> content, of which at least one is changed; and how they are read."""
    files = {"a": json.dumps(ARCH | {"id": "first"}).encode(), draw(NAMES): draw(texts(ARCH))}
    if draw(st.booleans()):
        files[draw(NAMES)] = draw(st.just(json.dumps(SMALL).encode()) | texts(SMALL))
    return files, draw(st.sampled_from(OPTIONS))


@cases
def test_any_folder_is_read_or_refused(tmp_path: Path, cases: int):
    def check(case: tuple[dict[str, bytes], dict[str, Any]]) -> None:
        files, options = case
        for old in tmp_path.iterdir():
            old.unlink()
        for name, content in files.items():
            (tmp_path / f"{name}.json").write_bytes(content)
        try:
            benchmark = make(tmp_path, **options)
        except InputError as error:
            is_clear(str(error), tmp_path, "space.")
        else:
            assert np.isfinite(benchmark.measured.label).all() and len(benchmark.space) <= len(files)
        try:
            found = json_folder.read(tmp_path)  # as a search of one's own reads it
            assert len(json_folder.free(found, "mine")) == len(json_folder.own_codes(found)) == len(files)
        except InputError as error:
            is_clear(str(error), tmp_path, "space.", "mine")

    fuzz(cases, folders(), check)
