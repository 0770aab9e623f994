"""Several methods at equal numbers of evaluations: what `siamnas.compare` returns."""

import dataclasses
import functools
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from siamnas.errors import InputError
from siamnas.jobs import store
from siamnas.report.compare import paired
from siamnas.report.compare.paired import choose_references
from siamnas.report.draw import plots
from siamnas.report.draw.figure import broken
from siamnas.report.draw.style import looks
from siamnas.report.read import results
from siamnas.report.read.collect import Collection, collect
from siamnas.report.write.files import title_of, write
from siamnas.report.write.numbers import Numbers
from siamnas.runtime import notebook
from siamnas.runtime.drawing import single, styled
from siamnas.runtime.line_labels import name_ends
from siamnas.runtime.table import DASH

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True, repr=False)
class Comparison:
    """Methods at equal numbers of evaluations.

    Attributes:
        folder: of the results.
        budgets: the numbers of evaluations.
        reference: see `siamnas.compare`.
    """

    folder: Path
    budgets: tuple[int, ...]
    reference: str | None = None

    @property
    def frame(self) -> "pd.DataFrame":
        """One row per benchmark, method and budget, see `siamnas.report.compare.regret.summarise`."""
        return self._numbers.budgets

    @property
    def tests(self) -> "pd.DataFrame":
        """Each method against the reference at each budget, in pairs of repeats; `siamnas.report.compare.paired`."""
        return self._numbers.at_budgets

    @functools.cached_property
    def pairs(self) -> "pd.DataFrame":
        """All pairs of methods at each budget, tested as `tests`; Holm's correction is over all pairs of a budget."""
        return paired.at_budgets(self._found, self._numbers.equal, None)

    def plot(self, benchmark: str | None = None, ax: "Axes | None" = None) -> "Axes":
        """Draw the regret of all methods against the evaluations, the mean with the quartiles of the repeats.

        Args:
            benchmark: one of `frame`; the only one if None.
            ax: of matplotlib; new ones if None.

        Raises:
            InputError: no such benchmark, or its optimum is not known.
        """
        found = {one.name: one for one in self._found.benchmarks if one.has_optimum}
        name = next(iter(found)) if benchmark is None and len(found) == 1 else benchmark
        if name not in found:
            known = ", ".join(found) or "none: no optimum is known"
            raise InputError(f"benchmark={name}: must be one of {known}")
        curves, metric = self._numbers.equal.curves, found[name].metric
        curves = curves[curves["benchmark"] == name]
        with styled():
            ax = single(ax)
            plots.regret(curves, "mean", looks(self._found.runs), metric, ax)
            unit = ", points" if metric.unit else ""
            ax.set(xlabel="evaluations", ylabel=f"regret: distance to the optimum{unit}", title=name)
            name_ends(ax, plots.by_end(curves), broken)
        return ax

    def report(self, folder: str | Path) -> Path:
        """Write what `siamnas report` writes.

        Returns:
            The page.

        Raises:
            InputError: the folder can't be written.
        """
        folder = Path(folder).expanduser()
        try:
            write(self._numbers, folder, title_of([self.folder]))
        except OSError as error:
            raise InputError(f"folder: cannot write to {folder}: {error.strerror}") from error
        return folder / "index.html"

    @functools.cached_property
    def _numbers(self) -> Numbers:
        return Numbers.of(self._found, choose_references(self._found, self.reference), self.budgets, every=True)

    @functools.cached_property
    def _found(self) -> Collection:
        return collected(self.folder)

    def __repr__(self) -> str:
        rows = (list(row.values()) for row in self._shown())
        lines = (f"  {benchmark}, {method}: {' / '.join(best)}" for benchmark, method, *best in rows)
        at = ", ".join(map(str, self.budgets))
        return "\n".join([f"<Comparison in {str(self.folder)!r}, best after {at} evaluations:", *lines]) + ">"

    def _repr_html_(self) -> str:
        return notebook.table(self._shown(), "best after so many evaluations, mean of the repeats")

    def _shown(self) -> list[dict[str, str]]:
        """One row per benchmark and method."""
        metrics = {benchmark.name: benchmark.metric for benchmark in self._found.benchmarks}
        rows = []
        for (benchmark, method), own in self.frame.groupby(["benchmark", "method"], sort=False):
            metric, best = metrics[benchmark], dict(zip(own["budget"], own["best"], strict=True))
            texts = {at: f"{metric.text(value)} {metric.unit}".rstrip() for at, value in best.items()}
            rows.append(
                {"benchmark": benchmark, "method": method, **{str(at): texts.get(at, DASH) for at in self.budgets}}
            )
        return rows


def collected(folder: Path) -> Collection:
    """The results below a folder, at the K of its jobs."""
    ks = set()
    for path in results.find([folder.expanduser()]):
        try:
            ks.add(int(store.read_meta(path)["config"]["search"].get("k", 0)))
        except (InputError, OSError, LookupError, TypeError, ValueError, AttributeError):  # becomes a note below
            continue
    found = collect([folder.expanduser()], sorted(ks - {0}))
    for note in found.notes:
        warnings.warn(note, stacklevel=3)
    return found
