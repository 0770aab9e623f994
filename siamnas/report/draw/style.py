"""The look of each method: its colour, its marker and its dashes."""

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siamnas.report.read import catalogue

if TYPE_CHECKING:
    import pandas as pd


DIFFERENCE = re.compile(r"(?:[\w/]+\.)*(\w+)=([^,()]+)")


def worded(method: str) -> str:
    """The name of a method for a figure: `random forest (acquisition top)`, as no reader types it."""
    return DIFFERENCE.sub(lambda match: f"{match[1]} {match[2]}".replace("_", " "), method)


@dataclass(frozen=True)
class Look:
    """How a method is drawn, in every figure alike."""

    colour: str
    marker: str
    dash: Any = "-"


def looks(runs: "pd.DataFrame") -> dict[str, Look]:
    """A look for every method of a report, by its name.

    The colour is that of the catalogue; variants of one method get lighter and darker shades of it.

    Args:
        runs: columns `method` and `kind`.
    """
    methods = runs.drop_duplicates("method")
    others = [kind for kind in sorted(set(methods["kind"])) if kind not in catalogue.METHODS]
    drawn = itertools.cycle(itertools.product(catalogue.SPARE_DASHES, catalogue.SPARE))
    spare = {
        kind: Look(colour, catalogue.SPARE_MARKER, dash) for kind, (dash, colour) in zip(others, drawn, strict=False)
    }
    found = {}
    for kind, names in methods.groupby("kind", sort=False)["method"]:
        known = catalogue.METHODS.get(str(kind))
        look = Look(known.colour, known.marker, known.dash) if known else spare[kind]
        for i, name in enumerate(names):
            shade = 0.0 if len(names) == 1 else 0.45 - 0.8 * i / (len(names) - 1)
            found[str(name)] = Look(_shaded(look.colour, shade), look.marker, look.dash)
    return found


def _shaded(colour: str, shade: float) -> str:
    """Mixed with white (shade above 0) or black (below)."""
    from matplotlib.colors import to_hex, to_rgb

    target = 1.0 if shade > 0 else 0.0
    red, green, blue = ((1 - abs(shade)) * part + abs(shade) * target for part in to_rgb(colour))
    return to_hex((red, green, blue))
