"""Whether two definitions say the same, and if not, where they differ."""

import ast
from collections.abc import Mapping
from typing import Any

from siamnas.benchmarks.constraints import parse
from siamnas.config import yaml_files
from siamnas.errors import shown


def difference(now: str, then: str) -> str:
    """Where two definitions differ, such as `space.width is [16, 32], was [16, 64]`; empty where they say the same.

    The order of columns, of constraints and of roles says nothing, and neither does how an expression is spaced. That
    of choices and of options does: it is the order of texts, of layers and of numbers.

    Args:
        now: see `Domain.definition`.
        then: see `now`.
    """
    return _between(_meaning(yaml_files.load(now)), _meaning(yaml_files.load(then)), "")


def _meaning(given: Mapping[str, Any]) -> dict[str, Any]:
    """A definition without what says nothing."""
    columns = {name: _tidy(one) for name, one in sorted(given.get("columns", {}).items())}
    constraints = sorted(map(_limit, given.get("constraints", [])))
    roles = {role: sorted(names) for role, names in sorted(given.get("roles", {}).items())}
    return {**given, "columns": columns, "constraints": constraints, "roles": roles}


def _limit(text: str) -> str:
    """A constraint, with its number as Python writes it."""
    found = parse(text)
    return text if found is None else "".join(map(str, found))


def _tidy(expression: str) -> str:
    """An expression, spaced as Python does it."""
    return ast.unparse(ast.parse(str(expression).strip(), mode="eval"))


def _between(now: Any, then: Any, key: str) -> str:
    """Where two parts differ."""
    if isinstance(now, Mapping) and isinstance(then, Mapping) and list(now) == list(then):
        found = (_between(now[name], then[name], f"{key}.{name}".lstrip(".")) for name in now)
        return next(filter(None, found), "")
    if now == then and not isinstance(now, Mapping):
        return ""
    told = [", ".join(map(str, one)) if isinstance(one, Mapping) else str(one) for one in (now, then)]
    return f"{key or 'keys'} is {shown(told[0])}, was {shown(told[1])}"
