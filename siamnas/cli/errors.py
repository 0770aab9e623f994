"""How a command line that can't be composed is refused."""

import sys
from typing import NoReturn

from siamnas.config.hydra_errors import refusal
from siamnas.runtime import terminal


def refuse(error: Exception, primary: str) -> NoReturn:
    """Say what is wrong with a command line that can't be composed, and end with status 2."""
    for message in refusal(error, sys.argv[1:], primary):
        terminal.complain(message)
    sys.exit(2)
