"""One HTML page of a report that needs nothing beside it: figures as inline SVG, tables that can be sorted."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from siamnas.jobs.summary import plural
from siamnas.report import naming, plots, tables
from siamnas.report.collect import Benchmark, Collection
from siamnas.report.figures import Picture
from siamnas.report.tables import DASH, Sheet

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE = Path(__file__).with_name("page.html")
THEME = {plots.INK: "var(--ink)", plots.MUTED: "var(--muted)", plots.GRID: "var(--grid)"}
WORDS = {
    "N, K": "N architectures are trained before the ranking, then the first K of it. One training at N serves every K.",
    "best accuracy": "True accuracy of the best of the first K, mean ± standard deviation over the repeats.",
    "regret": "Optimum of the space for the same accuracy, minus the mean best accuracy.",
    "Spearman, Kendall": "Rank correlation of the ranking of the whole space with the true accuracies, mean over the "
    "repeats.",
    "queries": "Different architectures whose accuracy was looked at, training included.",
    "codes": "Different architectures whose Estimation Code was computed.",
    "GPU-days": "Training the queried architectures and computing the codes, in the times of the benchmark's own "
    "table.",
    "seconds": "Computing all repeats, on the machine that did it.",
    "paired tests": "a - b over the repeats that share their seed: mean, 95 % bootstrap interval over the repeats, "
    "two-sided Wilcoxon signed-rank p, and that p after Holm's correction for all pairs at this N and K; n is the "
    "number of pairs. The interval is about the mean, the p about the ranks: a few failed repeats move only the first.",
}
LONG = {
    "method": ("method", None),
    "n": ("N", 0),
    "k": ("K", 0),
    "best": ("best %", 2),
    "best_std": ("± std", 2),
    "best_median": ("median", 2),
    "regret": ("regret", 2),
    "spearman": ("Spearman", 3),
    "kendall": ("Kendall", 3),
    "queries": ("queries", 1),
    "codes": ("codes", 1),
    "gpu_days": ("GPU-days", 2),
    "seconds": ("seconds", 1),
    "repeats": ("repeats", 0),
}
TESTS = {
    "n": ("N", 0),
    "k": ("K", 0),
    "method_a": ("a", None),
    "method_b": ("b", None),
    "difference": ("a - b, points", 2),
    "low": ("95 % from", 2),
    "high": ("to", 2),
    "wilcoxon_p": ("Wilcoxon p", 4),
    "holm_p": ("p, Holm", 4),
    "pairs": ("n", 0),
}
PERCENT = ("best", "best_std", "best_median", "regret", "difference", "low", "high")


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
        body.append(_section(number, benchmark, found, table, tests, own))
    body.append(f"<h2>What the words mean</h2><dl>{''.join(_word(*pair) for pair in WORDS.items())}</dl>")
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=escape(title), lead=_lead(found), notes=_notes(found.notes), body="\n".join(body)
    )


def headline(benchmark: Benchmark, n: int, k: int, table: "pd.DataFrame", tests: "pd.DataFrame") -> str | None:
    """Who is best at an N and a K, and by how much; None for a single method.

    Where that is a baseline, which knows nothing of the labels, the best of the predictors is named too.
    """
    own = table[(table["benchmark"] == benchmark.name) & (table["n"] == n) & (table["k"] == k)]
    pairs = tests[(tests["benchmark"] == benchmark.name) & (tests["n"] == n) & (tests["k"] == k)]
    said = _ahead(own, pairs)
    if said is None:
        return None
    learned = own[~own["option"].isin(naming.ORDERS)]
    among = _ahead(learned, pairs) if own.loc[own["best"].idxmax(), "method"] not in set(learned["method"]) else None
    return f"N = {n}, K = {k}: best is {said}." + (f" Among those that learn it is {among}." if among else "")


def _ahead(own: "pd.DataFrame", pairs: "pd.DataFrame") -> str | None:
    """The best of some methods and its lead over the next, with what the paired test says."""
    if len(own) < 2:
        return None
    first, second = own.nlargest(2, "best").itertuples()
    said = f"{first.method} with {100 * first.best:.2f} %"
    names = {first.method, second.method}
    pairs = pairs[[{a, b} == names for a, b in zip(pairs["method_a"], pairs["method_b"], strict=True)]]
    if pairs.empty:
        return f"{said}, before {second.method} with {100 * second.best:.2f} % (no common repeats to test)"
    pair = pairs.iloc[0]
    lead = [pair["difference"], pair["low"], pair["high"]]
    if pair["method_a"] != first.method:
        lead = [-pair["difference"], -pair["high"], -pair["low"]]
    by, low, high = (f"{100 * value:+.2f}" for value in lead)
    count = plural(int(pair["pairs"]), "paired repeat")
    return f"{said}, {by} on {second.method} (95 % interval {low} to {high}, {count})"


def inline(svg: str, prefix: str) -> str:
    """An SVG file as part of a page: as wide as there is room, in the colours of the theme, with ids of its own."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    for colour, variable in THEME.items():
        svg = svg.replace(colour, variable)
    return svg


def _lead(found: Collection) -> str:
    files = sum(len(paths) for paths in found.runs["files"])
    methods = found.runs["method"].nunique()
    counts = sorted({int(count) for count in found.runs["repeats"]})
    repeats = f"{counts[0]} repeats each" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} repeats"
    return escape(
        f"{plural(files, 'result file')}: {plural(methods, 'method')} on {plural(len(found.benchmarks), 'benchmark')}, "
        f"{repeats}. Accuracies in percent."
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
        said = [headline(benchmark, n, benchmark.ks[-1], table, tests) for n in tables.main_ns(table, benchmark)]
        lines = "".join(f"<li>{escape(line)}</li>" for line in said if line)
        if lines:
            items.append(f'<h3>{escape(benchmark.name)}</h3><ul class="headlines">{lines}</ul>')
    return "".join(items)


def _what_was_run(found: Collection) -> str:
    """A row per benchmark and method."""
    columns = [
        "benchmark",
        "method",
        "predictor=",
        "trainer=",
        "selects by",
        "code",
        "N",
        "repeats",
        "device",
        "commit",
    ]
    rows = []
    for (benchmark, method), runs in found.runs.groupby(["benchmark", "method"], sort=False):
        first = runs.iloc[0]
        counts = sorted(set(runs["repeats"]))
        trained = isinstance(first["trainer"], str)
        commits = sorted({commit[:8] for own in runs["commits"] for commit in own})
        words = [
            benchmark,
            method,
            first["option"],
            first["trainer"] if trained else DASH,
            first["label"],
            DASH if first["option"] in naming.ORDERS else first["code"],
            ", ".join(map(str, runs["n"])),
            " to ".join(map(str, [counts[0], counts[-1]][: len(counts)])),
            ", ".join(sorted({device for own in runs["devices"] for device in own})),
            ", ".join(commits[:3]) + (" ..." if len(commits) > 3 else ""),
        ]
        rows.append(
            "".join(
                f'<td class="text{" wrap" if c in ("method", "N") else ""}">{escape(str(w))}</td>'
                for c, w in zip(columns, words, strict=True)
            )
        )
    head = "".join(f'<th class="text">{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f"<details><summary>What was run</summary>"
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>'
    )


def _section(
    number: int,
    benchmark: Benchmark,
    found: Collection,
    table: "pd.DataFrame",
    tests: "pd.DataFrame",
    pictures: Sequence[Picture],
) -> str:
    """Everything about one benchmark."""
    ns, k = tables.main_ns(table, benchmark), benchmark.ks[-1]
    everything = table[table["benchmark"] == benchmark.name]
    pairs = tests[(tests["benchmark"] == benchmark.name)]
    shown = pairs[pairs["n"].isin(ns) & (pairs["k"] == k)]
    whole = len(ns) == everything["n"].nunique()
    parts = [
        f"<h2>{escape(benchmark.name)}</h2>",
        f'<p class="sub">{escape(naming.label_text(benchmark.report).capitalize())}. {benchmark.cells:,} cells, '
        f"the best of them {100 * benchmark.optimum:.2f} %.</p>",
        _reading_table(tables.sheet(table, benchmark, ns)),
        "" if whole else f'<p class="sub">{len(ns)} of {everything["n"].nunique()} values of N; all are below.</p>',
        *(_figure(picture, f"f{number}{letter}") for picture, letter in zip(pictures, "abcdefghij", strict=False)),
        f"<details><summary>All numbers ({plural(len(everything), 'row')})</summary>",
        _long_table(everything, LONG, f"all-{number}"),
        "</details>",
    ]
    if len(shown):
        parts += [
            f"<details open><summary>Paired tests at K = {k} ({plural(len(shown), 'pair')})</summary>",
            _long_table(shown, TESTS, f"tests-{number}"),
            "" if len(shown) == len(pairs) else f'<p class="sub">All {len(pairs):,} pairs: paired.csv.</p>',
            "</details>",
        ]
    return "\n".join(parts)


def _figure(picture: Picture, prefix: str) -> str:
    kind = ' class="single"' if picture.panels == 1 else ""
    caption = f"{escape(picture.caption)} <code>{escape(picture.stem)}.svg</code>"
    plot = f'<div class="plot">{inline(picture.svg, prefix)}</div>'
    return f"<figure{kind}>{plot}<figcaption>{caption}</figcaption></figure>"


def _reading_table(sheet: Sheet) -> str:
    """The table to read, methods of the same N together."""
    kinds = ["text wrap" if column == "method" else "" for column in sheet.columns]
    head = "".join(f'<th class="{kind}">{escape(c)}</th>' for c, kind in zip(sheet.columns, kinds, strict=True))
    rows = []
    for i, row in enumerate(sheet.rows):
        first = ' class="first"' if i and sheet.rows[i - 1][0] != row[0] else ""
        cells = "".join(
            f'<td class="{kind}{" best" if (i, j) in sheet.best else ""}">{escape(word)}</td>'
            for j, (word, kind) in enumerate(zip(row, kinds, strict=True))
        )
        rows.append(f"<tr{first}>{cells}</tr>")
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _long_table(frame: "pd.DataFrame", columns: dict[str, tuple[str, int | None]], name: str) -> str:
    """A table that can be sorted and filtered."""
    head = "".join(f'<th class="{"text" if digits is None else ""}">{escape(t)}</th>' for t, digits in columns.values())
    rows = []
    for row in frame[list(columns)].to_dict("records"):
        cells = "".join(_cell(row[key], key, digits) for key, (_, digits) in columns.items())
        words = " ".join(
            f"{title.lower()}={row[key]}" if digits == 0 else str(row[key]).lower()
            for key, (title, digits) in columns.items()
            if digits in (0, None)
        )
        rows.append(f'<tr data-find="{escape(words)}">{cells}</tr>')
    return (
        f'<div class="filter"><input type="search" data-table="{name}" aria-label="filter the rows" '
        f'placeholder="filter, for example: nsam n=30"></div>'
        f'<div class="scroll tall"><table class="sortable" id="{name}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(value: Any, key: str, digits: int | None) -> str:
    """One cell with the exact value for sorting."""
    if digits is None:
        return f'<td class="text">{escape(str(value))}</td>'
    if value != value:
        return f'<td data-v="">{DASH}</td>'
    value = 100 * value if key in PERCENT else value
    shown = f"{value:.{digits}f}"
    if key.endswith("_p") and value < 1e-4:
        shown = "&lt; 0.0001"
    return f'<td data-v="{value:.6g}">{shown}</td>'


def _word(word: str, meaning: str) -> str:
    return f"<dt>{escape(word)}</dt><dd>{escape(meaning)}</dd>"
