"""A search of one's own from the shell: JSON in, JSON out.

Run as: siamnas search start JOURNAL --space SPACE   and then   siamnas search ask|tell|best|status JOURNAL
"""

import argparse
import json
import math
import re
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from siamnas.benchmarks.codes import read_array
from siamnas.config.arguments import Arguments
from siamnas.config.validate import near
from siamnas.errors import InputError, shown
from siamnas.runtime import terminal
from siamnas.runtime.table import frame_csv
from siamnas.search import json_in
from siamnas.search.ask_tell import Search
from siamnas.search.history import Past
from siamnas.search.told import Told, text

LONGEST = 1 << 28  # characters of results
JSON_IN = f"results of evaluations: {json_in.FORM}; null is a failed evaluation; read from standard input if left out"


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `siamnas search`; errors are messages, with status 2."""
    terminal.set_up()
    try:
        options = _parsed(_parser(), arguments)
        shown = options.run(options)
        if shown is not NOTHING:
            json.dump(shown, sys.stdout, indent=1)
            print()
    except InputError as error:
        terminal.complain(str(error))
        sys.exit(2)


def start(options: argparse.Namespace) -> Any:
    """Begin a search, or check that the journal holds this one."""
    space = options.space
    given = {"predictor": options.predictor, "budget": options.budget, "seed": options.seed}
    given |= {"maximise": False if options.minimise else None, "overrides": options.overrides or None}
    given |= {"replicate": options.replicate or None}
    given |= {"objectives": _objectives(options.objective), "constraints": options.constraint}
    codes = None if options.codes is None else read_array(str(options.codes), f"--codes {options.codes}")
    with Search(space, codes=codes, journal=options.journal, reissue=False, **given):
        return _status(options.journal)


def ask(options: argparse.Namespace) -> Any:
    """Hand out architectures."""
    with _open(options) as search:
        archs = search.again() if options.again else search.ask(options.count)
        asked = [{"index": arch.index, "architecture": arch.name} for arch in archs]
        return {"asked": asked, "done": search.done} | ({"waiting": search.waiting} if search.waiting else {})


def tell(options: argparse.Namespace) -> Any:
    """Take results."""
    text = _results(options)
    with _open(options) as search:
        search.tell(*json_in.read(text, search.catalog), replace=options.replace)
        return _status(options.journal)


def add(options: argparse.Namespace) -> Any:
    """Add evaluations that are known from elsewhere."""
    text = _results(options)
    with _open(options) as search:
        search.add(*json_in.read(text, search.catalog, new=True))
        return _status(options.journal)


def best(options: argparse.Namespace) -> Any:
    """The best architecture so far; before the first its fields are null, and stderr says why."""
    past = Past(options.journal)
    if found := _recommended(options) if past.recommend == "posterior" else _best(past):
        return found
    terminal.err.print(f"no best architecture yet: {_line(past)}", markup=False, highlight=False)
    return dict.fromkeys(("index", "architecture", "value"))


def _recommended(options: argparse.Namespace) -> dict[str, Any] | None:
    """The architecture that the predictor thinks best; None before the first."""
    with _open(options) as search:
        found = search.best()
    return {"index": found.index, "architecture": found.name, "value": found.value} if found else None


def _best(past: Past) -> dict[str, Any] | None:
    """The best architecture, and the front where there are several objectives; None before the first."""
    arch, standing = past.best, past.standing
    if arch is None:
        return None
    value = past.story.values[arch]
    found: dict[str, Any] = {"index": past.index(arch), "architecture": past.name(arch)}
    found |= {"value": value.numbers if isinstance(value, Told) else value}
    if standing is None or standing.hypervolume is None:
        return found
    front = json.loads(standing.front(past.name, past.index).to_json(orient="records"))
    return found | {"front": front, "hypervolume": standing.hypervolume}


def status(options: argparse.Namespace) -> Any:
    """How far the search is."""
    return _status(options.journal)


def watch(options: argparse.Namespace) -> Any:
    """Follow the search: a line whenever something has happened, until it is done."""
    before = ""
    while True:
        past = Past(options.journal)
        if (line := _line(past)) != before:
            print(line, flush=True)
        if past.done:
            return NOTHING
        before = line
        time.sleep(options.every)


def history(options: argparse.Namespace) -> Any:
    """All evaluations, in the order in which they were asked for."""
    frame = Past(options.journal).frame()
    if options.csv:
        nothing = frame.map(lambda value: isinstance(value, list | dict) and not value)
        sys.stdout.write(frame_csv(frame.mask(nothing), None))
        return NOTHING
    return json.loads(frame.to_json(orient="records", date_format="iso"))


COMMANDS = (start, ask, tell, add, best, status, watch, history)
NOTHING = object()
"""Stands for a command that has printed all it has to say."""


def _status(journal: str) -> dict[str, Any]:
    """Counts, and who is open."""
    past = Past(journal)
    standing = past.standing

    def numbers(archs: Any) -> list[Any]:
        found = [(past.index(arch), arch) for arch in archs]
        return [arch if index is None else index for index, arch in found]

    return {
        "space": past.space,
        "architectures": None if past.catalog is None else past.catalog.total,
        "predictor": past.setting.predictor,
        "budget": past.setting.budget,
        "told": len(past.story.evaluations),
        **({"added": past.story.added} if past.story.added else {}),
        "failed": numbers(past.failed),
        "open": numbers(past.story.open),
        "done": past.done,
        **({"front": numbers(standing.archs[seat] for seat in standing.seats)} if standing else {}),
        **({"hypervolume": standing.hypervolume} if standing and standing.hypervolume is not None else {}),
    }


def _line(past: Past) -> str:
    """How far a search is, in one line."""
    added, arch = past.story.added, past.best
    best = "" if arch is None else f", best {text(past.story.values[arch])} ({past.name(arch) or arch})"
    best += f", front {past.standing.text}" if past.standing else ""
    known = f", {added} added" if added else ""
    counts = f"{len(past.story.open)} open, {len(past.failed)} failed{known}"
    return f"told {past.told} of {past.setting.budget}, {counts}{best}"


def _results(options: argparse.Namespace) -> str:
    """The results that are given, or on standard input."""
    if options.results is not None:
        return str(options.results)
    if len(text := sys.stdin.read(LONGEST + 1)) > LONGEST:
        raise InputError(f"results on standard input: must have at most {LONGEST:,} characters")
    return text


def _open(options: argparse.Namespace) -> Search:
    """The search of a journal."""
    return Search.open(options.journal, reissue=False)


def _parsed(parser: Arguments, arguments: list[str] | None) -> argparse.Namespace:
    """A command line, in which words may stand behind options."""
    given = sys.argv[1:] if arguments is None else arguments
    known = [run.__name__ for run in COMMANDS]
    if not given or given[0] not in (*known, "-h", "--help"):
        said = "siamnas search needs a command"
        if given:
            said = f"unknown command {shown(given[0])}{near(given[0], known)}"
        raise InputError(f"{said}; known here: {', '.join(known)}")
    options, more = parser.parse_known_args(given)
    flags = [word for word in more if word.startswith("-")]
    if hasattr(options, "overrides") and not flags and all("=" in word for word in more):
        options.overrides = [*options.overrides, *more]
    elif more and not flags and len(more) == 1 and getattr(options, "results", "") is None:
        options.results = more[0]
    elif more:
        options.parser.refuse(more)
    return options


def _objectives(words: list[str] | None) -> dict[str, str] | None:
    """`name=min`, ... as a dictionary."""
    for word in words or ():
        if "=" not in word:
            raise InputError(f"--objective {shown(word)}: must be a name, = and min or max")
    pairs = [word.split("=", 1) for word in words or ()]
    found = {name: direction for name, direction in pairs}
    if len(found) < len(pairs):
        raise InputError(f"--objective {', '.join(words or ())}: a name is there twice")
    return found or None


def _whole(text: str) -> int:
    """An integer in plain digits, as in JSON."""
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise argparse.ArgumentTypeError(f"{shown(text)} must be an integer")
    return int(text)


def _seconds(text: str) -> float:
    """A positive number of seconds."""
    with suppress(ValueError):
        if 0 < (number := float(text)) < math.inf:
            return number
    raise argparse.ArgumentTypeError(f"{shown(text)!r} must be a number above 0")


@cache
def _parser() -> Arguments:
    """The command line."""
    parser = Arguments("siamnas search", description="A search whose evaluations are yours.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(run: Any, text: str) -> Arguments:
        added = commands.add_parser(run.__name__, help=text, description=text)
        added.set_defaults(run=run, parser=added)
        added.add_argument("journal", help="folder of the search's memory")
        return added

    begin = command(start, "begin a search")
    begin.add_argument("overrides", nargs="*", default=[], help="further words such as trainer=fast")
    begin.add_argument("--space", required=True, help="a folder, or a shipped space: darts, 'gpt space.scale=l'")
    begin.add_argument("--predictor", help="default: gp")
    begin.add_argument("--budget", type=_whole, help="evaluations in all, default: 60")
    begin.add_argument("--minimise", action="store_true", help="smaller values are better")
    begin.add_argument(
        "--objective", action="append", metavar="NAME=min|max", help="what is told, several times; 'params=min free'"
    )
    begin.add_argument("--constraint", action="append", metavar="'NAME<=NUMBER'", help="on what is told, several times")
    begin.add_argument("--replicate", action="store_true", help="evaluations are noisy: ask for some again")
    begin.add_argument("--codes", type=Path, help=".npy of Estimation Codes, a row per architecture")
    begin.add_argument("--seed", type=_whole, help="default: 0")
    asking = command(ask, "architectures to evaluate")
    which = asking.add_mutually_exclusive_group()
    which.add_argument("-n", "--count", type=_whole, default=1, help="at most so many")
    which.add_argument("--again", action="store_true", help="those that are open, for a worker that takes over")
    telling = command(tell, "what they are worth")
    telling.add_argument("results", nargs="?", help=JSON_IN)
    telling.add_argument("--replace", action="store_true", help="values that were told before were wrong")
    adding = command(add, "evaluations that are known from elsewhere; not paid for")
    adding.add_argument("results", nargs="?", help=JSON_IN)
    command(best, "the best architecture so far")
    command(status, "how far the search is")
    watching = command(watch, "a line whenever something has happened, until the search is done")
    watching.add_argument("--every", type=_seconds, default=2.0, metavar="SECONDS", help="default: %(default)s")
    listing = command(history, "all evaluations: architecture, value, seconds, worker, why")
    listing.add_argument("--csv", action="store_true", help="as CSV")
    return parser
