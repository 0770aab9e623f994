"""The loop of a search on any engine: processes of this machine, or any executor like those of `concurrent.futures`."""

import logging
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from siamnas.benchmarks.objectives import Objectives
from siamnas.errors import InputError, literal
from siamnas.runtime import arguments, interrupt, terminal
from siamnas.search import evaluating, streaming
from siamnas.search.architecture import Architecture
from siamnas.search.evaluating import Outcome, Train
from siamnas.search.futures import Futures
from siamnas.search.halving import Halving
from siamnas.search.processes import Processes

if TYPE_CHECKING:
    from siamnas.search.ask_tell import Best, Search

log = logging.getLogger(__name__)

POLL = 0.2  # seconds between two looks at what runs


class Engine(Protocol):
    """Evaluates several architectures at once."""

    @property
    def room(self) -> int:
        """How many more evaluations can begin now."""

    @property
    def running(self) -> list[Architecture]:
        """What is being evaluated."""

    def start(self, arch: Architecture) -> None:
        """Begin to evaluate an architecture."""

    def ended(self, seconds: float) -> list[tuple[Architecture, Outcome]]:
        """What has ended; waits some seconds for the first."""

    def close(self) -> None:
        """End what is running."""


def run(
    search: "Search",
    train: Train,
    executor: Any = None,
    workers: int | None = None,
    *,
    target: float | None = None,
    lease: float | None = None,
    stopping: Halving | None = None,
    logger: str | Sequence[str] | None = None,
) -> "Best | None":
    """Evaluate architectures until the budget is spent, several at once.

        search.run(train, workers=8)                     # processes of this machine
        search.run(train, dask_client.get_executor())    # Dask; so for submitit's executors, and for threads

    An evaluation that raises, returns NaN, outlives its lease, or whose worker dies costs one evaluation: it is told as
    failed, and named in a message. Ctrl-C and SIGTERM end the processes, and leave a search that goes on: what was open
    is evaluated first by the next run.

    Where `train` has an argument `report` it gets a function to call after some of its epochs, `report(epoch, value)`.
    The journal keeps these values, and `stopping` ends a training there that is hopeless: it is paid for, never the
    best, and learnt from as worse than those that went on. Workers on other machines report to this one by TCP.

    Args:
        search: whose budget is spent.
        train: called with an `Architecture`, in a worker; returns its value.
        executor: anything with `submit(function, ...)`; stays open. None: a process for each evaluation.
        workers: evaluations at once; as many as the executor has if None, or as this process has cores.
        target: end when the best value is as good as this.
        lease: seconds that an evaluation may take; None for any time.
        stopping: which trainings are stopped early.
        logger: an option of the group `logger`, such as `wandb` or `csv`, which gets a row for each evaluation as it
            ends; or a list of words, `["wandb", "logger.project=mine"]`.

    Returns:
        The best architecture, see `Search.best`.

    Raises:
        InputError: an argument is not allowed, or `train` can't be sent to the workers of the executor.
        PartlyFailed: the workers of the executor are gone.
    """
    evaluating.check(train)
    if hasattr(executor, "get_executor") and not isinstance(executor, type):
        executor = executor.get_executor()  # a client of Dask takes what it has done before for the same again
    if executor is not None and (isinstance(executor, type) or not hasattr(executor, "submit")):
        raise InputError(f"executor={literal(executor)}: must have a method `submit`, as concurrent.futures has it")
    limit = math.inf if lease is None else arguments.number("lease", lease, 0)
    goal = None if target is None else arguments.number("target", target)
    most = None if workers is None else arguments.whole("workers", workers, 1)
    _check_stopping(stopping, train)
    with streaming.following(search, logger) as note, interrupt.ended_by_signal():

        def hear(arch: Architecture, epoch: int, value: float) -> str:
            return search.hear(arch, epoch, value, stopping)

        hears = hear, search.times
        engine: Engine = (
            Processes(train, most, limit, *hears) if executor is None else Futures(train, executor, most, limit, *hears)
        )
        asked: list[Architecture] = []
        try:
            _loop(search, engine, goal, note, asked)
        finally:
            engine.close()
            search.give_back(asked)
    return search.best()


def several(objectives: Objectives, train: Train, target: float | None, stopping: Any) -> Train:
    """`train`, whose numbers are checked by name.

    Raises:
        InputError: an argument has no meaning where an evaluation tells several numbers.
    """
    evaluating.check(train)
    if target is not None and len(objectives.aims) > 1:
        raise InputError(f"target={target}: needs one objective")
    if stopping is not None:
        raise InputError("stopping: needs one objective without constraints, whose intermediate values are reported")
    return evaluating.Named(train, objectives.told)


def _check_stopping(stopping: Any, train: Train) -> None:
    """What stops trainings must hear of them.

    Raises:
        InputError: it is something else, or `train` does not report.
    """
    if stopping is not None and not isinstance(stopping, Halving):
        raise InputError(f"stopping={literal(stopping)}: must be a siamnas.Halving, such as Halving(epochs=27)")
    if stopping is not None and not evaluating.reports(train):
        raise InputError("stopping: needs a training that reports: train(arch, report) calls report(epoch, value)")


def _loop(
    search: "Search", engine: Engine, target: float | None, note: streaming.Note, asked: list[Architecture]
) -> None:
    """Keep the engine full until there is nothing more to evaluate; `asked` grows by what it is given."""
    bar = Bar(search)
    with bar:
        while not _is_reached(search, target):
            interrupt.check()
            fresh = search.ask(engine.room) if engine.room > 0 else []
            asked += fresh
            for arch in fresh:
                engine.start(arch)
            if not engine.running and engine.room > 0:
                _say_what_is_open(search)
                return
            for arch, outcome in engine.ended(POLL):
                search.take(arch, outcome)
                note(arch, outcome)
            bar.show(search)


def _say_what_is_open(search: "Search") -> None:
    """Name what keeps a search from its end that nobody evaluates here."""
    if count := len(search.open):
        log.warning("%d architectures were handed out before, and are open (search.open): tell them", count)


def _is_reached(search: "Search", target: float | None) -> bool:
    """Whether the best value is as good as is wanted."""
    best = search.incumbent if target is not None else None
    if target is None or best is None:
        return False
    return best.value >= target if search.setting.maximise else best.value <= target


class Bar(terminal.Bar):
    """Progress of a search: the best so far, what it waits for, and the time left.

    Args:
        search: of which it is.
    """

    def __init__(self, search: "Search") -> None:
        super().__init__(search.catalog.title, search.progress)

    def show(self, search: "Search") -> None:
        """Show how far the search is."""
        best, waiting = search.incumbent, search.waiting
        parts = [search.catalog.title, f"best {best.value:.6g}" if best else "", waiting]
        self.title = ", ".join(part for part in parts if part)
        self._progress.update(self._task, description=self.title)
        self.update(search.progress)
