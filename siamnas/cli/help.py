"""The help of a command: what Hydra prints, with a line for every option instead of a list of names."""

import contextlib
import io
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

GROUP = re.compile(r"(?P<group>[\w/]+): (?P<options>[\w-]+(?:, [\w-]+)*)")
NO_TEXT = ("@package", "Run as:")  # how comments begin that say nothing about the option itself
LEAST, INDENT = 60, 26  # columns of a line, and before its text
SENTENCE = re.compile(r"(?<=[^.\s][^.\s])\.(?= |$)|;(?= )")


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
            print("\n".join(section(match["group"], match["options"].split(", "), folders, width)) if match else line)


def section(group: str, options: Sequence[str], folders: Sequence[Path], width: int) -> Iterator[str]:
    """The lines of a group."""
    yield f"\n{group}="
    for option in options:
        files = [folder / group / f"{option}.yaml" for folder in folders]
        text = next((summary(file) for file in files if file.is_file()), "")
        room = width - max(INDENT, len(option) + 4)
        shown = text if len(text) <= room else f"{text[: room - 3].rpartition(' ')[0]}..."
        yield f"  {option:<{INDENT - 4}}  {shown}".rstrip()


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
