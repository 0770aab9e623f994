"""Memory follows the disk: after any exception, signal, fork, and whatever happens to the files."""

import json
import os
import random
import shutil

import numpy as np
import pytest

import siamnas
from siamnas.acquisition.ucb import UpperConfidenceBound
from siamnas.errors import InputError
from siamnas.search.journal import FILE, LOCK
from tests.search.ask_tell import finish, graphs, told, value

SPACE = graphs()
MODES = {"asynchronous": ("acquisition=ucb",), "batches": ("acquisition=ucb", "search.batch=3")}


def searching(journal=None, budget=20, **more):
    return siamnas.Search(SPACE, "gp", budget, journal=journal, **more)


class Stopped(BaseException):
    """A stop at a moment of our choice."""


@pytest.mark.parametrize("mode", MODES)
def test_an_exception_inside_ask_costs_nothing(mode, monkeypatch):
    """A notebook's stop button: the next ask goes on, to the same end as an undisturbed search."""
    expected, _ = finish(searching(overrides=MODES[mode]))
    search, draw = searching(overrides=MODES[mode]), random.Random(0)
    usual, stops = UpperConfidenceBound.choose, 0

    def choose(*given):
        nonlocal stops
        if draw.random() < 0.4:
            stops += 1
            raise KeyboardInterrupt
        return usual(*given)

    monkeypatch.setattr(UpperConfidenceBound, "choose", choose)
    asked = []
    while not search.done:
        try:
            archs = search.ask(3)
        except KeyboardInterrupt:
            continue
        asked += archs
        search.tell(archs, [value(arch, SPACE, fails=True) for arch in archs])
    assert asked == expected and stops > 2


def test_codes_that_fail_once_are_asked_for_again():
    failures = [RuntimeError("no luck"), None]

    def codes(archs):
        if failures and (error := failures.pop(0)):
            raise error
        return [[arch / 100, 1.0] for arch in archs]

    words = ["trainer=fast", "trainer.epochs=4"]
    search = siamnas.Search(SPACE, "siams", 12, codes=codes, code_length=2, overrides=words)
    archs = search.ask(6)
    search.tell(archs, [value(arch, SPACE) for arch in archs])
    with pytest.raises(RuntimeError, match="no luck"):
        search.ask(6)
    assert len(finish(search, fails=False)[0]) == 12


@pytest.mark.parametrize("call", ["write", "fsync"])
@pytest.mark.parametrize("step", ["ask", "tell", "add"])
def test_an_interrupt_while_it_is_written(tmp_path, monkeypatch, call, step):
    """Before, in and after the system call that puts it on disk: nothing is lost, nothing is there twice."""
    search = searching(tmp_path)
    first = search.ask(3)
    search.tell(first[0], 0.1)
    usual = getattr(os, call)

    def stopped(*given):
        result = usual(*given)
        monkeypatch.setattr(os, call, usual)
        raise Stopped(result)

    steps = {
        "ask": lambda: search.ask(2),
        "tell": lambda: search.tell(first[1:], [0.2, 0.3]),
        "add": lambda: search.add({first[0] + 1: 0.4}),
    }
    monkeypatch.setattr(os, call, stopped)
    with pytest.raises(Stopped):
        steps[step]()
    again = steps[step]()
    if step == "ask":
        assert len(again) == 2 and search.open == [*first[1:], *again]
    elif step == "tell":
        assert search.values == dict(zip(first, [0.1, 0.2, 0.3], strict=True))
    else:
        assert search.values == {first[0]: 0.1, first[0] + 1: 0.4}
    values, open_ = search.values, search.open
    search.close()
    with searching(tmp_path, reissue=False) as reopened:
        assert reopened.values == values and reopened.open == open_
    told(tmp_path)


def test_an_interrupt_at_any_line_of_a_step(tmp_path):
    """Signals arrive anywhere: here the stop comes at a drawn call of a function of the package."""
    import sys

    draw = random.Random(3)
    search, values = searching(tmp_path, budget=14), {}
    stops, countdown = 0, 0

    def trace(frame, event, arg):
        nonlocal countdown
        if "/siamnas/search/" in frame.f_code.co_filename and event == "call":
            countdown -= 1
            if countdown == 0:
                sys.settrace(None)
                raise Stopped

    while not search.done:
        countdown = draw.randint(1, 60)
        sys.settrace(trace)
        try:
            archs = search.ask(2)
            for arch in archs:
                values[arch] = value(arch, SPACE)
            search.tell(archs, [values[arch] for arch in archs])
            sys.settrace(None)
        except Stopped:
            sys.settrace(None)
            stops += 1
            for arch in search.open:  # the loop holds what it was given, and tells it again
                if arch in values:
                    search.tell(arch, values[arch])
            if draw.random() < 0.3:
                search = searching(tmp_path, budget=14)  # the cell is run again
        assert stops < 500
        if not search.ask(1) and not search.done and not search.waiting:
            pytest.fail("it has ended early")
        for arch in search.open:
            search.tell(arch, values.setdefault(arch, value(arch, SPACE)))
    assert stops > 3 and len(told(tmp_path)) == 14


def test_a_fork_is_refused_and_writes_nothing(tmp_path):
    for journal in (tmp_path / "journal", None):
        search = searching(journal)
        (arch,) = search.ask(1)
        before = (journal / FILE).read_bytes() if journal else b""
        said = tmp_path / f"said {journal is None}"
        if (pid := os.fork()) == 0:
            lines = []
            for step, given in ((search.tell, {arch: 0.5}), (search.ask, 1), (search.add, {1: 2})):
                try:
                    step(given)
                except InputError as error:
                    lines.append(str(error))
            search.close()
            said.write_text("\n".join(lines))
            os._exit(0)
        os.waitpid(pid, 0)
        lines = said.read_text().splitlines()
        assert len(lines) == 3 and all("is a fork" in line for line in lines)
        assert not journal or (journal / FILE).read_bytes() == before
        search.tell(arch, 0.5)
        assert search.ask(2) and search.values == {arch: 0.5}


def test_a_child_may_open_the_journal_itself(tmp_path):
    search = searching(tmp_path)
    (arch,) = search.ask(1)
    if (pid := os.fork()) == 0:
        status = 1
        try:
            with searching(tmp_path, reissue=False) as mine:
                mine.tell(arch, 0.5)
                mine.tell(mine.ask(1), [0.25])
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
    assert list(search.values.values()) == [0.5, 0.25] and not search.open


@pytest.mark.parametrize("what", ["removed", "moved", "replaced", "overwritten", "cut", "lock"])
def test_a_journal_that_is_gone_or_another_is_noticed_before_each_write(tmp_path, what):
    folder = tmp_path / "journal"
    search = searching(folder)
    archs = search.ask(3)
    search.tell(archs[0], 0.5)
    content = (folder / FILE).read_bytes()
    shutil.copytree(folder, tmp_path / "other")
    if what in ("removed", "replaced"):
        shutil.rmtree(folder)
    if what == "moved":
        folder.rename(tmp_path / "there")
    if what == "replaced":
        shutil.copytree(tmp_path / "other", folder)
    if what == "overwritten":
        (folder / FILE).write_bytes(content.replace(b"0.5", b"0.6"))
    if what == "cut":
        (folder / FILE).write_bytes(content[: content.rindex(b"{")])
    if what == "lock":
        (folder / LOCK).unlink()
        (folder / LOCK).touch()
    now = {path: path.read_bytes() for path in folder.glob("*")}
    for step in (lambda: search.tell(archs[1], 0.7), search.ask, lambda: search.add({archs[0] + 1: 0.1})):
        with pytest.raises(InputError, match="was removed or replaced while the search ran; nothing was recorded"):
            step()
    assert {path: path.read_bytes() for path in folder.glob("*")} == now
    assert search.values == {archs[0]: 0.5}
    if what == "moved":
        (tmp_path / "there").rename(folder)
        search.tell(archs[1], 0.7)
        assert len(told(folder)) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"notes of my own", b'{"a": 1}', b'{"a": 1}\n{"b"', b"[1, 2]\nx", b"\x00\x01", b"{", b"\n", b'"siamnas"',
        b'{"siamnas":1,"a" b","c and much more of it',
    ],
)  # fmt: skip
def test_a_foreign_file_is_left_as_it_is(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError, match=r"journal\.jsonl, line 1: is damaged"):
        searching(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE]


@pytest.mark.parametrize("end", [b"", b'{"tell":["conv', b'{"siam'])
def test_only_a_torn_line_of_our_own_is_cut(tmp_path, end):
    with searching(tmp_path) as search:
        search.tell(search.ask(2), [0.1, 0.2])
        values = search.values
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[:-1] if not end else whole + end)  # an editor has removed the last newline
    with searching(tmp_path) as search:
        assert search.values == values
        search.tell(search.ask(1), [0.3])
    assert (tmp_path / FILE).read_bytes().startswith(whole) and len(told(tmp_path)) == 3


def test_a_first_line_of_an_earlier_version_that_is_torn_is_begun_anew(tmp_path):
    (tmp_path / FILE).write_bytes(b'{"siamnas":"0.1.0","pred')
    with searching(tmp_path) as search:
        assert len(search.ask(2)) == 2
    assert json.loads((tmp_path / FILE).read_bytes().splitlines()[0])["predictor"] == "gp"


def test_a_search_that_is_refused_leaves_no_folder(tmp_path):
    bad = [
        {"budget": 1},
        {"predictor": "siams"},
        {"overrides": ["nokey=1"]},
        {"codes": np.zeros((3, 3))},
        {"budget": 163},
    ]
    for more in bad:
        with pytest.raises(InputError):
            siamnas.Search(SPACE, **{"journal": tmp_path / "journal", **more})
    with pytest.raises(InputError, match="holds no search yet"):
        siamnas.Search.open(tmp_path / "journal")
    assert not (tmp_path / "journal").exists()


def test_another_definition_is_refused_by_name(tmp_path):
    nodes, edges = [["in", one, "sum", "out"] for one in "abcdefghi"], [[(0, 1), (1, 2), (2, 3)]] * 9
    columns, codes = {"flops": np.arange(9.0)}, np.arange(18.0).reshape(9, 2)

    def begun(folder, codes=codes, **more):
        given = {"operations": nodes, "edges": edges, "columns": columns, **more}
        return siamnas.Search(siamnas.Space.of_graphs(**given), "random", 5, journal=folder, codes=codes)

    begun(tmp_path / "j").close()
    begun(tmp_path / "j").close()
    for said, more in {
        "graphs": {"names": [f"a{i}" for i in range(9)]},
        "columns": {"columns": {"flops": np.arange(9.0) + 1}},
        "roles": {"roles": {"operation": ["sum"]}},
        "unique": {"unique": True},
        "codes": {"codes": codes + 1},
        "space": {"name": "another"},
    }.items():
        with pytest.raises(InputError, match=said):
            begun(tmp_path / "j", **more)
    first, *rest = (tmp_path / "j" / FILE).read_text().splitlines()
    header = json.loads(first)
    (tmp_path / "j" / FILE).write_text(json.dumps(header | {"versions": {"search": 7}}) + "\n")
    with pytest.raises(InputError, match="was begun with other versions"):
        begun(tmp_path / "j")
    (tmp_path / "j" / FILE).write_text(json.dumps(header | {"journal": 99}) + "\n")
    with pytest.raises(InputError, match="has version 99"):
        begun(tmp_path / "j")


def test_names_with_spaces_are_not_run_together():
    spaces = [
        siamnas.Space.of_graphs([names] * 3, [[(0, 1)]] * 3) for names in (["a b", "c"], ["a", "b c"], ["a", "b"])
    ]
    from siamnas.search.kept import holds

    assert len({holds(space)["graphs"] for space in spaces}) == 3


@pytest.mark.parametrize("mode", MODES)
def test_the_loop_of_the_readme_survives_a_stop_button(tmp_path, mode):
    """The cell is stopped at drawn moments, in training too, and run again: the budget is spent, nothing twice."""
    draw, trained = random.Random(1), []

    def train(arch):
        if draw.random() < 0.3:
            raise KeyboardInterrupt
        trained.append(int(arch))
        return value(arch, SPACE)

    def cell():
        search = siamnas.Search(SPACE, "gp", 15, journal=tmp_path, overrides=MODES[mode])
        while archs := search.ask(2):
            search.tell(archs, [train(arch) for arch in archs])
        return search

    stops = 0
    while True:
        try:
            search = cell()
            break
        except KeyboardInterrupt:
            stops += 1
    assert search.done and len(search.values) == 15 and stops > 2
    assert len(told(tmp_path)) == 15
