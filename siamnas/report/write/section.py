"""The part of the page that is about one benchmark."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.jobs.summary import plural
from siamnas.report.compare import words
from siamnas.report.compare.paired import FAILED
from siamnas.report.read.collect import Benchmark
from siamnas.report.write import html, long_table
from siamnas.report.write.html import Columns
from siamnas.report.write.table import sheet

if TYPE_CHECKING:
    import pandas as pd

SAME = "The same repeats serve every N and K, so that rows that agree are no independent evidence."


def section(
    number: int,
    benchmark: Benchmark,
    table: "pd.DataFrame",
    tests: "pd.DataFrame",
    figures: Sequence[Figure],
    equal: Table | None,
    at_budgets: "pd.DataFrame",
    front: Table | None,
) -> str:
    """Everything about one benchmark."""
    metric, ns = benchmark.metric, long_table.main_ns(table, benchmark)
    everything = table[table["benchmark"] == benchmark.name]
    count = everything["n"].nunique()
    optimum = f"{metric.text(benchmark.optimum)} {metric.unit}".rstrip()
    parts = [
        f"<h2>{escape(benchmark.name)}</h2>",
        f'<p class="sub">Reported: {escape(words.metric_text(metric))}. {benchmark.size:,} architectures, '
        f"the best of them {escape(optimum)}.</p>",
        *_front(front),
        *_equal(number, benchmark, equal, at_budgets[at_budgets["benchmark"] == benchmark.name]),
        html.reading_table(shown := sheet(table, tests, benchmark, ns)),
        f'<p class="sub">{escape(shown.remarks)}</p>',
        "" if len(ns) == count else f'<p class="sub">{len(ns)} of {count} values of N; all are below.</p>',
        *(html.figure(figure, f"f{number}-{i}") for i, figure in enumerate(figures)),
        f"<details><summary>All numbers ({plural(len(everything), 'row')})</summary>",
        html.long_table(everything, _numbers(metric), f"all-{number}"),
        "</details>",
        _tests(number, benchmark, tests[tests["benchmark"] == benchmark.name], ns),
    ]
    return "\n".join(parts)


def _front(front: Table | None) -> list[str]:
    """The hypervolumes of all methods."""
    if front is None:
        return []
    return [
        f"<h3>Pareto front: {escape(front.title)}</h3>",
        html.reading_table(front),
        f'<p class="sub">{escape(front.remarks)} Tests: paired.csv, reading front.</p>',
    ]


def _equal(number: int, benchmark: Benchmark, equal: Table | None, tests: "pd.DataFrame") -> list[str]:
    """All methods at equal numbers of evaluations, and the tests of it."""
    if equal is None:
        return []
    columns = {"budget": ("evaluations", 0)} | {
        key: value for key, value in _differences(benchmark.metric).items() if key not in ("n", "k", "reading", *FAILED)
    }
    columns |= {"found": ("found share", 2), "found_reference": ("of the reference", 2)}
    return [
        f"<h3>Equal numbers of evaluations: {escape(equal.title)}</h3>",
        html.reading_table(equal),
        f'<p class="sub">{escape(equal.remarks)}</p>',
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
        "topk": ("topk", metric),
        "topk_std": ("± std", metric),
        "below_median": ("failed share", 2),
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
        "reading": ("reading", None),
        "method": ("method", None),
        "difference": ("difference, points" if metric.unit == PERCENT else "difference", metric),
        "low": ("95 % from", metric),
        "high": ("to", metric),
        "median_difference": ("median", metric),
        "p": ("p", 4),
        "holm_p": ("p, Holm", 4),
        "verdict": ("verdict", None),
        "below_median": ("failed share", 2),
        "failed_reference": ("of the reference", 2),
        "pairs": ("pairs", 0),
    }
