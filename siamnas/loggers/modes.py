"""Whether a W&B run is online, offline or disabled."""

import logging
import netrc
import os
from pathlib import Path
from urllib.parse import urlsplit

from siamnas.errors import InputError
from siamnas.loggers import reach

log = logging.getLogger(__name__)

MODES = {"online": "online", "offline": "offline", "disabled": "disabled", "dryrun": "offline", "run": "online"}
"""Values of WANDB_MODE -> what they mean."""


def check_mode(mode: str) -> None:
    """Check the environment variable WANDB_MODE.

    Args:
        mode: of the configuration.

    Raises:
        InputError: the mode is `auto`, and WANDB_MODE is none of `MODES`.
    """
    asked = os.environ.get("WANDB_MODE")
    if mode == "auto" and asked and asked not in MODES:
        raise InputError(f"WANDB_MODE={asked}: must be {', '.join(MODES)}")


def wanted_mode(mode: str, patience: float) -> str:
    """The mode of a run: `online`, `offline` or `disabled`.

    A run is online only with a login, for which W&B would otherwise ask, and with a server that answers.

    Args:
        mode: of the configuration.
        patience: seconds to wait for the server.
    """
    if mode == "auto":
        mode = MODES[os.environ.get("WANDB_MODE") or ("online" if has_login() else "offline")]
    if mode != "online":
        return mode
    if not has_login():
        log.warning("Weights & Biases: not logged in (wandb login), the run is kept offline")
        return "offline"
    return "online" if reach.reachable(patience) else "offline"


def has_login() -> bool:
    """Whether W&B would find a login without asking: an API key, an identity token, or an entry in .netrc."""
    if os.environ.get("WANDB_API_KEY") or os.environ.get("WANDB_IDENTITY_TOKEN_FILE"):
        return True
    host = urlsplit(reach.address()).netloc
    candidates = [os.environ.get("NETRC"), "~/.netrc", "~/_netrc"]
    path = next((p for c in candidates if c and (p := Path(c).expanduser()).is_file()), None)
    try:
        return path is not None and netrc.netrc(path).authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False
