"""siamnas: predictor-based neural architecture search as one Hydra-configured experiment.

`Search`, `Space` and `networks` are for a search of one's own; everything else is run from the command line.
"""

from typing import TYPE_CHECKING, Any

from siamnas.runtime import interrupt

if TYPE_CHECKING:
    from siamnas.api import networks as networks
    from siamnas.search.ask_tell import Search as Search
    from siamnas.spaces.public import Space as Space

__version__ = "0.1.0"
__all__ = ["Search", "Space", "networks"]

if interrupt.is_command():
    interrupt.be_brief()


def __getattr__(name: str) -> Any:
    """Import a public class when it is first used: `siamnas --help` needs none of them."""
    if name == "Search":
        from siamnas.search.ask_tell import Search

        return Search
    if name == "Space":
        from siamnas.spaces.public import Space

        return Space
    if name == "networks":
        from siamnas.api import networks

        return networks
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
