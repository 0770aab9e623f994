"""YAML files of anybody, checked before they are read: what is broken, or grows without bound, is an error."""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from siamnas.errors import shown
from siamnas.runtime import regular

LARGEST = 1 << 20  # bytes of a file; those that are shipped have 3,000 at most
Broken = yaml.YAMLError
REFERENCE = "${"
NUMBERS = re.compile(r"[-+]?0[0-9_]+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
"""What YAML 1.1 reads as an octal number, or one with base 60, and anybody else as another number or a text."""
HINT = re.compile(r"(?<![\w.])0[0-9_]|[0-9]:[0-9]")
"""What a file with one of these has."""
WORDS = re.compile(r"yes|no|on|off|[-+]?0[bo][0-9_]+", re.IGNORECASE)
"""What is true, false or a number for one version of YAML, and a text for the other."""
POWER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)e[-+]?[0-9]+", re.IGNORECASE)
"""A number, which is a text for YAML 1.1 where it lacks the point or the sign."""
UNSEEN = re.compile("^\ufeff|[\x85\u2028\u2029]")
"""A byte order mark, behind which Hydra does not see `# @package`, and what ends a line for YAML 1.1 alone."""
LONGEST = 100  # characters of a value that may be a number
TEXT = "tag:yaml.org,2002:str"
TWOFOLD = "is a text for some readers of YAML and not for others: write 'a text', true, false, 8 or 1.0e-3"
MOST = 100_000  # values that a file may stand for, each counted as often as it is referred to


def check(path: Path) -> str:
    """Check a file.

    Returns:
        What it holds.

    Raises:
        OSError: it can't be read, or is no regular file.
        ValueError: it is not UTF-8, too large, or its aliases stand for too much (a "YAML bomb").
        Broken: it is not YAML.
    """
    content = regular.content(path, LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"has more than {LARGEST:,} bytes")
    text = content.decode("utf-8")
    if unseen := UNSEEN.search(text):
        raise ValueError(f"holds U+{ord(unseen[0]):04X}, which readers of YAML take in different ways; leave it out")
    if "&" in text and "*" in text and _size(text) > MOST:
        raise ValueError(f"its aliases stand for more than {MOST:,} values")
    if HINT.search(text):
        check_meaning(text, NUMBERS)
    return text


def check_meaning(text: str, *more: re.Pattern[str]) -> None:
    """Check that every value is the same for all readers: `no` may be false or a text, `010` ten or eight.

    Args:
        text: YAML.
        more: values that are not allowed without quotes.

    Raises:
        Broken: one is not.
    """
    root = yaml.compose(text, yaml.SafeLoader)
    for node in [] if root is None else _nodes(root, set()):
        for one in _inner(node):
            if isinstance(one, yaml.ScalarNode) and one.style is None and len(one.value) <= LONGEST:
                found = any(pattern.fullmatch(one.value) for pattern in more)
                if found and (one.tag == TEXT or not POWER.fullmatch(one.value)):
                    raise Broken(f"line {one.start_mark.line + 1}: {one.value} {TWOFOLD}")


def _size(text: str) -> float:
    """How many values a text stands for; infinite where one holds itself."""
    sizes: dict[int, float] = {}

    def size(node: yaml.Node) -> float:
        if id(node) not in sizes:
            sizes[id(node)] = float("inf")  # as long as it is being counted
            sizes[id(node)] = 1.0 + sum(map(size, _inner(node)))
        return sizes[id(node)]

    root = yaml.compose(text, yaml.SafeLoader)
    return 0.0 if root is None else size(root)


def load(text: str) -> Any:
    """The values of a text, without objects of Python.

    Raises:
        Broken: it is not YAML, or has a key twice.
        ValueError: a value is not what it says, such as a date in month 13.
        RecursionError: it is too deep.
    """
    root = yaml.compose(text, yaml.SafeLoader)
    for node in [] if root is None else _nodes(root, set()):
        if isinstance(node, yaml.MappingNode):
            keys = [(key.tag, key.value) for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            if twice := [value for tag, value in keys if keys.count((tag, value)) > 1]:
                raise Broken(f"key {shown(twice[0])} is there twice")
    return yaml.safe_load(text)


def _nodes(node: yaml.Node, seen: set[int]) -> Iterator[yaml.Node]:
    """A node and all in it, each once."""
    if id(node) in seen or isinstance(node, yaml.ScalarNode):
        return
    seen.add(id(node))
    yield node
    for inner in _inner(node):
        yield from _nodes(inner, seen)


def _inner(node: yaml.Node) -> list[yaml.Node]:
    """What a node holds, keys included."""
    if isinstance(node, yaml.MappingNode):
        return [one for pair in node.value for one in pair]
    return [] if isinstance(node, yaml.ScalarNode) else node.value


def check_interpolations(config: Any) -> None:
    """Check that a configuration whose values refer to others, `${...}`, is no bomb when they are put in.

    A chain of values that refer to another one twice doubles at each link. How often a value is repeated at most is the
    product of how many references there are in a text, or in a group.

    Args:
        config: a plain container that is not resolved.

    Raises:
        ValueError: it may stand for more than `MOST` values, or texts of as many parts.
    """
    if math.prod(_references(config)) > MOST * MOST:
        raise ValueError(f"its references {REFERENCE}...}} stand for more than {MOST:,} values")


def _references(value: Any) -> Iterator[int]:
    """The number of references in each text and each group that has more than one."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    own = [one.count(REFERENCE) for one in inner if isinstance(one, str)]
    yield from (count for count in [*own, sum(own)] if count > 1)
    for one in inner:
        yield from _references(one)
