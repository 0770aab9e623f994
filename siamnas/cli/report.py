"""Tables, figures and one HTML page from result files.

Run as: siamnas report DIR...
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from siamnas.config.arguments import Arguments
from siamnas.errors import InputError, shown
from siamnas.jobs.summary import plural
from siamnas.report.read import catalogue
from siamnas.runtime import terminal


def report(
    places: list[Path],
    out: Path,
    ns: list[int],
    ks: list[int],
    overlay: bool = True,
    reference: str | None = None,
    at: Sequence[int] = catalogue.BUDGETS,
    pairs: bool = False,
    predicted: bool = False,
    narrow: bool = False,
) -> None:
    """Write everything into `out` and print the main tables.

    Args:
        places: folders with results, or result files.
        out: made if it does not exist.
        ns: values of N for the figures with N fixed; empty for a good choice.
        ks: values of K; empty for those of the paper.
        overlay: lay the paper's curves over ours where that is fair.
        reference: the method that all others are tested against; None for the paper's.
        at: numbers of evaluations at which all methods are compared.
        pairs: test all pairs of methods, too.
        predicted: fit the predictors of active searches again, and show what they say of each evaluation.
        narrow: figures for a column of a paper, see `siamnas.runtime.drawing.narrow`.

    Raises:
        InputError: there is no readable result, none with one of the `ns` or `ks`, or with so many evaluations, no such
            reference, or `out` cannot be written.
    """
    from siamnas.report.compare.paired import choose_references
    from siamnas.report.read.collect import collect
    from siamnas.report.write.files import title_of, write
    from siamnas.report.write.numbers import Numbers

    with terminal.doing("reading results"):
        found = collect(places, ks)
    references = choose_references(found, reference)
    if missing := set(ns) - set(found.runs["n"]):
        raise InputError(f"--n: there are no results with N = {', '.join(map(str, sorted(missing)))}")
    longest = max(run.arrays["best"].shape[1] for runs in found.by_benchmark.values() for run in runs)
    if at is not catalogue.BUDGETS and min(at) > longest:
        raise InputError(f"--at: no search goes beyond {plural(longest, 'evaluation')}")
    try:
        with terminal.doing("fitting predictors again" if predicted else "comparing methods"):
            numbers = Numbers.of(found, references, at, pairs, predict=predicted)
        with terminal.doing("drawing figures"):
            tables, figures = write(numbers, out, title_of(places), ns, overlay, narrow)
    except OSError as error:
        raise InputError(f"--out: cannot write to {out}: {error.strerror}") from error
    for note in found.notes:
        terminal.warn(note)
    for table in tables:
        terminal.out.print(table, "")
    made = f"{plural(figures, 'figure')} (SVG, PNG), table.csv, table.md, table.tex, curves.csv, paired.csv"
    terminal.out.print(f"report: {out / 'index.html'}, with {made}", markup=False, highlight=False)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `siamnas report`."""
    parser = Arguments(
        "siamnas report", description="Tables, figures and one HTML page from the result files below some folders."
    )
    usual = [Path("outputs")]
    parser.add_argument("dir", nargs="*", type=Path, default=usual, help="outputs, a folder below it, or a result file")
    parser.add_argument("--out", type=Path, help="folder that gets everything (default: DIR/report of the first DIR)")
    parser.add_argument(
        "--n", type=_counts, default=[], help="N of the figures with N fixed, such as 30,100 (default: a few)"
    )
    parser.add_argument(
        "--k", type=_counts, default=[], help="K of tables and figures (default: 10,20,30; of light spaces 5,10)"
    )
    parser.add_argument("--no-paper", action="store_true", help="leave the paper's own curves out of the figures")
    parser.add_argument(
        "--reference",
        metavar="NAME",
        help="the method that all others are tested against, as in the tables or by its option (default: the paper's)",
    )
    parser.add_argument(
        "--at",
        type=_counts,
        default=catalogue.BUDGETS,
        help=f"evaluations at which all are compared (default: {','.join(map(str, catalogue.BUDGETS))})",
    )
    parser.add_argument("--pairs", action="store_true", help="test all pairs of methods too, each budget a family")
    parser.add_argument(
        "--predicted", action="store_true",
        help="fit the predictors of active searches again, seconds each: predictions against the truth, calibration",
    )  # fmt: skip
    parser.add_argument("--narrow", action="store_true", help="figures 80 mm wide, for a column of a paper")
    options = parser.parse_args(arguments)
    first: Path = options.dir[0]
    out = options.out or (first if first.is_dir() else first.parent) / "report"
    try:
        report(
            options.dir, out, options.n, options.k, not options.no_paper, options.reference, options.at, options.pairs,
            options.predicted, options.narrow,
        )  # fmt: skip
    except InputError as error:
        terminal.complain(str(error))
        sys.exit(2)


def _counts(text: str) -> list[int]:
    """Positive whole numbers with commas between them, each once, sorted."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdecimal() and len(word) < 10 and int(word) for word in words):
        raise argparse.ArgumentTypeError(f"{shown(text)!r} must be whole numbers above 0 such as 30,100")
    return sorted(set(map(int, words)))
