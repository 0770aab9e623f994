"""Config files of anybody: one that is broken, or a bomb, is named, with status 2, within seconds."""

import os
import time
from pathlib import Path

import pytest

import siamnas as door
from siamnas.config import yaml_files

TARGET = "_target_: siamnas.predictors.random.Random\n"
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
MERGED = "a0: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}\n" for i in range(1, 10))
ODD = {
    "broken": b"_target_: [a, b\n",
    "tabs": b"a:\n\t- 1\n",
    "binary": bytes(range(256)),
    "utf-16": TARGET.encode("utf-16"),
    "nul": b"_target_: a\x00b\n",
    "bomb": BOMB.encode(),
    "bomb of merged keys": MERGED.encode(),
    "holds itself": b"a: &a [*a]\n",
    "deep": b"a: " + b"[" * 1_500,
    "deep keys": b"".join(b" " * i + b"a:\n" for i in range(1200)),
    "an object of Python": b"a: !!python/object/apply:os.system ['touch ran']\n",
    "a list": b"- 1\n- 2\n",
    "a text": b"just words\n",
    "keys twice": b"a: 1\na: 2\n",
    "two documents": b"a: 1\n---\nb: 2\n",
    "large": b"a: 1\n" + b"#" * (2 << 20),
    "unknown alias": b"a: *nowhere\n",
    "an octal number": b"a: 010\n",
    "a number with base 60": b"a: [1:30]\n",
}


def config(folder: Path, content: bytes) -> Path:
    path = folder / "conf" / "predictor" / "odd.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", ODD)
def test_a_config_file(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str):
    monkeypatch.chdir(tmp_path)
    path = config(tmp_path, ODD[kind])
    began = time.process_time()
    shown = siamnas("--config-dir", "conf", "predictor=odd", "logger=none")
    assert shown.code == 2 and "Traceback" not in shown.err
    assert str(path) in shown.err.replace("\n", "") or kind in ("a list", "a text"), shown.err
    assert len(shown.err) < 1500 and time.process_time() - began < 20
    assert [path.name for path in tmp_path.iterdir()] == ["conf"]


DOUBLED = "x0: aaaaaaaaaa\n" + "".join(f"x{i}: ${{.x{i - 1}}}${{.x{i - 1}}}\n" for i in range(1, 40))
GROUPS = "x0: [a, b]\n" + "".join(f"x{i}:\n" + f"- ${{..x{i - 1}}}\n" * 10 for i in range(1, 12))


@pytest.mark.parametrize("content", [DOUBLED, GROUPS], ids=["texts", "groups"])
def test_references_that_double(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str):
    monkeypatch.chdir(tmp_path)
    config(tmp_path, (TARGET + content).encode())
    began = time.process_time()
    shown = siamnas("--config-dir", "conf", "predictor=odd", "logger=none")
    assert shown.code == 2 and "stand for more than" in shown.err and time.process_time() - began < 20


def test_many_references_are_no_bomb():
    yaml_files.check_interpolations({f"x{i}": {f"y{j}": "${name}" for j in range(20)} for i in range(7)})


def test_something_that_is_no_file(siamnas, tmp_path: Path):
    path = tmp_path / "predictor" / "odd.yaml"
    path.parent.mkdir()
    os.mkfifo(path)
    shown = siamnas("--config-dir", str(tmp_path), "predictor=odd", "logger=none")
    assert shown.code == 2 and "odd" in shown.err


def test_the_python_door_checks_the_same(tmp_path: Path):
    path = config(tmp_path, ODD["bomb"])
    words = {"hydra.searchpath": [f"file://{tmp_path}/conf"], "logger": "none", "out": str(tmp_path / "out")}
    with pytest.raises(door.InputError, match="stand for more than"):
        door.run("tiny_nb201", "odd", **words)
    assert path.exists() and not (tmp_path / "out").exists()
