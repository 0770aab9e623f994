"""The help of a command: what Hydra prints, with a line for every option instead of a list of names."""

import contextlib
import io
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from siamnas.runtime import terminal

GROUP = re.compile(r"(?P<group>[\w/]+): (?P<options>[\w-]+(?:, [\w-]+)*)")
NO_TEXT = ("@package", "Run as:")  # how comments begin that say nothing about the option itself
LEAST, INDENT = 60, 26  # columns of a line, and before its text
PART = re.compile(r"(?<=[^.\s]{2})(?:[:;] | \()")  # where a sentence may end early
LEAST_TEXT = 16  # characters of such an end
TOLD = re.compile(r" *(?:\S+(?: [\w[\]]+)? {2,})?")  # what stands before the text of a line
TITLE = re.compile(r"siamnas \w+: ")  # a command, and what it does
SENTENCE = re.compile(r"(?<=[^.\s][^.\s])\.(?= |$)|;(?= )|:(?= siamnas )")


@contextlib.contextmanager
def described(folders: Sequence[Path]) -> Iterator[None]:
    """Print what is printed within it, with each line of a group and its options as a section of its own.

    Args:
        folders: where the configurations lie.
    """
    text = io.StringIO()
    try:
        with contextlib.redirect_stdout(text):
            yield
    finally:
        width = max(shutil.get_terminal_size().columns, LEAST)
        for line in text.getvalue().splitlines():
            match = GROUP.fullmatch(line)
            shown = section(match["group"], match["options"].split(", "), folders, width) if match else [line]
            for told in shown:
                print(_folded(told, width))


def _folded(line: str, width: int) -> str:
    """A line broken between words, its text below itself; a command stays whole, to be copied."""
    before = TOLD.match(line)
    assert before is not None
    indent = len(before[0])
    if len(line) <= width or (line[indent:].startswith("siamnas ") and not TITLE.match(line)):
        return line
    return terminal.folded(line, " " * min(indent, INDENT), width)


def section(group: str, options: Sequence[str], folders: Sequence[Path], width: int) -> Iterator[str]:
    """The lines of a group."""
    yield f"\n{group}="
    for option in options:
        files = [folder / group / f"{option}.yaml" for folder in folders]
        text = next((summary(file) for file in files if file.is_file()), "")
        yield f"  {option:<{INDENT - 4}}  {shortened(text, width - max(INDENT, len(option) + 4))}".rstrip()


def shortened(text: str, room: int) -> str:
    """A beginning of a sentence that says something, in one line if that is possible, else in two; or all of it."""
    ends = [match.start() for match in PART.finditer(text) if match.start() >= LEAST_TEXT] + [len(text)]
    for lines in (1, 2):
        if fits := [end for end in ends if end <= lines * room]:
            return text[: fits[-1]]
    return text


def summary(file: Path) -> str:
    """The first sentence of the comment that a configuration begins with; empty if there is none."""
    told = []
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if not line.startswith("#"):
                break
            said = line.lstrip("# ").strip()
            if not said.startswith(NO_TEXT):
                told.append(said)
    return SENTENCE.split(" ".join(told), maxsplit=1)[0].strip()
