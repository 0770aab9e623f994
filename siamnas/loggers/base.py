"""The protocols of loggers."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from siamnas.experiment.configuration import Job
from siamnas.jobs.store import Result

Tell = Callable[[dict[str, Any]], None]
"""Called with what is new: names -> numbers and texts."""


class Logger(ABC):
    """Reports a finished result somewhere."""

    @abstractmethod
    def log(self, job: Job, result: Result) -> bool | None:
        """Report the result; a failure is a warning, never an exception.

        Returns:
            False where it was not reported, so that the next run of the job tries again; anything else where it was.
        """


@runtime_checkable
class Follower(Protocol):
    """Also reports what `siamnas measure` finds, as it comes."""

    def follow(self, root: Path, about: dict[str, Any]) -> AbstractContextManager[Tell]:
        """Report what is told while this is active; a failure is a warning, never an exception.

        Args:
            root: the folder for files of the logger.
            about: `name`, `group`, `tags` and `config` of the command.
        """


@runtime_checkable
class Watcher(Protocol):
    """Also shows a job while it runs."""

    def watch(self, job: Job) -> AbstractContextManager[Tell]:
        """Show what is told while this is active, see `Feed`; a failure is a warning, never an exception.

        `log` then adds the result to it. The job has failed if this ends with an exception.
        """
