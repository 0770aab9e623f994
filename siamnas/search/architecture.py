"""An architecture as a search hands it out: a number that knows what it stands for."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from siamnas.errors import InputError, shown
from siamnas.runtime.packages import explained
from siamnas.spaces.described.lowered import ABSENT
from siamnas.spaces.domain import CLASSES, Domain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from torch import nn

NETWORKS = {"nb201": "nb201", "tiny_nb201": "nb201", "nb_macro": "nb_macro", "nano": "nano", "tiny_nanobench": "nano"}
"""First words of the names of shipped spaces -> the option of the group `network` that builds their architectures."""


@dataclass(frozen=True)
class Facts:
    """What is known of an architecture before it is trained.

    Attributes:
        name: its text, stable over journals and machines.
        operations: on each node.
        edges: pairs (from, to) of node numbers.
        columns: name -> value of the free columns.
        choices: as a training reads them, by name; those of a list are its operations by node number.
        shipped: the name of its shipped space, if that is a list; empty where it is the user's.
        network: the option of the group `network` that builds it, if its space has no list.
        classes: how many outputs its network has if nothing is said.
    """

    name: str
    operations: list[str] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    columns: dict[str, float] = field(default_factory=dict)
    choices: dict[Any, Any] = field(default_factory=dict)
    shipped: str = ""
    network: str = ""
    classes: int = CLASSES


class Architecture(int):
    """An architecture that a search has asked for.

    It is its index where an integer is expected, in lists, dictionaries, arrays and JSON, and it pickles small: with
    what is known of it, without its space. On a space without a list the index is its number in the journal, which
    means nothing in another journal; `name` does.

    Args:
        index: of the architecture.
        facts: what is known of it, or a function that says it when it is first needed.
    """

    _facts: "Facts | Callable[[], Facts]"

    def __new__(cls, index: int, facts: "Facts | Callable[[], Facts]") -> "Architecture":
        """See the class."""
        made = super().__new__(cls, index)
        made._facts = facts
        return made

    @property
    def facts(self) -> Facts:
        """All that is known of it."""
        if not isinstance(self._facts, Facts):
            self._facts = self._facts()
        return self._facts

    @property
    def index(self) -> int:
        """Its number in the space, or in the journal where the space has no list."""
        return int(self)

    @property
    def name(self) -> str:
        """Its own notation."""
        return self.facts.name

    @property
    def operations(self) -> list[str]:
        """The operation on each node."""
        return self.facts.operations

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Pairs (from, to) of node numbers."""
        return self.facts.edges

    @property
    def columns(self) -> dict[str, float]:
        """The free columns, such as `flops`."""
        return self.facts.columns

    @property
    def choices(self) -> dict[Any, Any]:
        """Choice -> what was chosen; for an architecture of a list its operations by node number."""
        return self.facts.choices

    def network(self, classes: int | None = None, network: str | None = None) -> "nn.Module":
        """The architecture as a PyTorch network with new weights, where its space is a shipped one.

        Args:
            classes: of the images, or whatever else it tells apart; if None as many as the space has, 10 for a list.
            network: an option of the group `network`; that of the space if None.

        Raises:
            InputError: siamnas knows no networks of this space.
        """
        facts = self.facts
        listed = [option for space, option in NETWORKS.items() if facts.shipped.startswith(space)]
        option = network or facts.network or next(iter(listed), "")
        if not option or not (facts.shipped or facts.network):
            raise InputError(
                f"{shown(self.name)}: siamnas builds the networks of shipped spaces; build yours of `choices`"
            )
        build = _networks(facts.shipped, option, facts.classes if classes is None else classes)
        return build(int(self) if facts.shipped else facts.choices)

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Draw its graph, see `siamnas.graphs.figure.draw`.

        Args:
            axes: of matplotlib; new ones if None.
        """
        from siamnas.graphs import figure

        with explained():
            return figure.draw(self.operations, self.edges, axes, hidden=(ABSENT,))

    def __repr__(self) -> str:
        return f"<Architecture {int(self)} {shown(self.name)!r}>"

    # Texts and file names that code has made of an integer stay what they were.
    __str__ = int.__repr__

    def __format__(self, spec: str) -> str:
        return format(int(self), spec)

    def __reduce__(self) -> tuple[Any, ...]:
        return Architecture, (int(self), self.facts)


@dataclass(frozen=True)
class Best:
    """The best architecture so far.

    Attributes:
        index: in the space.
        name: its own notation.
        value: as it was told.
        architecture: itself.
    """

    index: int
    name: str
    value: float
    architecture: Architecture = field(repr=False, compare=False)

    @property
    def choices(self) -> dict[Any, Any]:
        """See `Architecture.choices`."""
        return self.architecture.choices

    def network(self, classes: int | None = None, network: str | None = None) -> "nn.Module":
        """It as a PyTorch network, see `Architecture.network`."""
        return self.architecture.network(classes, network)

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Draw its graph, see `Architecture.plot`."""
        return self.architecture.plot(axes)


@functools.lru_cache(maxsize=4)
def _networks(shipped: str, network: str, classes: int) -> "Callable[[Any], nn.Module]":
    """Index -> network, for the architectures of a shipped list; choices -> network for those without a list."""
    from siamnas.config.compose import compose, plain
    from siamnas.experiment import build
    from siamnas.search.setting import find_space

    cfg, _ = compose([f"network={network}"])
    space = find_space(shipped)[0] if shipped else None
    assert not isinstance(space, Domain)
    return build.networks(plain(cfg), space, classes)
