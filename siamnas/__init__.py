"""siamnas: predictor-based neural architecture search as one Hydra-configured experiment.

The public names are for Python; the commands are the shell around them.
"""

from siamnas.runtime import current_folder

if current_folder.is_command():
    current_folder.set_aside()  # before anything else is imported
    from siamnas.runtime import streams

    streams.open_closed()

from importlib import import_module
from typing import TYPE_CHECKING, Any

from siamnas.runtime import interrupt
from siamnas.runtime.packages import explained

if TYPE_CHECKING:
    from siamnas.api import compare as compare
    from siamnas.api import networks as networks
    from siamnas.api import results as results
    from siamnas.api import run as run
    from siamnas.errors import InputError as InputError
    from siamnas.search.architecture import Architecture as Architecture
    from siamnas.search.ask_tell import Search as Search
    from siamnas.search.halving import Halving as Halving
    from siamnas.spaces.described.language import chain as chain
    from siamnas.spaces.described.language import choice as choice
    from siamnas.spaces.described.language import dag as dag
    from siamnas.spaces.described.language import optional as optional
    from siamnas.spaces.described.language import repeat as repeat
    from siamnas.spaces.public import Space as Space

__version__ = "0.2.0.dev0"
# Public name -> the module that has it, imported when the name is first used: `siamnas --help` needs none of them.
_PUBLIC = {
    "Architecture": "siamnas.search.architecture",
    "Halving": "siamnas.search.halving",
    "InputError": "siamnas.errors",
    "Search": "siamnas.search.ask_tell",
    "Space": "siamnas.spaces.public",
    "chain": "siamnas.spaces.described.language",
    "choice": "siamnas.spaces.described.language",
    "compare": "siamnas.api",
    "dag": "siamnas.spaces.described.language",
    "networks": "siamnas.api",
    "optional": "siamnas.spaces.described.language",
    "repeat": "siamnas.spaces.described.language",
    "results": "siamnas.api",
    "run": "siamnas.api",
}
__all__ = [
    "Architecture", "Halving", "InputError", "Search", "Space", "chain", "choice", "compare", "dag", "networks",
    "optional", "repeat", "results", "run",
]  # fmt: skip

if current_folder.is_command():
    interrupt.be_brief()


def __getattr__(name: str) -> Any:
    """A public name."""
    if name in _PUBLIC:
        with explained():
            return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, for completion."""
    return [*__all__, "__version__"]
