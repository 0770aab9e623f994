"""The packages that a light installation leaves out (requirements-light.txt), and what is said where one is missing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

LEFT_OUT = {
    "jinja2": "jinja2",
    "matplotlib": "matplotlib",
    "moocore": "moocore",
    "pandas": "pandas matplotlib jinja2",  # all three of `siamnas report`
    "PIL": "pillow",
    "pytorch_lightning": "pytorch-lightning",
    "requests": "requests",
    "sklearn": "scikit-learn",
    "torch": "torch pytorch-lightning",
    "wandb": "wandb requests",
}
"""Module -> what pip installs for it."""


class Missing(ModuleNotFoundError):
    """A package is not installed; the message says which, and the command that installs it."""


def missing(error: BaseException) -> Missing | None:
    """What to say of an import that has failed; None if no package of `LEFT_OUT` is missing."""
    name = (getattr(error, "name", None) or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or name not in LEFT_OUT or name in sys.modules:
        return None  # where it is there, it has no such part
    wanted = LEFT_OUT[name]
    text = f"needs {name}, which a light installation leaves out: pip install {wanted}"
    if name == "torch":
        text += " (docs/install.md says how to get a torch without CUDA)"
    return Missing(text, name=name)


@contextmanager
def explained() -> Iterator[None]:
    """Say what is missing, and how it is installed, where an import fails.

    Raises:
        Missing: a package of `LEFT_OUT` is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise missing(error) or error from None
