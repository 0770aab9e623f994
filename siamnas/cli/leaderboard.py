"""Methods on equal terms over tasks: a table, a page and CSV files; the same command goes on with what is missing.

Run as: siamnas leaderboard --method mine.py --tasks nb201_c100,nb_macro
"""

import argparse
import sys
import threading
from contextlib import suppress
from pathlib import Path

from siamnas.config.arguments import Arguments
from siamnas.errors import InputError, shown
from siamnas.runtime import terminal
from siamnas.runtime.interrupt import INTERRUPTED, ended_by_signal

AGAINST = ("random", "gp")
AT = (10, 20, 30, 60)
MOST = 100_000  # seeds, evaluations or processes


def leaderboard(options: argparse.Namespace) -> None:
    """Do what is missing, write everything, and print the table.

    Raises:
        InputError: an option is not allowed; nothing has been done then.
    """
    from siamnas.referee import methods, page, tasks
    from siamnas.referee.run import Leaderboard

    given = [methods.of(text) for text in options.method]
    names = {method.name for method in given}
    others = [methods.METHODS[name] for name in AGAINST if name not in names] if len(given) < 2 else []
    listed = [name for name in tasks.TASKS if name not in tasks.DESCRIBED]
    asked = Leaderboard(
        [*given, *others],
        [tasks.of(name) for name in dict.fromkeys(options.tasks or listed)],
        range(options.first, options.first + options.seeds),
        options.budget,
        options.out.expanduser().absolute(),
        options.timeout,
    )
    reference = options.reference or asked.methods[-1].name
    if reference not in (known := [method.name for method in asked.methods]):
        raise InputError(f"--reference {reference}: must be one of {', '.join(known)}")
    cells = asked.run(options.jobs)
    with terminal.doing("writing tables and the page"):
        made = page.Page(asked, cells, [at for at in AT if at < options.budget] + [options.budget], reference)
        made.write()
    for note in made.notes:
        terminal.warn(note)
    terminal.out.print(made.shown.rich(terminal.out.width))
    terminal.out.print(f"leaderboard: {terminal.placed(asked.out / 'index.html')}", markup=False, highlight=False)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `siamnas leaderboard`."""
    options = _parser().parse_args(arguments)
    terminal.set_up()
    try:
        with ended_by_signal():
            leaderboard(options)
    except InputError as error:
        terminal.complain(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        terminal.complain("interrupted; the same command goes on with what is missing")
        sys.exit(INTERRUPTED)


def _parser() -> Arguments:
    parser = Arguments("siamnas leaderboard", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--method", action="append", required=True,
        help="a known name such as gp, a Python file with ask and tell, 'process: COMMAND', or words such as "
        "'predictor=gp acquisition=ei'; several times for several. One alone is compared with random search and gp",
    )  # fmt: skip
    parser.add_argument(
        "--tasks", type=lambda text: text.split(","), help="names with commas (default: all with a list)"
    )
    parser.add_argument("--seeds", type=_count, default=100, help="searches of a method on a task (default: 100)")
    parser.add_argument("--first", type=_number, default=0, help="the first seed (default: 0)")
    parser.add_argument("--budget", type=_count, default=60, help="evaluations of a search (default: 60)")
    parser.add_argument("--reference", help="method that the others are compared with (default: the last one)")
    parser.add_argument(
        "--timeout", type=_seconds, default=60.0, help="seconds that a process may take for an answer (default: 60)"
    )
    parser.add_argument("--jobs", type=_count, default=2, help="processes at a time (default: 2)")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("outputs/referee"),
        help="folder of rows, tables and page (default: outputs/referee)",
    )
    return parser


def _count(text: str) -> int:
    return _number(text, 1, MOST)


def _number(text: str, least: int = 0, most: int = 2**31) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 10 or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{shown(text)!r} must be an integer from {least} to {most:,}")
    return int(text)


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 < (value := float(text)) <= threading.TIMEOUT_MAX:
            return value
    raise argparse.ArgumentTypeError(f"{shown(text)!r} must be a number above 0")
