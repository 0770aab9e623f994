"""One HTML page of a report that needs nothing beside it: figures as inline SVG, tables that can be sorted."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.jobs.summary import DASH, plural
from siamnas.report.compare.paired import AHEAD, BEHIND, BELOW, LEVEL
from siamnas.report.compare.protocols import MAIN, metric_text
from siamnas.report.draw.figure import ReportFigure
from siamnas.report.read.collect import Benchmark, Collection
from siamnas.report.write import html, long_table
from siamnas.report.write.html import Columns
from siamnas.report.write.table import ReportTable, main_table
from siamnas.report.write.winners import winners

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE = Path(__file__).with_name("page.html")
MOST = 4  # methods that a headline names with their difference
SAME = "The same repeats serve every N and K, so that rows that agree are no independent evidence."
WORDS = {
    "N, K": "N architectures are evaluated before the ranking, then K more from its top. One training at N serves "
    "every K.",
    "best": "The main number: the true value of the incumbent after N + K evaluations, mean ± standard deviation over "
    "the repeats. The incumbent is the best evaluated architecture by the label that the search may see. All "
    "evaluations count, for every method alike; a baseline that learns nothing has no N and follows its own order.",
    "top-K only": "The paper's protocol: the best of the first K of the ranking alone. The training set does not "
    "count, and its architectures may be among the K a second time.",
    "below median": "Share of the repeats whose first K of the ranking are no better than the median of the space.",
    "regret": "Distance of the mean best value to the optimum of the space for the same metric; 0 is perfect.",
    "Spearman, Kendall": "Rank correlation of the ranking of the whole space with the true values, mean over the "
    "repeats.",
    "codes": "Different architectures with a computed Estimation Code.",
    "GPU-days": "Training the evaluated architectures and computing the codes, in the times of the benchmark's own "
    "table.",
    "seconds": "Computing all repeats, on the machine that did it.",
    "tests": "Every method against the reference at one N and K: the difference of the means, method - reference, over "
    "the repeats that share their seed; its 95 % bootstrap interval; the two-sided p of a paired sign-flip permutation "
    "test of exactly this mean; that p after Holm's correction for all methods at this N and K. Where it is above .05 "
    "the two are not distinguishable. The median difference and the shares of runs below the median stand beside "
    "it, because a mean may hang on a few of them.",
    "the same repeats": "The same seeds serve every N and K: neighbouring rows are no independent evidence, and ten of "
    "them that agree are not ten experiments.",
}


def page(
    title: str,
    found: Collection,
    table: "pd.DataFrame",
    tests: "pd.DataFrame",
    figures: Sequence[ReportFigure],
    regret_tables: Mapping[str, ReportTable | None],
    at_budgets: "pd.DataFrame",
    pareto_tables: Mapping[str, ReportTable],
    at: Sequence[int],
) -> str:
    """The whole page.

    Args:
        title: of the page.
        found: the results.
        table: of `long_table.summarise`.
        tests: of `paired.compare`.
        figures: of `figures.draw`.
        regret_tables: benchmark -> its regret table, where there is one.
        at_budgets: of `paired.at_budgets`.
        pareto_tables: benchmark -> its Pareto table, where there is a second objective.
        at: numbers of evaluations at which the winner is named.
    """
    body = [_headlines(found, table, tests, at), _what_was_run(found)]
    for number, benchmark in enumerate(found.benchmarks, start=1):
        own = [figure for figure in figures if figure.benchmark == benchmark.name]
        regret, front = regret_tables.get(benchmark.name), pareto_tables.get(benchmark.name)
        body.append(_section(number, benchmark, table, tests, own, regret, at_budgets, front))
    body.append(f"<h2>What the words mean</h2><dl>{''.join(_word(*pair) for pair in WORDS.items())}</dl>")
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=escape(title), lead=_lead(found), notes=_notes(found.notes), body="\n".join(body)
    )


def _lead(found: Collection) -> str:
    files = sum(len(paths) for paths in found.runs["files"])
    methods = found.runs["method"].nunique()
    counts = sorted({int(count) for count in found.runs["repeats"]})
    repeats = f"{counts[0]} repeats each" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} repeats"
    percent = all(benchmark.metric.unit == PERCENT for benchmark in found.benchmarks)
    return escape(
        f"{plural(files, 'result file')}: {plural(methods, 'method')} on {plural(len(found.benchmarks), 'benchmark')}, "
        f"{repeats}.{' Accuracies in percent.' * percent}"
    )


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<div class="notes"><strong>Not everything could be used as it is</strong><ul>{items}</ul></div>'


def _headlines(found: Collection, table: "pd.DataFrame", tests: "pd.DataFrame", at: Sequence[int]) -> str:
    """The sentences on top."""
    items = []
    for benchmark in found.benchmarks:
        said: list[str | None] = [*winners(benchmark, found.by_benchmark[benchmark.name], at)]
        said += [headline(benchmark, n, benchmark.ks[-1], table, tests) for n in long_table.main_ns(table, benchmark)]
        lines = "".join(f"<li>{escape(line)}</li>" for line in said if line)
        if lines:
            items.append(f'<h3>{escape(benchmark.name)}</h3><ul class="headlines">{lines}</ul>')
    return "".join(items)


def _what_was_run(found: Collection) -> str:
    """A row per benchmark and method."""
    rows = []
    for (benchmark, method), runs in found.runs.groupby(["benchmark", "method"], sort=False):
        first, counts = runs.iloc[0], sorted(set(runs["repeats"]))
        commits = sorted({commit[:8] for own in runs["commits"] for commit in own})
        about = {
            "benchmark": benchmark,
            "method": method,
            "method=": first["option"],
            "acquisition=": first["acquisition"],
            "trainer=": first["trainer"] if isinstance(first["trainer"], str) else DASH,
            "selects by": first["label"],
            "code": first["code"] if first["learns"] else DASH,
            "N": ", ".join(map(str, runs["n"])),
            "repeats": " to ".join(map(str, [counts[0], counts[-1]][: len(counts)])),
            "device": ", ".join(sorted({device for own in runs["devices"] for device in own})),
            "commit": ", ".join(commits[:3]) + (" ..." if len(commits) > 3 else ""),
        }
        rows.append(about)
    table = html.plain_table(list(rows[0]), [list(row.values()) for row in rows], wrapped=("method", "N"))
    return f"<details><summary>What was run</summary>{table}</details>"


def headline(benchmark: Benchmark, n: int, k: int, table: "pd.DataFrame", tests: "pd.DataFrame") -> str | None:
    """How all methods do against the reference at an N and a K, by the main protocol; None where nothing was tested.

    Args:
        benchmark: that it is about.
        n: N.
        k: K.
        table: of `long_table.summarise`.
        tests: of `paired.compare`.
    """
    metric = benchmark.metric
    own = table[(table["benchmark"] == benchmark.name) & (table["n"] == n) & (table["k"] == k)]
    family = tests[(tests["benchmark"] == benchmark.name) & (tests["n"] == n) & (tests["k"] == k)]
    family = family[family["protocol"] == MAIN.name].sort_values(
        "difference", ascending=not metric.maximise, kind="stable"
    )
    if family.empty:
        return None
    reference = own[own["method"] == family["reference"].iloc[0]].iloc[0]
    said = [
        f"{verdict}: {_listed(rows, reference['best'], metric)}"
        for verdict in (AHEAD, LEVEL, BEHIND)
        if len(rows := family[family["verdict"] == verdict])
    ]
    at = f"N = {n}, K = {k}, {n + k} evaluations"
    value = " ".join(filter(None, (metric.text(reference["best"]), metric.unit)))
    remark = f" ({metric.remark})" if metric.remark else ""
    return f"{at}: {reference['method']} reaches {value}{remark}. Against it, {'; '.join(said)}."


def _listed(rows: "pd.DataFrame", like: float, metric: Metric) -> str:
    """Some methods, each with its difference and the 95 % interval."""
    named = [f"{row.method} {_difference(row, like, metric)}" for row in rows.head(MOST).itertuples()]
    rest = len(rows) - len(named)
    return ", ".join(named) + (f" and {rest} more" if rest else "")


def _difference(row: Any, like: float, metric: Metric) -> str:
    by, low, high = (metric.text(value, like=like, sign="+") for value in (row.difference, row.low, row.high))
    return f"{by} ({low} to {high})"


def _section(
    number: int,
    benchmark: Benchmark,
    table: "pd.DataFrame",
    tests: "pd.DataFrame",
    figures: Sequence[ReportFigure],
    regret: ReportTable | None,
    at_budgets: "pd.DataFrame",
    front: ReportTable | None,
) -> str:
    """Everything about one benchmark."""
    metric, ns = benchmark.metric, long_table.main_ns(table, benchmark)
    everything = table[table["benchmark"] == benchmark.name]
    count = everything["n"].nunique()
    best = f"the best of them {metric.text(benchmark.optimum)} {metric.unit}".rstrip()
    best = best if benchmark.has_optimum else "whose optimum is not known: no regret"
    parts = [
        f"<h2>{escape(benchmark.name)}</h2>",
        f'<p class="sub">Reported: {escape(metric_text(metric))}. {benchmark.size:,} architectures, '
        f"{escape(best)}.</p>",
        *_front(front),
        *_equal(number, benchmark, regret, at_budgets[at_budgets["benchmark"] == benchmark.name]),
        html.report_table(shown := main_table(table, tests, benchmark, ns)),
        f'<p class="sub">{escape(shown.remarks)}</p>',
        "" if len(ns) == count else f'<p class="sub">{len(ns)} of {count} values of N; all are below.</p>',
        *(html.figure(figure, f"f{number}-{i}") for i, figure in enumerate(figures)),
        f"<details><summary>All numbers ({plural(len(everything), 'row')})</summary>",
        html.long_table(everything, _numbers(metric), f"all-{number}"),
        "</details>",
        _tests(number, benchmark, tests[tests["benchmark"] == benchmark.name], ns),
    ]
    return "\n".join(parts)


def _front(front: ReportTable | None) -> list[str]:
    """The hypervolumes of all methods."""
    if front is None:
        return []
    return [
        f"<h3>Pareto front: {escape(front.title)}</h3>",
        html.report_table(front),
        f'<p class="sub">{escape(front.remarks)} Tests: paired.csv, protocol front.</p>',
    ]


def _equal(number: int, benchmark: Benchmark, regret: ReportTable | None, tests: "pd.DataFrame") -> list[str]:
    """All methods at equal numbers of evaluations, and the tests of it."""
    if regret is None:
        return []
    columns = {"budget": ("evaluations", 0)} | {
        key: value for key, value in _differences(benchmark.metric).items() if key not in ("n", "k", "protocol", *BELOW)
    }
    columns |= {"found": ("found share", 2), "found_reference": ("of the reference", 2)}
    return [
        f"<h3>Equal numbers of evaluations: {escape(regret.title)}</h3>",
        html.report_table(regret),
        f'<p class="sub">{escape(regret.remarks)}</p>',
        f"<details><summary>Tests at equal numbers of evaluations ({plural(len(tests), 'test')})</summary>",
        html.long_table(tests, columns, f"equal-{number}"),
        "</details>",
        "<h3>By N and K</h3>",
    ]


def _tests(number: int, benchmark: Benchmark, pairs: "pd.DataFrame", ns: Sequence[int]) -> str:
    """The paired tests of one benchmark at the main N and the largest K."""
    k, metric = benchmark.ks[-1], benchmark.metric
    shown = pairs[pairs["n"].isin(ns) & (pairs["k"] == k)]
    if shown.empty:
        return ""
    reference = escape(str(shown["reference"].iloc[0]))
    smaller = "" if metric.maximise else " Smaller is better: below 0, the method is the better one."
    parts = [
        f"<details open><summary>Tests against {reference} at K = {k} ({plural(len(shown), 'test')})</summary>",
        f'<p class="sub">{SAME}{smaller}</p>',
        html.long_table(shown, _differences(metric), f"tests-{number}"),
        "" if len(shown) == len(pairs) else f'<p class="sub">All {len(pairs):,} tests: paired.csv.</p>',
        "</details>",
    ]
    return "\n".join(parts)


def _numbers(metric: Metric) -> Columns:
    """The columns of the long table."""
    return {
        "method": ("method", None),
        "n": ("N", 0),
        "k": ("K", 0),
        "best": (f"best {metric.unit}".rstrip(), metric),
        "best_std": ("± std", metric),
        "best_median": ("median", metric),
        "regret": ("regret", metric),
        "topk": ("top-K only", metric),
        "topk_std": ("± std", metric),
        "below_median": ("share below median", 2),
        "spearman": ("Spearman", 3),
        "kendall": ("Kendall", 3),
        "codes": ("codes", 1),
        "gpu_days": ("GPU-days", 2),
        "seconds": ("seconds", 1),
        "repeats": ("repeats", 0),
    }


def _differences(metric: Metric) -> Columns:
    """The columns of the paired tests."""
    return {
        "n": ("N", 0),
        "k": ("K", 0),
        "protocol": ("protocol", None),
        "method": ("method", None),
        "difference": ("difference, points" if metric.unit == PERCENT else "difference", metric),
        "low": ("95 % from", metric),
        "high": ("to", metric),
        "median_difference": ("median", metric),
        "p": ("p", 4),
        "holm_p": ("p, Holm", 4),
        "verdict": ("verdict", None),
        "below_median": ("share below median", 2),
        "below_median_reference": ("of the reference", 2),
        "pairs": ("pairs", 0),
    }


def _word(word: str, meaning: str) -> str:
    return f"<dt>{escape(word)}</dt><dd>{escape(meaning)}</dd>"
