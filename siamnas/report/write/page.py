"""One HTML page of a report that needs nothing beside it: figures as inline SVG, tables that can be sorted."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.jobs import proportions
from siamnas.jobs.summary import plural
from siamnas.report.compare.protocols import metric_text
from siamnas.report.draw.figure import ReportFigure
from siamnas.report.read.collect import Benchmark, Collection
from siamnas.report.write import long_table
from siamnas.report.write.headlines import headline, winners
from siamnas.report.write.numbers import Numbers
from siamnas.report.write.table import main_table
from siamnas.runtime import drawing
from siamnas.runtime.line_labels import readable
from siamnas.runtime.table import METHOD, Column, Table

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE = Path(__file__).with_name("page.html")
WIDTH, PIXELS = re.compile(r' width="([\d.]+)pt"'), 4 / 3  # of an SVG; of a point
GROWTH = (0.8, 1.2)  # of a figure on a page, at least and at most: its texts have 9.5 points
COLOUR = re.compile(r"#[0-9a-f]{6}\b")
DARK = "#141418"  # the page in the dark, as in base.html
THEME = {drawing.INK: "var(--ink)", drawing.MUTED: "var(--muted)", drawing.GRID: "var(--grid)"}
SAME = "The same repeats serve every N and K, so that rows that agree are no independent evidence."
SMALLER = " Smaller is better: below 0, the method is the better one."
SHARES = {"below_median": "share below\nmedian", "found": "share that found\nthe optimum"}


def page(
    title: str,
    numbers: Numbers,
    figures: Sequence[ReportFigure],
    regret_tables: Mapping[str, Table],
    pareto_tables: Mapping[str, Table],
) -> str:
    """The whole page.

    Args:
        title: of the page.
        numbers: of the report.
        figures: of `figures.draw`.
        regret_tables: benchmark -> its regret table, where there is one.
        pareto_tables: benchmark -> its Pareto table, where there is a second objective.
    """
    found = numbers.found
    sections = []
    for number, benchmark in enumerate(found.benchmarks, start=1):
        own = [figure for figure in figures if figure.benchmark == benchmark.name]
        plots = [(figure, inline(figure.svg, f"f{number}-{i}")) for i, figure in enumerate(own)]
        tables = {"regret": regret_tables.get(benchmark.name), "front": pareto_tables.get(benchmark.name)}
        sections.append({"number": number, "figures": plots, **tables, **_section(benchmark, numbers)})
    return render(
        TEMPLATE, title=title, lead=_lead(found), notes=found.notes, run=_what_was_run(found), sections=sections
    )


def render(template: Path, **values: Any) -> str:
    """A page by its template, which may extend `base.html` and use `macros.html`.

    Args:
        template: the file.
        values: by their names there.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([template.parent, TEMPLATE.parent]), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template(template.name).render(values)


def inline(svg: str, prefix: str) -> str:
    """An SVG file as part of a page: as wide as there is room, in the colours of the theme, with ids of its own.

    It scrolls where its texts would be too small, and does not grow where they would be large.
    """
    svg = svg[svg.index("<svg") :]
    if width := WIDTH.search(svg):
        least, most = (round(share * float(width[1]) * PIXELS) for share in GROWTH)
        svg = WIDTH.sub(f' style="min-width: {least}px; max-width: {most}px"', svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    for colour, variable in THEME.items():
        svg = svg.replace(colour, variable)
    return _in_the_dark(svg)


def _in_the_dark(svg: str) -> str:
    """A figure whose colours are lightened, where that is needed, by who prefers a dark page."""
    from matplotlib.colors import to_hex

    light = {colour: to_hex(readable(colour, DARK)) for colour in sorted(set(COLOUR.findall(svg)))}
    changed = {colour: other for colour, other in light.items() if colour != other}
    svg = COLOUR.sub(lambda found: f"var(--{found[0][1:]}, {found[0]})" if found[0] in changed else found[0], svg)
    words = "".join(f"--{colour[1:]}: {other};" for colour, other in changed.items())
    begin = svg.index(">") + 1
    return f"{svg[:begin]}<style>@media (prefers-color-scheme: dark) {{ :root {{ {words} }} }}</style>{svg[begin:]}"


def _lead(found: Collection) -> str:
    files = sum(len(paths) for paths in found.runs["files"])
    methods = found.runs["method"].nunique()
    counts = sorted({int(count) for count in found.runs["repeats"]})
    repeats = f"{counts[0]} repeats each" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} repeats"
    percent = all(benchmark.metric.unit == PERCENT for benchmark in found.benchmarks)
    return (
        f"{plural(files, 'result file')}: {plural(methods, 'method')} on {plural(len(found.benchmarks), 'benchmark')}, "
        f"{repeats}.{' Accuracies in percent.' * percent}"
    )


def _what_was_run(found: Collection) -> Table:
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
            "trainer=": first["trainer"] if isinstance(first["trainer"], str) else None,
            "selects by": first["label"],
            "code": first["code"] if first["learns"] else None,
            "N": ", ".join(map(str, runs["n"])),
            "repeats": " to ".join(map(str, [counts[0], counts[-1]][: len(counts)])),
            "device": ", ".join(sorted({device for own in runs["devices"] for device in own})),
            "commit": ", ".join(commits[:3]) + (" ..." if len(commits) > 3 else ""),
        }
        rows.append(about)
    columns = [Column(name, left=True, folds=name in ("method", "N")) for name in rows[0]]
    return Table(columns, [list(row.values()) for row in rows])


def _section(benchmark: Benchmark, numbers: Numbers) -> dict[str, Any]:
    """What the page says about one benchmark, beside its figures."""
    table, metric, k = numbers.table, benchmark.metric, benchmark.ks[-1]
    ns, own = long_table.main_ns(table, benchmark), table[table["benchmark"] == benchmark.name]
    said = [*winners(benchmark, numbers.found.by_benchmark[benchmark.name], numbers.at)]
    said += filter(None, (headline(benchmark, n, k, table, numbers.tests) for n in ns))
    tests = {name: _of(benchmark, getattr(numbers, name)) for name in ("tests", "at_budgets", "pairs", "budget_pairs")}
    main = tests["tests"][tests["tests"]["n"].isin(ns) & (tests["tests"]["k"] == k)]
    best = f"the best of them {metric.text(benchmark.optimum)} {metric.unit}".rstrip()
    return {
        "benchmark": benchmark,
        "headlines": said,
        "reported": "; ".join(filter(None, [metric_text(metric), benchmark.remark])),
        "size": "Too many architectures to count" if benchmark.size is None else f"{benchmark.size:,} architectures",
        "best": best if benchmark.has_optimum else "whose optimum is not known: no regret",
        "main": main_table(table, numbers.tests, benchmark, ns),
        "ns": (len(ns), own["n"].nunique()),
        "everything": _everything(own, metric),
        "against": f"Tests against {''.join(main['reference'].head(1))}{f' at K = {k}' * bool(k)}",
        "remark": SAME + SMALLER * (not metric.maximise) + f" All {len(tests['tests']):,} tests: paired.csv.",
        "tests": _tests(main, metric),
        **{name: _tests(tests[name], metric) for name in ("at_budgets", "pairs", "budget_pairs")},
    }


def _of(benchmark: Benchmark, frame: "pd.DataFrame | None") -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame() if frame is None else frame[frame["benchmark"] == benchmark.name]


def _everything(frame: "pd.DataFrame", metric: Metric) -> Table:
    """All numbers of a benchmark."""
    return _sortable(
        frame.assign(below_median=_shares(frame, "below_median", "repeats")),
        {
            "method": METHOD,
            "n": Column("N"),
            "k": Column("K"),
            "best": Column("best", metric.unit, metric.text),
            "best_std": Column("± std", text=metric.text),
            "best_median": Column("median", text=metric.text),
            "regret": Column("regret", text=metric.text),
            "topk": Column("top-K only", text=metric.text),
            "topk_std": Column("± std", text=metric.text),
            "below_median": Column(SHARES["below_median"], "%"),
            "spearman": Column("Spearman", text="{:z.3f}".format),
            "kendall": Column("Kendall", text="{:z.3f}".format),
            "codes": Column("codes", text="{:.1f}".format),
            "gpu_days": Column("GPU-days", text="{:.2f}".format),
            "seconds": Column("seconds", text="{:.1f}".format),
            "repeats": Column("repeats"),
        },
    )


def _tests(frame: "pd.DataFrame", metric: Metric) -> Table | None:
    """Some paired tests; None where there are none."""
    if frame.empty:
        return None
    share = next(name for name in SHARES if name in frame)
    shares = {name: _shares(frame, name, "pairs") for name in (share, f"{share}_reference")}
    return _sortable(
        frame.assign(**shares),
        {
            "budget": Column("evaluations"),
            "n": Column("N"),
            "k": Column("K"),
            "protocol": Column("protocol", left=True),
            "method": METHOD,
            "reference": Column("against", left=True),
            "difference": Column("difference", "points" * (metric.unit == PERCENT), metric.text),
            "family_low": Column("95 % of\nall from", text=metric.text),
            "family_high": Column("to", text=metric.text),
            "median_difference": Column("median", text=metric.text),
            "p": Column("p", text=_p),
            "holm_p": Column("p, Holm", text=_p),
            "verdict": Column("verdict", left=True),
            share: Column(SHARES[share], "%"),
            f"{share}_reference": Column("of the\nother", "%"),
            "pairs": Column("pairs"),
        },
    )


def _sortable(frame: "pd.DataFrame", columns: Mapping[str, Column]) -> Table:
    """Those of the columns that there are; a search without a final ranking has no K."""
    shown = {name: column for name, column in columns.items() if name in frame}
    if "k" in frame:
        frame = frame.assign(k=[k or None for k in frame["k"].tolist()]).astype({"k": object})
        shown = {name: column for name, column in shown.items() if name != "k" or frame["k"].notna().any()}
    return Table.of_frame(frame, shown)


def _shares(frame: "pd.DataFrame", share: str, count: str) -> list[str]:
    return list(map(proportions.text, frame[share].tolist(), frame[count].tolist()))


def _p(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"
