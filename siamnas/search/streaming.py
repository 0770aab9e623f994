"""A search of one's own while it runs, in a logger as jobs have them."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siamnas.config import overrides
from siamnas.config.compose import compose
from siamnas.errors import InputError, literal
from siamnas.experiment import build, configuration
from siamnas.search.architecture import Architecture
from siamnas.search.evaluating import Outcome
from siamnas.search.told import Told

if TYPE_CHECKING:
    from siamnas.loggers.base import Follower
    from siamnas.search.ask_tell import Search

Note = Callable[[Architecture, Outcome], None]
"""Called with what has become of each evaluation."""

OUT = Path("outputs")  # for the files of a logger where a search has no journal


@contextmanager
def following(search: "Search", logger: str | Sequence[str] | None) -> Iterator[Note]:
    """Tell a logger of each evaluation as it ends: its value and seconds, the best so far, and how many are open.

    Args:
        search: whose evaluations they are.
        logger: see `executor.run`.

    Raises:
        InputError: there is no such logger, or it can't follow a search.
    """
    follower = None if logger is None else _made(logger)
    if follower is None:
        yield lambda arch, outcome: None
        return
    folder = search.folder
    with follower.follow(folder or OUT, _about(search, folder)) as tell:
        yield lambda arch, outcome: tell(_row(search, arch, outcome))


def _made(logger: Any) -> "Follower | None":
    """The logger; None for `none`."""
    words = [logger] if isinstance(logger, str) else logger
    if not isinstance(words, list | tuple) or not words or not all(isinstance(word, str) for word in words):
        raise InputError(f"logger={literal(logger)}: must be the name of an option, or a list of words")
    for word in words[1:]:
        if not str(overrides.key(word)).startswith("logger."):
            raise InputError(f"logger: {word}: must begin with logger.")
    chosen = [overrides.word("logger", words[0]), *words[1:], "predictor=random"]
    try:
        made: Any = build.logger(configuration.load(*compose(chosen)).config)
    except InputError as error:
        raise InputError(f"logger={words[0]}: {error}") from None
    if made is not None and not hasattr(made, "follow"):
        raise InputError(f"logger={words[0]}: does not follow a search; it has no method `follow`")
    return made


def _about(search: "Search", folder: Path | None) -> dict[str, Any]:
    """What a logger is to know of a search."""
    setting, space = search.setting, search.space.name
    name = folder.name if folder else space
    config = {"space": space, **setting.header, "journal": str(folder) if folder else None}
    return {"name": f"{setting.predictor} {space}", "group": name, "tags": [space, setting.predictor], "config": config}


def _row(search: "Search", arch: Architecture, outcome: Outcome) -> dict[str, Any]:
    """What a logger gets of an evaluation; None where there is nothing to say."""
    best = search.incumbent
    return {
        "evaluations": search.evaluated,
        "architecture": arch.name,
        "value": None if math.isnan(outcome.value) else float(outcome.value),
        **(outcome.value.numbers if isinstance(outcome.value, Told) else {}),
        "best": float(best.value) if best else None,
        **({} if search.hypervolume is None else {"hypervolume": search.hypervolume}),
        "seconds": round(outcome.seconds, 3),
        "pending": len(search.open),
        "failed": outcome.failed or None,
        "stopped": outcome.stopped or None,
    }
