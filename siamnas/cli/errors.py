"""How a command line that can't be composed is refused."""

import sys
from typing import NoReturn

from siamnas.config.compose import said
from siamnas.config.hydra_errors import explain
from siamnas.runtime import terminal


def refuse(error: Exception, primary: str) -> NoReturn:
    """Say what is wrong with a command line that can't be composed, and end with status 2."""
    for message in explain(sys.argv[1:], primary) or [said(error)]:
        terminal.complain(message)
    sys.exit(2)
