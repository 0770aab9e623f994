"""`siamnas measure` in this process: what is asked for, what is shared, what fails, what is refused."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import siamnas as package
from siamnas.cells.cost import count
from siamnas.config.compose import options
from siamnas.measure.selection import chosen
from tests.measure.conftest import CONF, lines, named, table
from tests.spaces.jsons import chains, folder_of
from tests.spaces.jsons import without as arch_without
from tests.spaces.shipped import make
from tests.support import ROOT

NANO = ("space=folder", "network=nano", "network.stem=4", "network.widths=[4]", "network.cells=1", "workers=1")


@pytest.fixture
def nano(siamnas, tmp_path: Path):
    """The command for a folder of 40 chains, of which those with a `split` are no valid cells."""
    chains(tmp_path / "cells")
    places = (f"out={tmp_path / 'out'}", f"space.path={tmp_path}/cells")

    def call(*words: str):
        return siamnas("measure", "--config-dir", str(CONF), "images=noise", "logger=none", *NANO, *places, *words)

    return call


def test_flops_are_those_of_the_counter_in_millions(measure, tmp_path: Path):
    assert measure("what=flops", "archs=3").code == 0
    space = make("nb201_c100").space
    networks = package.networks(space, "nb201_reduced", 4, ["network.width=2"])
    for arch, row in table(tmp_path).items():
        cost = count(networks(space.archs.tolist().index(arch)))
        assert float(row["flops"]) == cost.multiply_adds / 1e6 and float(row["params"]) == cost.params / 1e6
        assert float(row["seconds"]) > 0 and row["failed"] == ""


def test_fewer_are_the_first_of_more_and_a_table_grows(measure, tmp_path: Path):
    assert measure("what=flops", "archs=2").code == 0
    few = named(tmp_path)
    shown = measure("what=flops", "archs=5")
    assert re.search(r"^by this command +3 +3 +0 ", shown.out, re.M)
    assert len(named(tmp_path)) == 5 and set(few) < set(table(tmp_path))
    assert measure("what=flops", "archs=5", "seed=1").code == 0
    assert len(list(tmp_path.rglob("table.csv"))) == 2, "a seed has a folder of its own"


def test_the_values_of_one_are_those_among_others(measure, tmp_path: Path):
    assert measure("what=response", "archs=4", "name=batch").code == 0
    together = table(tmp_path / "batch")
    alone = list(together)[2]
    (tmp_path / "names.txt").write_text(f"{alone}\n\n")
    assert measure("what=response", f"archs={tmp_path / 'names.txt'}", "name=alone").code == 0
    assert table(tmp_path / "alone") == {alone: together[alone]}
    assert len({row["mean"] for row in together.values()}) == 4


def test_what_decides_the_values_decides_the_folder(measure, tmp_path: Path):
    (tmp_path / "shift").write_text("0")
    words = ("what=response", "archs=1", f"+images.path={tmp_path / 'shift'}")

    def folders(*more: str) -> int:
        assert measure(*words, *more).code == 0
        return len(list(tmp_path.rglob("measure.json")))

    assert folders() == folders("images.path=null") == folders("worker=3", "retry=true", "space.label.split=valid") == 1
    (tmp_path / "shift").write_text("9")
    assert folders() == 2, "other pixels in the same file"
    assert folders("network.width=3") == 3
    assert folders("space.constraints=[flops<=50]") == 4


def test_named_architectures(nano, tmp_path: Path):
    assert nano("what=flops", "archs=[4,0,4]").code == 0
    assert named(tmp_path) == ["4", "0"]
    wrong = nano("what=flops", "archs=[0,77]")
    assert wrong.code == 2 and "archs: the space has no architecture 77" in wrong.err


def test_random_architectures_are_beginnings_of_one_order():
    archs = np.array([f"a{i}" for i in range(50)])
    whole = chosen(None, archs, 3)
    assert sorted(whole) == sorted(archs) and whole != chosen(None, archs, 4)
    for size in (1, 7, 50):
        assert chosen(size, archs, 3) == whole[:size]


def test_failures_are_kept_and_the_others_go_on(nano, tmp_path: Path):
    shown = nano("what=flops")
    assert shown.code == 1 and "Traceback" not in shown.err
    cells = {row["arch"]: row for row in lines(tmp_path)}
    failed = {arch for arch, row in cells.items() if "failed" in row}
    split = {str(i) for i in range(40) if 3 in (i % 4, i // 4 % 4, i // 16 % 4)}
    assert failed == split and len(cells) == 40
    assert f"error: {len(split)} architectures of 40 failed" in shown.err
    assert "failed: 3: node 1 is a split: must have two successors, has 1" in shown.out
    assert shown.out.count("failed: ") == len(split)
    rows = table(tmp_path)
    assert rows["3"]["flops"] == "" and "is a split" in rows["3"]["failed"] and float(rows["0"]["flops"]) > 0
    again = nano("what=flops")
    assert again.code == 0 and "is a split" in again.out, "it failed before"
    retried = nano("what=flops", "retry=true", "archs=[3,4]")
    assert retried.code == 1 and "1 architecture of 1 failed" in retried.err, "what has a value is left alone"


def test_whatever_a_measure_raises(nano, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FAIL", "1")
    assert nano("what=odd", "archs=[0,1,2,4,5,6,8,10]").code == 1
    found = {row["failed"]: "trace" in row for row in lines(tmp_path)}
    known = {"its loss is NaN": False, "MemoryError": False, "RuntimeError: CUDA out of memory": True}
    assert found.items() <= (known | {"ValueError: a bug": True}).items() and len(found) >= 2
    monkeypatch.delenv("FAIL")
    assert nano("what=odd", "archs=[0,1,2,4,5,6,8,10]", "retry=true").code == 0
    assert all(row["failed"] == "" and float(row["convolutions"]) > 0 for row in table(tmp_path).values())


def test_a_class_of_ones_own_is_all_it_takes(nano, tmp_path: Path):
    assert nano("what=flops", "what._target_=measures.Odd", "~what.image", "archs=[0]").code == 0
    assert list(table(tmp_path)["0"]) == ["arch", "convolutions", "seconds", "failed"]


def test_help_and_the_keys(siamnas):
    own = ("what=flops", "images=noise", "--config-dir", str(CONF))
    shown = siamnas("measure", "--help", *own)
    assert shown.code == 0 and "siamnas measure what=NAME" in shown.out
    assert all(f"\n  {name} " in shown.out for name in options("what"))
    keys = siamnas("measure", "--cfg", "job", *own)
    assert "archs: null" in keys.out and "image:" in keys.out


@pytest.mark.parametrize(
    ("words", "messages"),
    [
        (["what=synflo"], ["no option what=synflo", "flops"]),
        (["archs=0"], ["archs=0: must be null, an integer of at least 1, a list of names or a file"]),
        (["archs=15626"], ["archs=15626: must be at most 15625"]),
        (["archs=gone.txt"], ["archs=gone.txt: cannot be read as a file of names: No such file"]),
        (["device=gpu"], ["device=gpu: must be cpu, cuda"]),
        (["workers=0"], ["workers=0: must be an integer of at least 1, at most 1,000 or null"]),
        (["what.image=[3,x]"], ["what.image[1]=x: must be an integer of at least 1"]),
        (["network.cells=3"], ["unknown key network.cells"]),
        (["+network.cels=3"], ["unknown key network.cels"]),
        (["space=json", "space.path=/nowhere"], ["space.path=/nowhere: must be a folder"]),
        (["+images.size=3"], ["unknown key images.size"]),
        (["predictor=gcn"], ["predictor"]),
        (["name=a/b"], ["name=a/b: must be a name without"]),
        (["out=/dev/null/x"], ["out: cannot write to /dev/null/x"]),
    ],
)
def test_bad_input_is_named_before_any_work(measure, tmp_path: Path, words: list[str], messages: list[str]):
    shown = measure(*(["what=flops"] if "what=synflo" not in words else []), *words)
    assert shown.code == 2 and "Traceback" not in shown.err
    for message in messages:
        assert message in shown.err.replace("\n", " ")
    assert not list(tmp_path.rglob("*.json*"))


def test_one_bad_job_stops_a_sweep(siamnas, tmp_path: Path):
    words = ("images=noise", "what=flops", "archs=2,99999", "logger=none", f"out={tmp_path}/o")
    shown = siamnas("measure", "--config-dir", str(CONF), "-m", *words)
    assert shown.code == 2 and "archs=99999: must be at most 15625" in shown.err
    assert "nothing of the sweep was computed" in shown.err and not (tmp_path / "o").exists()


def test_another_measurement_in_the_folder_is_refused(measure, tmp_path: Path):
    assert measure("what=flops", "archs=1").code == 0
    (about,) = tmp_path.rglob("measure.json")
    known = json.loads(about.read_text())
    assert known["columns"] == ["flops", "params"] and known["versions"]["siamnas"]
    about.write_text(json.dumps(known | {"science": {}}))
    shown = measure("what=flops", "archs=1")
    assert shown.code == 2 and "is of another measurement" in shown.err


def test_a_folder_that_is_not_measured_is_not_searched(siamnas, tmp_path: Path):
    folder = folder_of(tmp_path / "cells", a=arch_without("gt_accuracy"))
    shown = siamnas("space=folder", f"space.path={folder}", "predictor=random", "logger=none", f"out={tmp_path}/o")
    assert shown.code == 2 and "space=folder: has no accuracies to search by; oracle=train makes them" in shown.err
    figure = siamnas("figure", "fig4", "space@figure.spaces.nb_macro=folder", f"figure.spaces.nb_macro.path={folder}")
    assert figure.code == 2 and "has no accuracies" in figure.err


def test_the_whole_space_is_measured_by_default(nano, tmp_path: Path):
    nano("what=odd")
    assert list(table(tmp_path)) == [str(i) for i in range(40)], "in the order of the space"


def test_a_measure_of_ones_own_as_documented(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = (ROOT / "docs" / "measure.md").read_text()
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.S) if "class Depth" in block]
    (tmp_path / "mine.py").write_text(code)
    chains(tmp_path / "cells", 3)
    (tmp_path / "conf" / "what").mkdir(parents=True)
    (tmp_path / "conf" / "what" / "depth.yaml").write_text("_target_: mine.Depth\nleast: 90\n")
    monkeypatch.syspath_prepend(tmp_path)
    places = (f"out={tmp_path}", f"space.path={tmp_path}/cells", "logger=none", "images=sample")
    shown = siamnas("measure", "--config-dir", str(tmp_path / "conf"), "what=depth", *NANO, *places)
    assert shown.code == 1 and re.search(r"failed: 0: only \d+ tensors of weights", shown.out)
    assert re.search("^measured: .*/depth-", shown.out, re.M)
