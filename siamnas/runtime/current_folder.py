"""The current folder is no library: a command imports nothing of it but a class that a config names.

This is imported before anything else, and itself imports only what Python has imported by then.
"""

import os
import sys

_aside = ""  # the folder that a command was started in; empty where Python alone decides on what it imports from


def is_command() -> bool:
    """Whether this process is `siamnas`, `python -m siamnas...` or a job of its sweep, not a program of others."""
    words = sys.orig_argv
    asked = [word for flag, word in zip(words, words[1:], strict=False) if flag == "-m"]
    # While Python looks for the module that -m names, it has not put its path there yet.
    first = sys.argv[0] if sys.argv else ""  # a program that embeds Python may have none
    started = first == "-m" and asked[:1] and asked[0].split(".")[0] == "siamnas"
    name, _ = os.path.splitext(os.path.basename(first))  # noqa: PTH119, PTH122 (pathlib is not imported yet)
    return bool(started) or name in ("siamnas", "siamnas-script") or bool(asked) and _is_job(asked[0])


def _is_job(module: str) -> bool:
    """Whether a process was started by a launcher to do a job of a sweep."""
    return "SIAMNAS_SWEEP" in os.environ and module.split(".")[0] in ("submitit", "joblib")


def here() -> str:
    """The current folder.

    Raises:
        InputError: it was deleted.
    """
    from siamnas.errors import InputError

    try:
        return os.getcwd()  # noqa: PTH109 (pathlib is not imported yet)
    except OSError:
        raise InputError("the current folder does not exist any more; change to another one") from None


def set_aside() -> None:
    """Take the current folder off Python's path, as far as nobody has put it there by name (PYTHONPATH, an install)."""
    global _aside
    if sys.flags.safe_path:  # it is not there, and must not be found
        return
    try:
        _aside = here = os.getcwd()  # noqa: PTH109
    except OSError:  # it was deleted
        here = ""
    if sys.path[:1] == [here]:  # put there by Python for -m
        del sys.path[0]
    stated = (os.environ.get("PYTHONPATH") or "none").split(os.pathsep)
    unnamed = {"", here} if {"", "."} & set(stated) else {""}  # `PYTHONPATH=$PYTHONPATH:lib` where there was none
    sys.path[:] = [place for place in sys.path if place not in unnamed]


def add_last() -> str:
    """Let Python look in the current folder after everything else; where it lies, empty where that changes nothing."""
    if not _aside or _aside in sys.path:
        return ""
    sys.path.append(_aside)
    return _aside


def remove(folder: str) -> None:
    """Undo `add_last`."""
    sys.path.remove(folder)
