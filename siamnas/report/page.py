"""One HTML page of a report that needs nothing beside it: figures as inline SVG, tables that can be sorted."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from siamnas.jobs.summary import plural
from siamnas.metric import PERCENT, Metric
from siamnas.report import markup, tables, words
from siamnas.report.collect import Benchmark, Collection
from siamnas.report.headlines import headline
from siamnas.report.markup import Columns
from siamnas.report.picture import Picture
from siamnas.report.tables import DASH

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE = Path(__file__).with_name("page.html")
WORDS = {
    "N, K": "N architectures are trained before the ranking, then the first K of it. One training at N serves every K.",
    "best": "True value of the best of the first K, mean ± standard deviation over the repeats.",
    "regret": "Distance of the mean best value to the optimum of the space for the same metric; 0 is perfect.",
    "Spearman, Kendall": "Rank correlation of the ranking of the whole space with the true values, mean over the "
    "repeats.",
    "queries": "Different architectures whose value was looked at, training included.",
    "codes": "Different architectures whose Estimation Code was computed.",
    "GPU-days": "Training the queried architectures and computing the codes, in the times of the benchmark's own "
    "table.",
    "seconds": "Computing all repeats, on the machine that did it.",
    "paired tests": "a - b over the repeats that share their seed: mean, 95 % bootstrap interval over the repeats, "
    "two-sided Wilcoxon signed-rank p, and that p after Holm's correction for all pairs at this N and K; n is the "
    "number of pairs. The interval is about the mean, the p about the ranks: a few failed repeats move only the first. "
    "Above 0 means that a is better where larger values are, b where smaller ones are.",
}


def page(
    title: str, found: Collection, table: "pd.DataFrame", tests: "pd.DataFrame", pictures: Sequence[Picture]
) -> str:
    """The whole page.

    Args:
        title: of the page.
        found: the results.
        table: of `tables.summarise`.
        tests: of `paired.compare`.
        pictures: of `figures.draw`.
    """
    body = [_headlines(found, table, tests), _what_was_run(found)]
    for number, benchmark in enumerate(found.benchmarks, start=1):
        own = [picture for picture in pictures if picture.benchmark == benchmark.name]
        body.append(_section(number, benchmark, table, tests, own))
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


def _headlines(found: Collection, table: "pd.DataFrame", tests: "pd.DataFrame") -> str:
    """The sentences on top."""
    items = []
    for benchmark in found.benchmarks:
        own = found.runs[found.runs["benchmark"] == benchmark.name]
        baselines, k = set(own.loc[~own["learns"], "method"]), benchmark.ks[-1]
        said = [headline(benchmark, n, k, table, tests, baselines) for n in tables.main_ns(table, benchmark)]
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
            "predictor=": first["option"],
            "acquire=": first["acquire"],
            "trainer=": first["trainer"] if isinstance(first["trainer"], str) else DASH,
            "selects by": first["label"],
            "code": first["code"] if first["learns"] else DASH,
            "N": ", ".join(map(str, runs["n"])),
            "repeats": " to ".join(map(str, [counts[0], counts[-1]][: len(counts)])),
            "device": ", ".join(sorted({device for own in runs["devices"] for device in own})),
            "commit": ", ".join(commits[:3]) + (" ..." if len(commits) > 3 else ""),
        }
        rows.append(about)
    table = markup.plain_table(list(rows[0]), [list(row.values()) for row in rows], wrapped=("method", "N"))
    return f"<details><summary>What was run</summary>{table}</details>"


def _section(
    number: int,
    benchmark: Benchmark,
    table: "pd.DataFrame",
    tests: "pd.DataFrame",
    pictures: Sequence[Picture],
) -> str:
    """Everything about one benchmark."""
    metric, ns = benchmark.metric, tables.main_ns(table, benchmark)
    everything = table[table["benchmark"] == benchmark.name]
    count = everything["n"].nunique()
    optimum = f"{metric.text(benchmark.optimum)} {metric.unit}".rstrip()
    parts = [
        f"<h2>{escape(benchmark.name)}</h2>",
        f'<p class="sub">Reported: {escape(words.metric_text(metric))}. {benchmark.size:,} architectures, '
        f"the best of them {optimum}.</p>",
        markup.reading_table(tables.sheet(table, benchmark, ns)),
        "" if len(ns) == count else f'<p class="sub">{len(ns)} of {count} values of N; all are below.</p>',
        *(markup.figure(picture, f"f{number}-{i}") for i, picture in enumerate(pictures)),
        f"<details><summary>All numbers ({plural(len(everything), 'row')})</summary>",
        markup.long_table(everything, _numbers(metric), f"all-{number}"),
        "</details>",
        _tests(number, benchmark, tests[tests["benchmark"] == benchmark.name], ns),
    ]
    return "\n".join(parts)


def _tests(number: int, benchmark: Benchmark, pairs: "pd.DataFrame", ns: Sequence[int]) -> str:
    """The paired tests of one benchmark at the main N and the largest K."""
    k, metric = benchmark.ks[-1], benchmark.metric
    shown = pairs[pairs["n"].isin(ns) & (pairs["k"] == k)]
    if shown.empty:
        return ""
    parts = [
        f"<details open><summary>Paired tests at K = {k} ({plural(len(shown), 'pair')})</summary>",
        "" if metric.maximise else '<p class="sub">Smaller is better: below 0, a is the better one.</p>',
        markup.long_table(shown, _differences(metric), f"tests-{number}"),
        "" if len(shown) == len(pairs) else f'<p class="sub">All {len(pairs):,} pairs: paired.csv.</p>',
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
        "spearman": ("Spearman", 3),
        "kendall": ("Kendall", 3),
        "queries": ("queries", 1),
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
        "method_a": ("a", None),
        "method_b": ("b", None),
        "difference": ("a - b, points" if metric.unit == PERCENT else "a - b", metric),
        "low": ("95 % from", metric),
        "high": ("to", metric),
        "wilcoxon_p": ("Wilcoxon p", 4),
        "holm_p": ("p, Holm", 4),
        "pairs": ("n", 0),
    }


def _word(word: str, meaning: str) -> str:
    return f"<dt>{escape(word)}</dt><dd>{escape(meaning)}</dd>"
