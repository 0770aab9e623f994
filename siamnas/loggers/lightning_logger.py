"""`logger=tensorboard` and `logger=mlflow`: a result as a run of Lightning's loggers."""

import errno
import importlib.util
import logging
import math
import os
import re
import time
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from siamnas.config.validate import Word
from siamnas.errors import InputError, reason
from siamnas.experiment.configuration import Job
from siamnas.jobs import summary
from siamnas.jobs.store import Result
from siamnas.loggers.base import Logger
from siamnas.loggers.reach import without_password
from siamnas.loggers.wandb_logger import about, final, run_id
from siamnas.runtime import variables

if TYPE_CHECKING:
    from pytorch_lightning.loggers import Logger as LightningsOwn

FOLDER = "tensorboard"
# Of requests to MLflow, which would keep a job for a quarter of an hour where a server hears and does not answer.
IMPATIENT = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "10", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}
BATCH = 1000  # numbers that MLflow takes in a request
NAMES = re.compile(r"[^\w/. -]", re.ASCII)  # what MLflow allows in no name of a number
Row = tuple[dict[str, float], int]
"""Name -> number, and the step that they are of."""

log = logging.getLogger(__name__)


class LightningLogger(Logger):
    """Reports the curves of a result over its evaluations and epochs, and its numbers. A failure costs one warning."""

    @abstractmethod
    def made(self, job: Job) -> "LightningsOwn":
        """The logger of Lightning that the run of a job goes to."""

    def write(self, run: Any, rows: Iterable[Row]) -> None:
        """Write numbers to a run that `made` has made."""
        for numbers, step in rows:
            run.log_metrics(numbers, step)

    def log(self, job: Job, result: Result) -> bool:
        """See `Logger`."""
        try:
            run = self.made(job)
            run.log_hyperparams(about(job)["config"])
            self.write(run, _rows(result))
            run.save()
            run.finalize("success")
        except Exception as error:  # of a server, a full disk or a broken installation
            log.warning("%s: not logged: %s", type(self).__name__, without_password(reason(error.__cause__ or error)))
            return False
        return True


class TensorBoard(LightningLogger):
    """Writes event files to `tensorboard` in the folder of the result: `tensorboard --logdir outputs`.

    Raises:
        InputError: TensorBoard is not installed.
    """

    def __init__(self) -> None:
        _need("tensorboard", "needs TensorBoard: pip install 'tensorboard>=2.15'")

    def made(self, job: Job) -> "LightningsOwn":
        """See `LightningLogger`."""
        from pytorch_lightning.loggers import TensorBoardLogger

        if (folder := job.folder / FOLDER).is_symlink():  # whoever has put it there may not say where is written
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))
        return TensorBoardLogger(str(job.folder), name=FOLDER, version="")


class MLflow(LightningLogger):
    """Reports to an MLflow server, or to a database in a file.

    Args:
        uri: of the tracking server, such as `http://127.0.0.1:5000` or `sqlite:///mlflow.db`; None for what the user
            has told MLflow, by MLFLOW_TRACKING_URI or `mlflow.set_tracking_uri`, or else its own default.
        project: experiment of MLflow.

    Raises:
        InputError: MLflow is not installed.
    """

    def __init__(self, uri: Word | None, project: Word) -> None:
        _need("mlflow", "needs MLflow: pip install 'mlflow-skinny>=2.15'")
        self.uri, self.project = uri, project

    def log(self, job: Job, result: Result) -> bool:
        """See `Logger`; MLflow is to the user as it was before."""
        with variables.unless_set(IMPATIENT), _uri_of_the_user():
            return super().log(job, result)

    def made(self, job: Job) -> "LightningsOwn":
        """See `LightningLogger`."""
        import mlflow
        from pytorch_lightning.loggers import MLFlowLogger

        tags = {"name": job.config["name"], "siamnas": run_id(job)}
        # Where it is told none, Lightning takes a folder and not what MLflow has been told.
        return MLFlowLogger(self.project, about(job)["name"], self.uri or mlflow.get_tracking_uri(), tags=tags)

    def write(self, run: Any, rows: Iterable[Row]) -> None:
        """See `LightningLogger`; a request takes a thousand numbers, and not a row."""
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        each = ((NAMES.sub("", name), value, step) for numbers, step in rows for name, value in numbers.items())
        metrics = [Metric(name, value, now, step) for name, value, step in each]
        for begin in range(0, len(metrics), BATCH):
            run.experiment.log_batch(run.run_id, metrics=metrics[begin : begin + BATCH])


@contextmanager
def _uri_of_the_user() -> Iterator[None]:
    """Lightning tells MLflow for the whole process where it logs to."""
    try:
        import mlflow
    except Exception:  # a broken installation, which `LightningLogger.log` says
        yield
        return
    before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before)


def _need(module: str, said: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise InputError(f"logger={module}: {said}")


def _rows(result: Result) -> Iterator[Row]:
    """The curves of a result, and its numbers."""
    for row in summary.training_rows(result):
        yield _numbers(row, "train/"), int(row["epoch"])
    for row in summary.curve_rows(result):
        yield _numbers(row, "curve/"), int(row["evaluations"])
    yield _numbers(final(result), ""), result.n + result.k


def _numbers(row: dict[str, Any], prefix: str) -> dict[str, float]:
    """What of a row is a finite number."""
    return {
        f"{prefix}{name}": float(value)
        for name, value in row.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }
