"""A description of a space that says something else than it seems to: refused by name, not read as something else."""

from pathlib import Path

import pytest

import siamnas
from siamnas.config import yaml_files
from siamnas.errors import InputError
from siamnas.spaces.described import files

WRONG = {
    "a choice twice": ("space: {width: [1, 2], width: [3, 4]}", "key width is there twice"),
    "a key twice": ("space: {a: [1, 2]}\nspace: {a: [3, 4]}", "key space is there twice"),
    "a column twice": ("space: {a: [1, 2]}\ncolumns: {c: a, c: 2 * a}", "key c is there twice"),
    "an option twice": ("space: {a: {choice: {x: [1, 2], x: [3, 4]}}}", "key x is there twice"),
    "a number and its text": ("space: {1: [1, 2], '1': [3, 4]}", "1: must be a name"),
    "options that are one as texts": ("space: {a: {choice: {1: [1, 2], '1': [3, 4]}}}", "1: must be a name"),
    "no as a name": ("space: {no: [1, 2]}", "False: must be a name"),
    "nothing as a name": ("space: {~: [1, 2]}", "None: must be a name"),
    "1 and 1.0": ("space: {k: [1, 1.0]}", "two options are equal"),
    "true and 1": ("space: {k: [true, 1]}", "two options are equal"),
    "an octal number": ("space: {k: [010, 8]}", "two options are equal"),
    "half a character": ('space: {k: ["\\ud800", a]}', "printable characters"),
    "a text that turns the terminal": ('space: {k: ["a\\u202eb", c]}', "printable characters"),
    "a text that clears it": ('space: {"\\e[2J": [1, 2]}', "printable characters"),
    "a layer of no characters": ('space: {chain: ["a\\0b", {k: [1, 2]}]}', "printable characters"),
    "a date": ("space: {k: [2001-01-01, 2002-01-01]}", "a text or a number"),
    "a call": ("space: !!python/object/apply:os.system ['false']", "is no YAML"),
    "itself": ("space: &a {x: *a}", "aliases"),
    "two documents": ("space: {k: [1, 2]}\n---\nspace: {k: [3, 4]}", "is no YAML"),
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


def test_what_is_merged_in_may_be_said_again():
    """A node that others merge in is no twice of its own."""
    found = yaml_files.load("base: &b {k: 1, e: 2}\none: &o {<<: *b, e: 3}\ntwo: {<<: *o, k: 5}\n")
    assert found["one"] == {"k": 1, "e": 3} and found["two"]["k"] == 5
