"""`logger=csv`: the training curves, beside `curves.csv`, which every job writes; of a search each evaluation."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from siamnas.errors import reason
from siamnas.experiment.configuration import Job
from siamnas.jobs import summary
from siamnas.jobs.store import Result
from siamnas.loggers.base import Logger, Tell
from siamnas.runtime import csv_rows
from siamnas.runtime.table import not_computed

TRAINING = "training.csv"
FOLLOWED = "evaluations.csv"

log = logging.getLogger(__name__)


class CsvLogger(Logger):
    """Writes `training.csv`, one row per epoch with means over the repeats, to the folder of the result."""

    def log(self, job: Job, result: Result) -> None:
        """Write the file, unless the predictor has no training curves."""
        if rows := summary.training_rows(result):
            summary.write_csv(job.folder / TRAINING, rows)

    @contextmanager
    def follow(self, root: Path, about: dict[str, Any]) -> Iterator[Tell]:
        """See `Follower`; adds a row to `evaluations.csv` for whatever is told. The keys are always the same."""

        def tell(values: dict[str, Any]) -> None:
            try:
                safe = {key: not_computed(one) if isinstance(one, str) else one for key, one in values.items()}
                csv_rows.add(root / FOLLOWED, safe)
            except OSError as error:
                log.warning("%s: not logged: %s", root / FOLLOWED, reason(error))

        yield tell
