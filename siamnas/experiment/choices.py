"""What the chosen options of a job say of it; light, for what reads results."""

from collections.abc import Mapping


def method(choices: Mapping[str, str]) -> str:
    """The option that a job is called after: its predictor, or its search where that needs none."""
    return choices.get("predictor") or choices["search"]
