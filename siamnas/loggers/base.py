"""The protocols of loggers."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from siamnas.experiment.configuration import Job
from siamnas.jobs.store import Result

Tell = Callable[[dict[str, Any]], None]
"""Called with new values: name -> number or text."""


class Logger(ABC):
    """Reports a finished result somewhere."""

    @abstractmethod
    def log(self, job: Job, result: Result) -> bool | None:
        """Report the result. A failure is a warning, never an exception.

        Returns:
            False if the result was not reported, so that the next run of the job tries again; else True or None.
        """


@runtime_checkable
class Follower(Protocol):
    """A logger that also reports what `siamnas measure` finds, while it runs."""

    def follow(self, root: Path, about: dict[str, Any]) -> AbstractContextManager[Tell]:
        """Report all values that are told while this is active. A failure is a warning, never an exception.

        Args:
            root: the folder for the files of the logger.
            about: `name`, `group`, `tags` and `config` of the command.
        """


@runtime_checkable
class Watcher(Protocol):
    """A logger that also shows a job while it runs."""

    def watch(self, job: Job) -> AbstractContextManager[Tell]:
        """Show all values that are told while this is active, see `Feed`. A failure is a warning, never an exception.

        `log` then adds the result. If this ends with an exception, the job has failed.
        """
