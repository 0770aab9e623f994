"""A description of a space that says something else than it seems to: refused by name, not read as something else."""

import contextlib
import itertools
import time
from pathlib import Path

import numpy as np
import pytest

import siamnas
from siamnas.cli import search as search_command
from siamnas.config import yaml_files
from siamnas.config.yaml_files import TWOFOLD
from siamnas.errors import InputError
from siamnas.spaces.described import files

WRONG = {
    "a choice twice": ("space: {width: [1, 2], width: [3, 4]}", "key width is there twice"),
    "a key twice": ("space: {a: [1, 2]}\nspace: {a: [3, 4]}", "key space is there twice"),
    "a column twice": ("space: {a: [1, 2]}\ncolumns: {c: a, c: 2 * a}", "key c is there twice"),
    "an option twice": ("space: {a: {choice: {x: [1, 2], x: [3, 4]}}}", "key x is there twice"),
    "a number and its text": ("space: {1: [1, 2], '1': [3, 4]}", "1: must be a name"),
    "options that are one as texts": ("space: {a: {choice: {1: [1, 2], '1': [3, 4]}}}", "1: must be a name"),
    "no as a name": ("space: {no: [1, 2]}", f"line 1: no {TWOFOLD}"),
    "nothing as a name": ("space: {~: [1, 2]}", "None: must be a name"),
    "1 and 1.0": ("space: {k: [1, 1.0]}", "two options are equal"),
    "true and 1": ("space: {k: [true, 1]}", "two options are equal"),
    "an octal number": ("space: {k: [010, 8]}", f"line 1: 010 {TWOFOLD}"),
    "a binary number": ("space: {k: [0b10, 8]}", f"line 1: 0b10 {TWOFOLD}"),
    "an octal number of another version": ("space: {k: [0o10, 8]}", f"line 1: 0o10 {TWOFOLD}"),
    "a number with base 60": ("space: {r: {repeat: {k: [1, 2]}, times: [1, 1:30]}}", f"line 1: 1:30 {TWOFOLD}"),
    "a power without a point": ("space: {rate: [1.0e-3,\n 1e-4]}", f"line 2: 1e-4 {TWOFOLD}"),
    "no among operations": ("space: {k: [relu, no]}", f"line 1: no {TWOFOLD}"),
    "yes and no": ("space: {k: [Yes, NO]}", f"line 1: Yes {TWOFOLD}"),
    "off as constraints": ("space: {k: [1, 2]}\nconstraints: off", f"line 2: off {TWOFOLD}"),
    "false as constraints": ("space: {k: [1, 2]}\nconstraints: false", "constraints=False: must be a list"),
    "0 as columns": ("space: {k: [1, 2]}\ncolumns: 0", "columns=0: must be a mapping"),
    "nothing as a column": ("space: {k: [1, 2]}\ncolumns: {~: k}", "must be a mapping"),
    "a list as roles": ("space: {k: [a, b]}\nroles: [a]", "roles=['a']: must be a mapping"),
    "a text as a role": ("space: {k: [a, b]}\nroles: {identity: a}", "must be a mapping"),
    "an empty name": ("space: {k: [a, b]}\nname: ''", "name='': must be a text"),
    "a list as a name": ("space: {k: [a, b]}\nname: []", "name=[]: must be a text"),
    "same in words": ("space: {r: {repeat: a, times: [1, 2], same: 'no'}}", "same='no': must be true or false"),
    "ordered as a number": ("space: {k: {choice: [a, b], ordered: 1}}", "ordered=1: must be true or false"),
    "an infinite option": ("space: {k: [.inf, 1]}", "an option must be a text or a number"),
    "an option beyond all floats": (f"space: {{k: [{'9' * 400}, 1]}}", "an option must be a text or a number"),
    "a column that divides by zero": ("space: {k: [1, 2]}\ncolumns: {c: 1 / (k - 1)}", "is inf for some architectures"),
    "a column that is no number": ("space: {k: [1, 2]}\ncolumns: {c: (0 - k) ** 0.5}", "is nan for some"),
    "half a character": ('space: {k: ["\\ud800", a]}', "printable characters"),
    "a text that turns the terminal": ('space: {k: ["a\\u202eb", c]}', "printable characters"),
    "a text that clears it": ('space: {"\\e[2J": [1, 2]}', "printable characters"),
    "a layer of no characters": ('space: {chain: ["a\\0b", {k: [1, 2]}]}', "printable characters"),
    "a date": ("space: {k: [2001-01-01, 2002-01-01]}", "a text or a number"),
    "a call": ("space: !!python/object/apply:os.system ['false']", "is no YAML"),
    "itself": ("space: &a {x: *a}", "aliases"),
    "two documents": ("space: {k: [1, 2]}\n---\nspace: {k: [3, 4]}", "expected a single document"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_it_is_refused_by_name(tmp_path: Path, kind: str):
    content, said = WRONG[kind]
    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        files.read(path)
    assert str(path) in str(raised.value) and said in str(raised.value) and str(raised.value).isprintable()


def test_the_python_door_checks_the_same():
    for given in ({"a": [1, True]}, {"a": ["\ud800", "b"]}, {"a\n": [1, 2]}, {1: [1, 2], "1": [3, 4]}, {None: [1, 2]}):
        with pytest.raises(InputError, match="must|equal"):
            siamnas.Space.of_choices(given)


@pytest.mark.parametrize("digits", ["9" * 5000, "0" * 5000, "1:" * 5000, "1e" * 5000, "1." + "0" * 5000])
def test_a_long_number_takes_no_time(tmp_path: Path, digits: str):
    (tmp_path / "mine.yaml").write_text(f"space: {{k: [{digits}, 1]}}")
    began = time.process_time()
    with contextlib.suppress(InputError):
        files.read(tmp_path / "mine.yaml")
    assert time.process_time() - began < 2


def test_what_siamnas_writes_itself_is_read_as_it_was(tmp_path: Path):
    """Texts that look like numbers and truths stay texts."""
    given = {
        "k": ["no", "1", "010", "1:30", "null", "true", "~", "0x1", "relu"],
        "no": [True, False],
        "z": [1e-3, 1e300],
    }
    space = siamnas.Space.of_choices(given)
    again = files.of_text(space.definition)
    assert again.options == space.options and again.definition == space.definition
    assert all(type(a) is type(b) for k in given for a, b in zip(again.options[k], given[k], strict=True))


def test_what_is_merged_in_may_be_said_again():
    """A node that others merge in is no twice of its own."""
    found = yaml_files.load("base: &b {k: 1, e: 2}\none: &o {<<: *b, e: 3}\ntwo: {<<: *o, k: 5}\n")
    assert found["one"] == {"k": 1, "e": 3} and found["two"]["k"] == 5


WRITTEN = """
space: {width: [16, 32], layers: {repeat: {k: [3, 5], e: [1, 2]}, times: [1, 3]}}
columns: {n: len(layers), flops: width * sum(l.k * l.e for l in layers)}
constraints: [flops<=800, n>=2]
"""
ALIKE = {
    "a comment, keys in another order": """# mine
constraints: ["flops<=800", n>=2]  # a limit
columns: {n: len(layers), flops: width * sum(l.k * l.e for l in layers)}
space:
  width: [16, 32]
  layers: {times: [1, 3], repeat: {k: [3, 5], e: [1, 2]}}
""",
    "columns in another order": """
space: {width: [16, 32], layers: {repeat: {k: [3, 5], e: [1, 2]}, times: [1, 3]}}
columns: {flops: "width*sum(l.k*l.e for l in layers)", n: len(layers)}
constraints: [n>=2, flops<=8e2]
""",
}
OTHER = {
    "flops<=800": ("flops<=900", r"constraints is \['flops<=900.0', 'n>=2.0'\], was \['flops<=800.0', "),
    "l.k * l.e": ("l.k + l.e", r"columns.flops is width \* .*l.k \+ l.e.* was width"),
    "[1, 2]": ("[2, 1]", r"space.layers.repeat.e is \[2, 1\], was \[1, 2\]"),
    "{k: [3, 5], e: [1, 2]}": ("{e: [1, 2], k: [3, 5]}", "space.layers.repeat is e, k, was k, e"),
}


def test_a_journal_goes_on_with_a_file_that_says_the_same(tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text(WRITTEN)
    with siamnas.Search(path, budget=6, journal=tmp_path / "journal") as search:
        search.tell(search.ask(), [1.0])
        pending = search.ask()[0].name
    for content in ALIKE.values():
        path.write_text(content)
        with siamnas.Search(path, budget=6, journal=tmp_path / "journal") as search:
            assert [search.best().value, search.ask()[0].name] == [1.0, pending]
    for said, (now, why) in OTHER.items():
        path.write_text(WRITTEN.replace(said, now))
        with pytest.raises(InputError, match=why):
            siamnas.Search(path, budget=6, journal=tmp_path / "journal")


def test_the_shell_adds_what_a_search_has_not_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """It said of each: is no architecture of the space."""
    (tmp_path / "mine.yaml").write_text(WRITTEN)
    journal = str(tmp_path / "journal")

    def says(*words: str) -> str:
        search_command.main([*words])
        return capsys.readouterr().out

    says("start", journal, "--space", str(tmp_path / "mine.yaml"), "--budget", "6")
    says("add", journal, '{"width=16 layers=2:3/1,3/1": 0.5}')
    says("add", journal, '[{"architecture": "width=16 layers=2:3/1,5/1", "value": 0.25}]')
    assert '"told": 2' in says("status", journal)
    for text, why in {
        "width=16 layers=1:3/1": "is not allowed: .*n is 1, must be >= 2",
        "width=64 layers=2:3/1,3/1": "width is 64, must be one of 16, 32",
        "width=16 layers=2:5/1,5/1": "was neither asked for nor added",
    }.items():
        with siamnas.Search.open(journal) as search, pytest.raises(InputError, match=why):
            search.tell({text: 0.5})


def test_a_file_that_is_not_there_is_no_shipped_space():
    with pytest.raises(InputError, match="no_such.yaml: cannot be read: No such file"):
        siamnas.Search("no_such.yaml")


ARGUMENTS = {
    "a list of columns": ({"columns": ["a"]}, r"columns=\['a'\]: must be a mapping"),
    "a text of constraints": ({"columns": {"c": "a"}, "constraints": "c<=1"}, "constraints='c<=1': must be a list"),
    "a constraint that returns by how much": (
        {"constraints": [lambda c: c["a"] - 1]},
        "must return True or False, not",
    ),
    "a constraint that returns nothing": ({"constraints": [lambda c: None]}, "must return True or False, not None"),
    "a number as a name": ({"name": 3}, "name=3: must be a text"),
    "a role of no layer": ({"roles": {"zero": ["nonne"]}}, r"no layer is called nonne \(did you mean none\?\)"),
    "an array as an option": ({"description": {"a": [np.arange(2), np.arange(3)]}}, "an option must be a text or a"),
}


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_the_python_door_refuses_by_name(kind: str):
    given, why = ARGUMENTS[kind]
    with pytest.raises(InputError, match=why):
        space = siamnas.Space.of_choices(**{"description": {"a": [1, 2], "b": ["conv", "none"]}, **given})
        space.sample(np.random.default_rng(0), 2)


def test_numbers_of_numpy_are_numbers():
    """Options, depths and edges as numpy has them make the space that Python's own make."""
    own = {"a": [0.0, 0.5, 1.0], "b": siamnas.repeat({"k": [3, 5]}, 1, 2), "c": siamnas.dag(["x", "y"], edges=[(0, 1)])}
    theirs = {
        "a": np.linspace(0, 1, 3),
        "b": siamnas.repeat({"k": np.array([3, 5])}, *np.array([1, 2])),
        "c": siamnas.dag(["x", "y"], edges=np.array([[0, 1]])),
    }
    assert siamnas.Space.of_choices(theirs).definition == siamnas.Space.of_choices(own).definition


@pytest.mark.parametrize("options", [["é", "e\u0301"], ["a", "a "], [" b", "b"]], ids=ascii)
def test_options_that_nobody_can_tell_apart(options: list[str]):
    with pytest.raises(InputError, match="two options look like"):
        siamnas.Space.of_choices({"layer": options})


def test_a_column_that_is_no_function_of_the_choices():
    """A limit on it was kept by nothing, as on what is measured anew each time."""
    calls = itertools.count()
    columns = {"ms": lambda _: float(next(calls))}
    with pytest.raises(InputError, match=r"columns\['ms'\]: must be one number for each architecture, is \d"):
        siamnas.Search(siamnas.Space.of_choices({"a": [1, 2, 3], "b": [1, 2, 3]}, columns=columns), budget=4)
