"""What a configuration may take from the environment: it is stored with its results, logged and shown, so no secret."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.resolvers import oc

from siamnas.errors import InputError

RESOLVER = "oc.env"
SECRET = re.compile(r"key|token|secret|pass|pwd|credential|auth|cookie|private", re.IGNORECASE)
KNOWN = re.compile(r"USER|USERNAME|LOGNAME|HOSTNAME|HOST|SLURM_\w+|CUDA_VISIBLE_DEVICES")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_around = 0  # how many of `without_secrets` are open: the outermost one ends it
ALLOWED = "must be a path, a number, the user, the host or a variable of Slurm, because a configuration is stored"


def is_open(name: str, value: str) -> bool:
    """Whether everybody may see a variable: it is one of `KNOWN`, a path or a number, and is not called a secret."""
    harmless = KNOWN.fullmatch(name) or NUMBER.fullmatch(value) or Path(value).is_absolute()
    return bool(harmless) and not SECRET.search(name.replace("PATH", ""))


@contextmanager
def without_secrets() -> Iterator[None]:
    """Let `${oc.env:...}` be an `InputError` where it names anything but what `is_open`."""

    def env(name: str, default: Any = oc._DEFAULT_MARKER_) -> Any:
        if name in os.environ and not is_open(name, os.environ[name]):
            raise InputError(f"${{{RESOLVER}:{name}}}: {ALLOWED}")
        return oc.env(name, default)

    global _around
    OmegaConf.register_new_resolver(RESOLVER, env, replace=True)
    _around += 1
    try:
        yield
    finally:
        _around -= 1
        if not _around:
            OmegaConf.register_new_resolver(RESOLVER, oc.env, replace=True)
