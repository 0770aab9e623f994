"""A search of one's own from the shell: JSON in, JSON out.

Run as: siamnas search start JOURNAL --space SPACE   and then   siamnas search ask|tell|best|status JOURNAL
"""

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

from siamnas.benchmarks.codes import read_array
from siamnas.errors import InputError, shown
from siamnas.runtime import terminal
from siamnas.search.ask_tell import Search
from siamnas.search.record import read_header

JSON_IN = """results of evaluations: [{"index": 3, "value": 0.71}, {"architecture": "...", "value": null}, ...] or
{"3": 0.71, ...}; null is a failed evaluation; read from standard input if left out"""


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `siamnas search`; errors are messages, with status 2."""
    options = _parser().parse_args(arguments)
    terminal.set_up()
    try:
        json.dump(options.run(options), sys.stdout, indent=1)
        print()
    except InputError as error:
        terminal.complain(str(error))
        sys.exit(2)


def start(options: argparse.Namespace) -> Any:
    """Begin a search, or check that the journal holds this one."""
    place = {"space": str(options.space), "codes": None if options.codes is None else str(options.codes.absolute())}
    if Path(options.space).is_dir():
        place["space"] = str(Path(options.space).absolute())
    given = {"predictor": options.predictor, "budget": options.budget, "maximise": not options.minimise}
    given |= {"seed": options.seed, "overrides": options.overrides}
    with _search(options.journal, place, given) as search:
        return _status(search)


def ask(options: argparse.Namespace) -> Any:
    """Hand out architectures."""
    with _open(options.journal) as search:
        archs = search.again() if options.again else search.ask(options.count)
        asked = [{"index": arch, "architecture": str(search.space.archs[arch])} for arch in archs]
        return {"asked": asked, "done": search.done}


def tell(options: argparse.Namespace) -> Any:
    """Take results."""
    results = _results(options.results if options.results is not None else sys.stdin.read())
    with _open(options.journal) as search:
        search.tell([arch for arch, _ in results], [value for _, value in results])
        return _status(search)


def best(options: argparse.Namespace) -> Any:
    """The best architecture so far."""
    with _open(options.journal) as search:
        found = search.best()
        return None if found is None else {"index": found.index, "architecture": found.name, "value": found.value}


def status(options: argparse.Namespace) -> Any:
    """How far the search is."""
    with _open(options.journal) as search:
        return _status(search)


def _status(search: Search) -> dict[str, Any]:
    """Counts, and who is open."""
    values = search.values
    failed = [arch for arch, value in values.items() if math.isnan(value)]
    return {
        "space": search.space.name,
        "architectures": len(search.space),
        "predictor": search.setting.predictor,
        "budget": search.setting.budget,
        "told": len(values),
        "failed": failed,
        "open": search.open,
        "done": search.done,
    }


def _open(journal: Path) -> Search:
    """The search of a journal."""
    setting, place = read_header(journal)
    return _search(journal, place, setting.header)


def _search(journal: Path, place: dict[str, Any], given: dict[str, Any]) -> Search:
    """A search whose space and codes are named."""
    return Search(
        place["space"], codes=_codes(place.get("codes")), journal=journal, reissue=False, place=place, **given
    )


def _codes(path: str | None) -> Any:
    """The array of an .npy file."""
    return None if path is None else read_array(path, f"--codes {path}")


def _results(text: str) -> list[tuple[int | str, float | None]]:
    """Pairs of an architecture and its value."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"tell: not valid JSON ({error})") from error
    if isinstance(given, dict) and "value" not in given:
        given = [{"index": int(key) if key.isdecimal() else key, "value": value} for key, value in given.items()]
    rows = given if isinstance(given, list) else [given]
    pairs: list[tuple[int | str, float | None]] = []
    for row in rows:
        arch = row.get("index", row.get("architecture")) if isinstance(row, dict) else None
        value = row.get("value") if isinstance(row, dict) else None
        if (
            not isinstance(arch, str | int)
            or isinstance(arch, bool)
            # In Python true is the number 1; here it is a mistake.
            or isinstance(value, bool)
            or not isinstance(value, int | float | None)
        ):
            raise InputError(
                f"tell: {shown(json.dumps(row))}: must have an index or an architecture, and a number as value"
            )
        pairs.append((arch, value))
    return pairs


def _parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser("siamnas search", description="A search whose evaluations are yours.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(run: Any, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(run.__name__, help=text, description=text)
        added.set_defaults(run=run)
        added.add_argument("journal", type=Path, help="folder of the search's memory")
        return added

    begin = command(start, "begin a search")
    begin.add_argument("overrides", nargs="*", help="further words such as trainer=fast")
    begin.add_argument("--space", required=True, help="folder of JSON files, or a shipped space")
    begin.add_argument("--predictor", default="siams_nsam_bts", help="default: %(default)s")
    begin.add_argument("--budget", type=int, default=60, help="evaluations in all, default: %(default)s")
    begin.add_argument("--minimise", action="store_true", help="smaller values are better")
    begin.add_argument("--codes", type=Path, help=".npy of Estimation Codes, a row per architecture")
    begin.add_argument("--seed", type=int, default=0)
    asking = command(ask, "architectures to evaluate")
    asking.add_argument("-n", "--count", type=int, default=1, help="at most so many")
    asking.add_argument("--again", action="store_true", help="those that are open, for a worker that takes over")
    telling = command(tell, "what they are worth")
    telling.add_argument("results", nargs="?", help=JSON_IN)
    command(best, "the best architecture so far")
    command(status, "how far the search is")
    return parser
