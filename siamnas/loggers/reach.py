"""Whether the W&B server can be reached: asked once per process, within a time limit."""

import logging
import os
import re
import threading
from urllib.parse import urlsplit

ADDRESS = "https://api.wandb.ai"
QUESTION = {"query": "query { viewer { id } }"}
REFUSED = (401, 403)
LOGIN = re.compile(r"(?<=://)[^\s/?#]*@")

log = logging.getLogger(__name__)
_known: dict[str, bool] = {}  # address -> whether the server answers


def address() -> str:
    """The address of the server that W&B would talk to."""
    return os.environ.get("WANDB_BASE_URL") or ADDRESS


def reachable(patience: float) -> bool:
    """Whether the server answers; if not, the first call logs why.

    Only the first call of a process asks the server, so that a sweep waits once.

    Args:
        patience: seconds to wait for the whole answer.
    """
    url = address()
    if url not in _known:
        _known[url] = True
        if reason := _asked(url, patience):
            give_up(reason)
    return _known[url]


def give_up(reason: str) -> None:
    """Treat the server as unreachable from now on, and log why."""
    _known[address()] = False
    log.warning("Weights & Biases: no connection to %s: %s; runs are kept offline", shown(address()), reason)


def shown(url: str) -> str:
    """An address without the user name and the password that it may contain."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def without_password(text: str) -> str:
    """A text without what stands before the host in its addresses."""
    return LOGIN.sub("", text)


def forget() -> None:
    """Let the next call of `reachable` ask again."""
    _known.clear()


def cause(error: BaseException) -> str:
    """The reason of an error as the operating system names it, such as `connection refused`; else the first cause."""
    first: BaseException = error
    at: BaseException | None = error
    while at is not None:
        first = at
        if isinstance(at, OSError) and at.strerror:
            return _lower(at.strerror)
        inner = getattr(at, "reason", None)  # of urllib3
        at = inner if isinstance(inner, BaseException) else at.__cause__ or at.__context__
    return _lower((str(first).splitlines() or [""])[0] or type(first).__name__)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _asked(url: str, patience: float) -> str | None:
    """The fault of the server; None if it answers.

    `requests` limits the time for each piece of an answer, not for the whole. A thread can be abandoned instead.
    """
    answers: list[str | None] = []
    thread = threading.Thread(target=lambda: answers.append(_answer(url, patience)), name="ask W&B", daemon=True)
    thread.start()
    thread.join(patience)
    return answers[0] if answers else f"timed out after {patience:g} s"


def _answer(url: str, patience: float) -> str | None:
    """The same without a limit for the whole answer; the key comes from the environment, or from .netrc."""
    import requests

    key = os.environ.get("WANDB_API_KEY")
    auth = ("api", key) if key else None
    try:
        answer = requests.post(f"{url.rstrip('/')}/graphql", json=QUESTION, auth=auth, timeout=patience)
    except requests.exceptions.SSLError:
        return None  # W&B has settings of its own for certificates
    except requests.exceptions.ChunkedEncodingError:
        return "the answer was cut off"
    except requests.Timeout:
        return f"timed out after {patience:g} s"
    except ValueError:
        return "WANDB_BASE_URL is no address"
    except requests.RequestException as error:
        return cause(error)
    if answer.status_code in REFUSED:
        return f"the API key was refused ({answer.status_code})"
    return f"the server answers {answer.status_code} {answer.reason}" if answer.status_code >= 500 else None
