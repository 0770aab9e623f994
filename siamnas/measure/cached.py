"""Trainings for a search: measured by worker processes, and kept where `siamnas measure` keeps its results."""

import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from siamnas.experiment.configuration import Job
from siamnas.measure import evaluator as evaluators
from siamnas.measure import results_log, run, table
from siamnas.measure.evaluator import NetworkEvaluator
from siamnas.measure.results_log import ResultsLog
from siamnas.measure.settings import GROUPS, Settings
from siamnas.oracle.training import WHAT, Evaluators, Found
from siamnas.runtime import parallel as processes
from siamnas.runtime.progress import Report, no_report


def of(job: Job) -> Evaluators:
    """What makes the evaluators of a job, one for what it searches by and one for its Estimation Codes."""
    return partial(_evaluator, job)


def rows(job: Job) -> Path:
    """The folder of the files in which a job that trains keeps what it has found, one line per architecture."""
    fields = job.config["oracle"]
    settings = _evaluator(job, WHAT, fields["seed"], fields["device"], fields["workers"]).job
    return evaluators.of(settings.config, "cpu").folder(settings) / results_log.FOLDER


def _evaluator(job: Job, group: str, seed: int, device: str, workers: int | None) -> "CachedEvaluator":
    """See `of`."""
    config = {name: job.config[name] for name in (*GROUPS, "name", "out")}
    config |= {WHAT: job.config[group], "seed": seed, "device": device, "workers": workers}
    chosen = job.choices.get(f"{WHAT}@{group}", job.choices[WHAT])
    return CachedEvaluator(Settings(config, job.choices | {WHAT: chosen}))


@dataclass
class CachedEvaluator:
    """Measures each architecture that is asked for once; other processes that measure the same share the work.

    Attributes:
        job: what is measured, as of `siamnas measure`.
    """

    job: Settings
    _opened: "tuple[NetworkEvaluator, ResultsLog] | None" = field(default=None, init=False)

    def measure(self, names: list[str], report: Report = no_report) -> dict[str, Found]:
        """See `siamnas.oracle.training.Evaluator`; nothing is written before the first call.

        Raises:
            InputError: a value can't be written.
        """
        evaluator, results = self._opened = self._opened or self._open()
        while missing := [name for name in names if name not in results]:
            run.distribute(self.job, evaluator, missing, results, report)
            table.write(evaluator.folder(self.job), evaluator.measure.columns, evaluator.ordered, results)
            if any(name not in results for name in missing):
                time.sleep(processes.POLL)  # another command is measuring them
        return {name: Found(results.entries[name].values, results.entries[name].seconds) for name in names}

    def _open(self) -> tuple[NetworkEvaluator, ResultsLog]:
        evaluator = evaluators.of(self.job.config, "cpu")
        folder = evaluator.folder(self.job)
        run.describe(folder, self.job, evaluator)
        results = ResultsLog(folder / results_log.FOLDER, len(evaluator.measure.columns))
        results.refresh()
        return evaluator, results
