"""Command lines of argparse whose errors are a sentence, as all others are, and not a page of usage."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from siamnas.config.validate import near
from siamnas.errors import shown
from siamnas.runtime import terminal

WORDS = {
    "argument ": "",
    "the following arguments are required": "missing",
    "not allowed with argument": "not together with",
    "ignored explicit argument": "takes no value, and not",
    "expected one argument": "needs a value",
    "expected at least one argument": "needs a value",
}


class Arguments(argparse.ArgumentParser):
    """A parser that ends with one sentence and status 2 where a command line is wrong."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """See argparse."""
        options, more = self.parse_known_args(args, namespace)
        if more:
            self.refuse(more)
        return options

    def refuse(self, words: Sequence[str]) -> NoReturn:
        """End because of words that there are not."""
        self.error(unknown(words, [name for name in self._option_string_actions if name.startswith("--")]))

    def error(self, message: str) -> NoReturn:
        """See argparse."""
        terminal.complain(said(message))
        sys.exit(2)


def said(message: str) -> str:
    """What argparse says, in the words of siamnas."""
    for theirs, ours in WORDS.items():
        message = message.replace(theirs, ours, 1)
    return message


def unknown(words: Sequence[str], known: Iterable[str]) -> str:
    """What is wrong with words that no command knows.

    Args:
        words: those that are left; at least one.
        known: the options that there are.
    """
    flags, known = [word.partition("=")[0] for word in words if word.startswith("-")], list(known)
    if not flags:
        return f"{shown(' '.join(words))}: one word too many"
    return f"unknown option {shown(flags[0])}{near(flags[0], known)}; known here: {', '.join(known)}"
