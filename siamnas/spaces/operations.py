"""What the node types of a search space do to a feature map, as far as an architecture depends on it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

IDENTITY = re.compile(r"skip([-_ ]?connect(ion)?)?|identity|id|none|sum|add|concat|split_\d+|copy")
ZERO = re.compile(r"zeros?|zeroize")
INPUT = re.compile(r"in(put)?[-_ ]?\d*")
OUTPUT = re.compile(r"out(put)?")
WEIGHTLESS = re.compile(r".*pool.*|split|shuffle")


@dataclass(frozen=True)
class Operations:
    """The operation table of a space: roles of its node types. One without a role is an operation with weights.

    Attributes:
        identity: pass on what they take, the sum or the concatenation where they take several feature maps: skips,
            sums, copies. (`none` is one of them, see `siamnas.spaces.graphs.PADDING`.)
        zero: pass on nothing, whatever they take.
        input: where an architecture begins; one without such a node begins at all nodes that take nothing.
        output: where it ends; one without such a node ends at all nodes that nothing takes.
        weightless: change a feature map without weights, such as pooling.
        fixed: numbers of nodes that do more than their operation says, such as the first layer of a stage, which
            halves the image: not even an identity can be left out there.
    """

    identity: frozenset[str] = frozenset()
    zero: frozenset[str] = frozenset()
    input: frozenset[str] = frozenset()
    output: frozenset[str] = frozenset()
    weightless: frozenset[str] = frozenset()
    fixed: tuple[int, ...] = ()


def by_name(node_types: Iterable[str]) -> Operations:
    """The table of node types with well-known names; case does not matter."""
    names = tuple(node_types)

    def like(pattern: re.Pattern[str]) -> frozenset[str]:
        return frozenset(name for name in names if pattern.fullmatch(name.lower()))

    return Operations(like(IDENTITY), like(ZERO), like(INPUT), like(OUTPUT), like(WEIGHTLESS))
