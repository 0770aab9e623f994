"""Is one method better than another? How all tests are done.

- A family is all methods against one reference at one budget: one benchmark, one N, one K, one protocol
  (`main`: the best of all evaluated architectures; `topk`: the best of the top K of the ranking only). Where all
  pairs are asked for, it is all pairs there.
- At equal numbers of evaluations, whatever N and K are, a family is one benchmark and one budget.
- Of the hypervolumes of Pareto fronts (protocol `front`) a family is one benchmark and one number of
  evaluations, N, at K = 0.
- Repeats are paired by their seed, from which both methods draw their random numbers.
- The statistic is the difference of the two means that are printed, method - reference, over the repeats of both.
- p is that of the paired sign-flip permutation test of exactly this mean; `low` and `high` are its bootstrap interval
  at 95 % for this row alone.
- Holm's correction holds for the family, which against one reference is one smaller than the number of methods.
- The verdict is `ahead` or `behind`, by the direction of the metric, where the corrected p is at most .05; else
  `not distinguishable`.
- `family_low` and `family_high` are the interval to read beside the verdict: with 95 % all those of a family hold at
  once (Bonferroni's t intervals). It ends at 0 at the latest where the verdict is ahead or behind, and reaches 0 where
  the two are not distinguishable, so that it never says something else (compatible with Holm's test as in Strassburger
  and Bretz 2008).

One mean may hang on a few repeats below the median of the space: the median difference and the shares of these
repeats stand beside it. The same seeds serve every N and K, so neighbouring rows are no independent evidence: ten rows
that agree are not ten experiments.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.config.validate import near
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray
from siamnas.report.compare.pareto import Front
from siamnas.report.compare.protocols import PROTOCOLS
from siamnas.report.compare.regret import Equal
from siamnas.report.compare.tests import holm, interval, reach, sign_flip
from siamnas.report.read import catalogue
from siamnas.report.read.collect import Collection
from siamnas.report.read.runs import Run

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05  # of a family
AHEAD, BEHIND, LEVEL = "ahead", "behind", "not distinguishable"
FRONT = "front"  # protocol
MOST = 4  # methods that a note names
References = Mapping[str, str] | None
KEYS = ["benchmark", "protocol", "n", "k"]
BELOW = ["below_median", "below_median_reference"]
FAMILY = ["family_low", "family_high"]
NUMBERS = ["pairs", "difference", "low", "high", "median_difference", "p", "holm_p"]
COLUMNS = [*KEYS, "method", "reference", *NUMBERS, "verdict", *BELOW, *FAMILY]
AT_BUDGETS = ["benchmark", "budget", "method", "reference", *NUMBERS, "verdict", "found", "found_reference", *FAMILY]


def choose_references(found: Collection, wanted: str | None) -> dict[str, str]:
    """Benchmark -> its reference.

    Args:
        found: the results; a benchmark that lacks the wanted method gets a note there, and a reference of its own.
        wanted: a method as the report calls it, or its option where it is the only one of it; None for the paper's
            method, which is the unchanged one in an ablation, else the first that learns, else the first.

    Raises:
        InputError: no benchmark has the wanted method.
    """
    chosen: dict[str, str] = {}
    given: set[str] = set()
    for benchmark, runs in found.runs.groupby("benchmark", sort=False):
        methods = runs.drop_duplicates("method")
        named = [str(row.method) for row in methods.itertuples() if wanted in (row.method, row.kind)]
        chosen[str(benchmark)] = named[0] if len(named) == 1 else _usual(methods)
        given |= set(named if len(named) == 1 else ())
    if wanted is not None and not given:
        names = list(map(str, found.runs["method"].unique()))
        raise InputError(
            f"--reference: there is no method '{wanted}'{near(wanted, names)}; there are: {', '.join(names)}"
        )
    for benchmark, reference in chosen.items():
        if given and reference not in given:
            found.notes.append(f"{benchmark} has no method '{wanted}': its reference is {reference}")
        found.notes.extend(_not_paired(benchmark, reference, found.by_benchmark.get(benchmark, ())))
    return chosen


def _not_paired(benchmark: str, reference: str, runs: Iterable[Run]) -> list[str]:
    """Whose repeats have no partner among those of the reference, in a sentence; nothing where all have one."""
    seeds: dict[str, set[int]] = {}
    for run in runs:
        seeds.setdefault(run.name, set()).update(run.arrays["seed"].tolist())
    common = {name: len(own & seeds[reference]) for name, own in seeds.items()}
    alone = [name for name, count in common.items() if count < len(seeds[name])]
    if not alone:
        return []
    said = [f"{common[name] or 'none'} of the {len(seeds[name])} of {name}" for name in alone[:MOST]]
    told = ", ".join([*said, *["..."] * (len(alone) > MOST)])
    return [f"{benchmark}: tests pair repeats by their seeds, and {reference} has {told}"]


def compare(found: Collection, references: References) -> "pd.DataFrame":
    """Every method against the reference of its benchmark, as above.

    Args:
        found: the results.
        references: benchmark -> method; None for the tests between all pairs.

    Returns:
        Columns `COLUMNS`, in the unit of the results: `difference` is the mean over `pairs` repeats, `low` and `high`
        its interval, `below_median` and `below_median_reference` are shares of these repeats. Rows with fewer
        than two common repeats are left out.
    """
    families = (
        ({"benchmark": benchmark, "protocol": protocol.name, "n": n, "k": k}, cell, protocol.column, "below_median")
        for (benchmark, n, k), cell in found.repeats.groupby(["benchmark", "n", "k"], sort=False)
        for protocol in PROTOCOLS
    )
    tests = _tests(families, references, _signs(found), COLUMNS)
    return tests.sort_values(KEYS[:2], kind="stable", ignore_index=True)


def at_budgets(found: Collection, equal: Equal, references: References) -> "pd.DataFrame":
    """The same at equal numbers of evaluations; a family is a benchmark and a budget.

    Returns:
        Columns `AT_BUDGETS`: those of `compare`, with the shares that have `found` the optimum beside the differences.
    """
    families = (
        ({"benchmark": benchmark, "budget": budget}, cell, "best", "found")
        for (benchmark, budget), cell in equal.repeats.groupby(["benchmark", "budget"], sort=True)
    )
    return _tests(families, references, _signs(found), AT_BUDGETS)


def of_fronts(found: Collection, fronts: Sequence[Front], references: References) -> "pd.DataFrame":
    """The same of the shares of hypervolumes at equal numbers of evaluations, see `siamnas.report.compare.pareto`.

    Returns:
        Columns `COLUMNS`, with the protocol FRONT, N the evaluations, and the shares of repeats without the whole front
        as `below_median`.
    """
    families = (
        ({"benchmark": front.benchmark, "protocol": FRONT, "n": budget, "k": 0}, cell, "share", "below_median")
        for front in fronts
        for budget, cell in front.repeats.assign(below_median=~front.repeats["whole"]).groupby("evaluations")
        if budget in front.budgets
    )
    return _tests(families, references, dict.fromkeys(_signs(found), 1), COLUMNS)


def _signs(found: Collection) -> dict[str, int]:
    """Benchmark -> what makes a larger value a better one."""
    return {benchmark.name: benchmark.metric.sign for benchmark in found.benchmarks}


def _tests(
    families: Iterable[tuple[dict[str, Any], "pd.DataFrame", str, str]],
    references: References,
    signs: Mapping[str, int],
    columns: list[str],
) -> "pd.DataFrame":
    """A row with its numbers and its verdict for each pair of each family.

    Args:
        families: what a family is, its repeats, the column whose differences count, and that of a share.
        references: as for `compare`.
        signs: of `_signs`.
        columns: of the rows; those before `method` say which family it is.
    """
    import pandas as pd

    about: list[dict[str, Any]] = []
    differences: list[FloatArray] = []
    for keys, cell, column, share in families:
        reference = None if references is None else references[str(keys["benchmark"])]
        for row, difference in _pairs(reference, cell, column, share):
            about.append(keys | row)
            differences.append(difference)
    if not about:
        return pd.DataFrame(columns=columns)
    tests = pd.concat([pd.DataFrame(about), _tested(differences)], axis=1)
    family = tests.groupby(columns[: columns.index("method")], sort=False)["p"]
    tests["holm_p"] = family.transform(lambda p: holm(p.to_numpy()))
    tests["verdict"] = np.where(tests["benchmark"].map(signs) * tests["difference"] > 0, AHEAD, BEHIND)
    tests.loc[tests["holm_p"] > ALPHA, "verdict"] = LEVEL
    half = reach([difference.std(ddof=1) for difference in differences], tests["pairs"], family.transform("size"))
    return _with_intervals(tests, half)[columns]


def _with_intervals(tests: "pd.DataFrame", half: FloatArray) -> "pd.DataFrame":
    """Rows with the interval of a family: what the test does not exclude belongs to it, what it excludes does not.

    Args:
        tests: with their verdicts.
        half: (m,) half of each interval, before that.
    """
    low, high = tests["difference"] - half, tests["difference"] + half
    level, above = tests["verdict"] == LEVEL, tests["difference"] > 0
    return tests.assign(
        family_low=np.where(level, np.minimum(low, 0), np.where(above, np.maximum(low, 0), low)),
        family_high=np.where(level, np.maximum(high, 0), np.where(above, high, np.minimum(high, 0))),
    )


def _pairs(
    reference: str | None, cell: "pd.DataFrame", column: str, share: str
) -> list[tuple[dict[str, Any], FloatArray]]:
    """What a row says of the repeats, and the (pairs,) differences; one for each pair of a family.

    Args:
        reference: method that the differences are to; None for all pairs.
        cell: the repeats of a family.
        column: whose differences they are.
        share: column of true and false, whose means stand beside them.
    """
    values = cell.pivot(index="seed", columns="method", values=column)
    true = cell.pivot(index="seed", columns="method", values=share)
    methods = list(cell["method"].unique())
    against = [(method, reference) for method in methods if method != reference]
    rows = []
    for method, other in itertools.combinations(methods, 2) if reference is None else against:
        if other not in values:
            continue
        difference = (values[method] - values[other]).dropna()
        if len(difference) > 1:
            own, others = true.loc[difference.index, [method, other]].astype(float).mean()
            row = {"method": method, "reference": other, share: own, f"{share}_reference": others}
            rows.append((row, difference.to_numpy()))
    return rows


def _tested(differences: list[FloatArray]) -> "pd.DataFrame":
    """The numbers of each test; those with the same number of pairs are computed at once."""
    import pandas as pd

    pairs = np.array([len(difference) for difference in differences])
    tests = pd.DataFrame({"pairs": pairs})
    tests["difference"] = [difference.mean() for difference in differences]
    tests["median_difference"] = [np.median(difference) for difference in differences]
    for count in np.unique(pairs):
        which = np.flatnonzero(pairs == count)
        own = np.stack([differences[i] for i in which])
        tests.loc[which, "p"] = sign_flip(own)
        tests.loc[which, "low"], tests.loc[which, "high"] = interval(own)
    return tests


def _usual(methods: "pd.DataFrame") -> str:
    """The reference of a benchmark that nobody has chosen one for."""
    kinds = list(methods["kind"])
    learning = list(methods.loc[methods["learns"], "kind"])
    kind = next(kind for kind in (catalogue.REFERENCE, *learning, *kinds) if kind in kinds)
    own = methods[methods["kind"] == kind]
    plain = ~own["method"].str.endswith(")"), own["unchanged"], own["trainer"] == catalogue.REFERENCE_TRAINER
    return str(own["method"].iloc[max(range(len(own)), key=lambda i: [bool(told.iloc[i]) for told in plain])])
