"""What node types do to a feature map, as far as the output of a graph depends on it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from siamnas.errors import InputError

SKIP = re.compile(r"skip([-_ ]?connect(ion)?)?|identity|id")
IDENTITY = re.compile(SKIP.pattern + r"|none|sum|add|concat|split_\d+|copy")
NONE = "none"  # also what pads smaller graphs, where nothing leads to it
ZERO = re.compile(r"zeros?|zeroize")
INPUT = re.compile(r"in(put)?[-_ ]?\d*")
OUTPUT = re.compile(r"out(put)?")
WEIGHTLESS = re.compile(r".*pool.*|split|shuffle")


@dataclass(frozen=True)
class Roles:
    """The roles of node types. One without a role is an operation with weights.

    Attributes:
        identity: pass on what they take, the sum or the concatenation where they take several feature maps: skips,
            sums, copies.
        zero: pass on nothing, whatever they take.
        input: where a graph begins; one without such a node begins at all nodes that take nothing.
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


ROLES = ("identity", "zero", "input", "output", "weightless", "operation")
"""What a node type can be; the last one is that it has no role: an operation with weights."""


def table(
    node_types: Iterable[str],
    roles: Mapping[str, Sequence[str]] | None = None,
    fixed: Sequence[int] = (),
    key: str = "roles",
) -> Roles:
    """The table of some node types.

    Args:
        node_types: F names.
        roles: one of ROLES -> names that have this role and no other; those that are not named have the role that
            `by_name` gives them. A name that does not occur is no mistake.
        fixed: see `Roles`.
        key: how the user has named `roles`, for messages.

    Raises:
        InputError: there is no such role, or a name has two.
    """
    node_types = tuple(node_types)
    given: dict[str, str] = {}
    if not isinstance(roles, Mapping | None):
        raise InputError(f"{key}={roles}: must be lists of node types by role, one of {', '.join(ROLES)}")
    for role, several in (roles or {}).items():
        names = several if isinstance(several, str) else tuple(several)
        if role not in ROLES or isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise InputError(f"{key}.{role}={several}: must be a list of node types, for one of {', '.join(ROLES)}")
        for name in names:
            if given.setdefault(name, role) != role:
                raise InputError(f"{key}: {name} must have one role, has {given[name]} and {role}")
    known = by_name(node_types)

    def of(role: str) -> frozenset[str]:
        kept = {name for name in getattr(known, role) if name not in given}
        return frozenset(kept | {name for name in node_types if given.get(name) == role})

    return Roles(
        of("identity"), of("zero"), of("input"), of("output"), of("weightless"), tuple(int(node) for node in fixed)
    )


def by_name(node_types: Iterable[str]) -> Roles:
    """The table of node types with well-known names; case does not matter.

    `none` passes on what it takes, but beside a skip of its own and no other zero, as in NAS-Bench-201 and DARTS.
    """
    names = tuple(node_types)

    def like(pattern: re.Pattern[str]) -> frozenset[str]:
        return frozenset(name for name in names if pattern.fullmatch(name.lower()))

    identity, zero = like(IDENTITY), like(ZERO)
    if not zero and any(SKIP.fullmatch(name.lower()) for name in names):
        zero = frozenset(name for name in identity if name.lower() == NONE)
    return Roles(identity - zero, zero, like(INPUT), like(OUTPUT), like(WEIGHTLESS))
