"""One HTML page of a report that needs nothing beside it: figures as inline SVG, tables that can be sorted."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from siamnas.benchmarks.metric import PERCENT
from siamnas.jobs.summary import DASH, plural
from siamnas.report.read.collect import Collection
from siamnas.report.write import html, long_table
from siamnas.report.write.headlines import headline
from siamnas.report.write.section import section

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE = Path(__file__).with_name("page.html")
WORDS = {
    "N, K": "N architectures are paid for before the ranking, then K more from its top. One training at N serves "
    "every K.",
    "best": "The main number: true value of the best, by the label that the search may see, of everything that a "
    "method has paid for after N + K evaluations, mean ± standard deviation over the repeats. Every method is credited "
    "alike; what learns nothing has no N and walks along its order.",
    "topk": "The paper's own reading: the best of the first K of the ranking alone. What was trained on is not "
    "credited, and may be among the K a second time.",
    "below_median": "Share of the repeats whose first K of the ranking hold nothing better than the median of the space.",
    "regret": "Distance of the mean best value to the optimum of the space for the same metric; 0 is perfect.",
    "Spearman, Kendall": "Rank correlation of the ranking of the whole space with the true values, mean over the "
    "repeats.",
    "codes": "Different architectures whose Estimation Code was computed.",
    "GPU-days": "Training the evaluated architectures and computing the codes, in the times of the benchmark's own "
    "table.",
    "seconds": "Computing all repeats, on the machine that did it.",
    "tests": "Every method against the reference at one N and K: the difference of the means, method - reference, over "
    "the repeats that share their seed; its 95 % bootstrap interval; the two-sided p of a paired sign-flip permutation "
    "test of exactly this mean; that p after Holm's correction for all methods at this N and K. Where it is above .05 "
    "the two are not distinguishable. The median difference and the failed repeats stand beside, because a mean may "
    "hang on a few of them.",
    "the same repeats": "The same seeds serve every N and K: neighbouring rows are no independent evidence, and ten of "
    "them that agree are not ten experiments.",
}


def page(
    title: str,
    found: Collection,
    table: "pd.DataFrame",
    tests: "pd.DataFrame",
    figures: Sequence[Figure],
    regret_table: Mapping[str, Table | None],
    at_budgets: "pd.DataFrame",
    fronts: Mapping[str, Table],
) -> str:
    """The whole page.

    Args:
        title: of the page.
        found: the results.
        table: of `long_table.summarise`.
        tests: of `paired.compare`.
        pictures: of `figures.draw`.
        standings: benchmark -> the table of its methods at equal numbers of evaluations, where there is one.
        at_budgets: of `paired.at_budgets`.
        fronts: benchmark -> the table of hypervolumes, where there is a second objective.
    """
    body = [_headlines(found, table, tests), _what_was_run(found)]
    for number, benchmark in enumerate(found.benchmarks, start=1):
        own = [figure for figure in figures if figure.benchmark == benchmark.name]
        equal, front = regret_table.get(benchmark.name), fronts.get(benchmark.name)
        body.append(section(number, benchmark, table, tests, own, equal, at_budgets, front))
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
        said = [headline(benchmark, n, benchmark.ks[-1], table, tests) for n in long_table.main_ns(table, benchmark)]
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


def _word(word: str, meaning: str) -> str:
    return f"<dt>{escape(word)}</dt><dd>{escape(meaning)}</dd>"
