"""What the chosen options of a job say of it; light, for what reads results."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any


def method(choices: Mapping[str, str]) -> str:
    """The option that a job is called after: its predictor, or its search where that needs none."""
    return choices.get("predictor") or choices["search"]


def ranks(choices: Mapping[str, str]) -> bool:
    """Whether a job has a predictor, whose ranking of the space means something; else it is a random order."""
    return choices.get("predictor") not in (None, "", "random")


def space(choices: Mapping[str, str], fields: Mapping[str, Any]) -> str:
    """What a space is called: as its `fields` say, after the folder that it was read from, or after its option."""
    option, path = choices["space"], fields.get("path")
    if (name := fields.get("name")) and name != option:
        return name
    return (PurePath(path).name if isinstance(path, str) else "") or name or option
