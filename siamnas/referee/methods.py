"""The methods of a leaderboard: siamnas' own by words, objects of Python files, and processes."""

import hashlib
import shlex
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from siamnas.config.validate import near
from siamnas.errors import InputError
from siamnas.referee import serve

PROCESS = "process:"
CELLS = ("nb201_c10", "nb201_c100", "nb201_img16", "nb201_c10_noise", "nb201_c100_noise", "nb201_img16_noise")
IMAGES = (*CELLS, "tiny_nb201", "nb_macro")
MNASNETS = ("accel_chain", "accel_slots", "mnasnet")
GRAPHS = ("graph_cora", "graph_citeseer", "graph_computers", "graph_arxiv")
START = ("search.initial_design.count=10", "search.initial_design.kind=random")
ONE = (*START, "search.batch=1")
FIVE, TEN = (*START, "search.batch=5"), (*START, "search.batch=10")


@dataclass(frozen=True)
class Method:
    """What competes.

    Attributes:
        name: in tables.
        words: of a command line, for one of siamnas' own.
        command: of a process that speaks JSON lines, see `docs/referee.md`.
        version: digest of the files of a command.
        tuned: tasks whose labels were seen when its settings were chosen.
    """

    name: str
    words: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    version: str = ""
    tuned: tuple[str, ...] = ()

    @property
    def identity(self) -> dict[str, object]:
        """All of it that decides its numbers."""
        return {key: value for key, value in asdict(self).items() if key in ("words", "command", "version")}


def _learns(name: str, published: Iterable[str], features: str, tuned: tuple[str, ...] = ()) -> tuple[Method, Method]:
    """A method as published, and with the start, the batch and the features that all have."""
    equal = [word for word in published if not word.startswith("search.")]
    return (
        Method(name, tuple(published), tuned=tuned),
        Method(f"{name}_equal", (*equal, *ONE, f"{features}=[onehot]"), tuned=tuned),
    )


FEATURES, MEMBERS = "predictor.features", "predictor.member.features"
ACTIVE = ("search=active", "acquisition=ei")
METHODS = {
    method.name: method
    for method in (
        Method("random", ("predictor=random", "search=active", "acquisition=random", *START)),
        Method("local", ("search=local",)),
        Method("evolution", ("search=evolution",), tuned=CELLS),
        Method("tpe", ("search=tpe",)),
        *_learns("gp", ("predictor=gp",), FEATURES, (*IMAGES, *GRAPHS, *MNASNETS)),
        *_learns("gp_2026", ("predictor=gp_2026",), FEATURES, IMAGES),
        *_learns("nasbowl", ("predictor=nasbowl", *FIVE), FEATURES, IMAGES),
        *_learns("bananas", ("predictor=bananas", *TEN), MEMBERS),
        *_learns("weaknas", ("predictor=weaknas", *TEN), FEATURES),
        *_learns("forest", ("predictor=forest", *ACTIVE, *TEN), FEATURES),
        *_learns("boosting", ("predictor=boosting", "search=active", "acquisition=top", *TEN), FEATURES),
    )
}
"""Known by name. An evolution, a local search and TPE start with ten random ones, and evaluate one at a time."""


def of(text: str) -> Method:
    """The method that a word of a command line names.

    Args:
        text: a name of `METHODS`, the path of a Python file, `process: COMMAND`, or words such as
            `predictor=gp acquisition=ei`; before it may stand `NAME:=` to give it another name.

    Raises:
        InputError: it is none of these.
    """
    name, given, spec = text.partition(":=")
    name, spec = (name.strip(), spec.strip()) if given else ("", text.strip())
    if spec in METHODS:
        return replace(METHODS[spec], name=name or spec)
    if spec.startswith(PROCESS):
        command = _words(spec.removeprefix(PROCESS), text)
        if not command:
            raise InputError(f"--method {text!r}: names no command behind '{PROCESS}'")
        return Method(name or _title(command), command=command, version=_digest(command))
    if spec.endswith(".py"):
        if not Path(spec).is_file():
            raise InputError(f"--method {spec}: there is no such file")
        return Method(name or Path(spec).stem, command=served(spec), version=_digest([spec, serve.__file__]))
    if "=" in spec:
        return Method(name or spec, words=_words(spec, text))
    known = ", ".join(METHODS)
    raise InputError(
        f"--method {spec}: is no method{near(spec, list(METHODS))}; it must be one of {known}, a file that ends with "
        f".py, words such as 'predictor=gp acquisition=ei', or '{PROCESS} COMMAND'"
    )


def _words(line: str, text: str) -> tuple[str, ...]:
    """The words of a command line, of which `--method` has named the `text`."""
    try:
        return tuple(shlex.split(line))
    except ValueError as error:
        raise InputError(f"--method {text!r}: can't be read: {error}") from error


def served(file: str, python: str = sys.executable) -> tuple[str, ...]:
    """The command that lets the object of a Python file speak JSON lines."""
    return (python, str(Path(serve.__file__)), str(Path(file).resolve()))


def _title(command: tuple[str, ...]) -> str:
    """The name of a process: that of its last file without the ending, or of the program."""
    files = [word for word in command if Path(word).suffix]
    return Path((files or command)[-1]).stem


def _digest(paths: Iterable[str]) -> str:
    """Of what the files among some words hold."""
    found = hashlib.sha256()
    for path in map(Path, paths):
        if path.is_file() and path.suffix:
            found.update(path.read_bytes())
    return found.hexdigest()[:16]
