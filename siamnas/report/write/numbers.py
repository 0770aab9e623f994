"""All numbers of a report: what its tables, figures and page are made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siamnas.report.compare import paired, pareto, predicted, regret
from siamnas.report.compare.pareto import Front
from siamnas.report.compare.regret import Equal
from siamnas.report.read.collect import Collection
from siamnas.report.write import long_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Numbers:
    """What was found, and what the comparisons say of it.

    Attributes:
        found: the results.
        references: benchmark -> the method that all others are tested against.
        at: numbers of evaluations at which all methods are compared.
        table: of `long_table.summarise`.
        tests: of `paired.compare`.
        equal: of `regret.compare`.
        budgets: of `regret.summarise`.
        at_budgets: of `paired.at_budgets`.
        fronts: of `pareto.compare`.
        of_fronts: of `paired.of_fronts`.
        pairs: as `tests`, between all pairs of methods; None where these were not asked for.
        budget_pairs: as `at_budgets`, between all pairs.
        predicted: of `predicted.frame`; None where it was not asked for.
    """

    found: Collection
    references: Mapping[str, str]
    at: Sequence[int]
    table: "pd.DataFrame"
    tests: "pd.DataFrame"
    equal: Equal
    budgets: "pd.DataFrame"
    at_budgets: "pd.DataFrame"
    fronts: Sequence[Front]
    of_fronts: "pd.DataFrame"
    pairs: "pd.DataFrame | None" = None
    budget_pairs: "pd.DataFrame | None" = None
    predicted: "pd.DataFrame | None" = None

    @classmethod
    def of(
        cls,
        found: Collection,
        references: Mapping[str, str],
        at: Sequence[int],
        pairs: bool = False,
        every: bool = False,
        predict: bool = False,
    ) -> "Numbers":
        """Compute them.

        Args:
            found: the results.
            references: benchmark -> method.
            at: numbers of evaluations.
            pairs: test all pairs of methods, too.
            every: compare methods at equal numbers of evaluations in every benchmark, see `regret.compare`.
            predict: fit predictors again, see `predicted.frame`.
        """
        equal = regret.compare(found.by_benchmark, at, every)
        fronts = pareto.compare(found.by_benchmark, at, found.notes)
        return cls(
            found,
            references,
            at,
            long_table.summarise(found),
            paired.compare(found, references),
            equal,
            regret.summarise(equal),
            paired.at_budgets(found, equal, references),
            fronts,
            paired.of_fronts(found, fronts, references),
            paired.compare(found, None) if pairs else None,
            paired.at_budgets(found, equal, None) if pairs else None,
            predicted.frame(found) if predict else None,
        )

    def tidy(self) -> dict[str, "pd.DataFrame"]:
        """What is written as CSV: name -> frame; nothing that has no rows but the first three."""
        import pandas as pd

        tests = pd.concat([self.tests, self.of_fronts]) if self.fronts else self.tests
        frames = {"table": self.table, "curves": self.found.curves, "paired": tests} | pareto.tidy(self.fronts)
        if len(self.budgets):
            frames |= {"budgets": self.budgets, "regret": self.equal.curves, "budgets_paired": self.at_budgets}
        others = {"pairs": self.pairs, "budgets_pairs": self.budget_pairs, "predicted": self.predicted}
        return frames | {name: frame for name, frame in others.items() if frame is not None and len(frame)}
