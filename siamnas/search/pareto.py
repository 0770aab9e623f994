"""What was told of several objectives: the front, the best that keeps all limits, and how much is dominated."""

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks.objectives import Objectives
from siamnas.benchmarks.pareto import growing_share
from siamnas.graphs.arrays import FloatArray
from siamnas.search.story import Story
from siamnas.search.told import named

if TYPE_CHECKING:
    import pandas as pd

Free = Callable[[Any], Mapping[str, float]]
"""Architecture of a story -> its free columns; none where they are not known."""


class Standing:
    """How the evaluations of a search compare.

    Args:
        objectives: of the search.
        story: of it.
        free: see `Free`.

    Attributes:
        archs: what was told, in this order.
    """

    def __init__(self, objectives: Objectives, story: Story, free: Free) -> None:
        self._objectives = objectives
        self.archs = list(story.values)
        columns = [free(arch) for arch in self.archs] if objectives.free else []
        known = {name: np.array([own.get(name, math.nan) for own in columns], dtype=float) for name in objectives.free}
        self.numbers = objectives.numbers(objectives.table(named(story.values.values())), known)

    @cached_property
    def feasible(self) -> NDArray[np.bool_]:
        """(n,) whether all limits are kept; False for evaluations that failed."""
        return self._objectives.feasible(self.numbers)

    @cached_property
    def seats(self) -> list[int]:
        """Places in `archs` of the front, the best in the first objective first."""
        return self._objectives.front(self.numbers).tolist()

    @property
    def best(self) -> Any:
        """The architecture of the front that is the best in the first objective; None where the front is empty."""
        return self.archs[self.seats[0]] if self.seats else None

    @cached_property
    def share(self) -> FloatArray:
        """(n,) see `growing_share`, of what keeps all limits, after each evaluation; zeros for one objective."""
        worth = self._objectives.worth(self.numbers)
        if worth.shape[1] == 1:
            return np.zeros(len(worth))
        return growing_share(np.where(self.feasible[:, None], worth, np.nan))

    @property
    def hypervolume(self) -> float | None:
        """The last of `share`; None for one objective."""
        return None if len(self._objectives.aims) == 1 else round(float(self.share[-1]), 6) if self.archs else 0.0

    @property
    def text(self) -> str:
        """The same for people."""
        if not self.archs:
            return "none yet"
        volume = "" if self.hypervolume is None else f", hypervolume {self.hypervolume:.3f}"
        return f"{len(self.seats)} of {len(self.archs)}{volume}"

    def front(self, name: Callable[[Any], Any], index: Callable[[Any], Any]) -> "pd.DataFrame":
        """The front: `architecture`, `index`, and all numbers, told or free.

        Args:
            name: architecture of the story -> its text.
            index: the same -> its index.
        """
        import pandas as pd

        archs = [self.archs[seat] for seat in self.seats]
        columns = {key: values[self.seats] for key, values in self._ordered.items()}
        return pd.DataFrame({"architecture": list(map(name, archs)), "index": list(map(index, archs)), **columns})

    def columns(self, archs: list[Any]) -> dict[str, list[Any]]:
        """The columns of a history: all numbers, `feasible`, `front`, and the `hypervolume` after each evaluation.

        Args:
            archs: a row each; what was not told has no number.
        """
        seats = {arch: seat for seat, arch in enumerate(self.archs)}
        own, best = [seats.get(arch) for arch in archs], set(self.seats)
        found: dict[str, list[Any]] = {
            key: [math.nan if seat is None else float(values[seat]) for seat in own]
            for key, values in self._ordered.items()
        }
        found["feasible"] = [None if seat is None else bool(self.feasible[seat]) for seat in own]
        found["front"] = [seat in best for seat in own]
        if self.hypervolume is not None:
            found["hypervolume"] = [math.nan if seat is None else float(self.share[seat]) for seat in own]
        return found

    @property
    def _ordered(self) -> dict[str, FloatArray]:
        """The numbers, objectives first."""
        names = dict.fromkeys([aim.name for aim in self._objectives.aims] + list(self.numbers))
        return {name: self.numbers[name] for name in names}
