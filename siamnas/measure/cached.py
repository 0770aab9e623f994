"""Architectures trained for a search: measured by worker processes, and kept where `siamnas measure` keeps them."""

import time
from dataclasses import dataclass, field

from siamnas.runtime import parallel as processes
from siamnas.experiment.job import Job
from siamnas.measure import evaluator as benches
from siamnas.measure import results_log as on_disk
from siamnas.measure import run, table
from siamnas.measure.evaluator import Bench
from siamnas.measure.results_log import Rows
from siamnas.measure.settings import GROUPS, Settings
from siamnas.oracle.training import WHAT, Found, Labs


def of(job: Job) -> Labs:
    """What makes the labs of a job, one for what it searches by and one for its Estimation Codes."""

    def lab(group: str, seed: int, device: str, workers: int | None) -> Laboratory:
        config = {name: job.config[name] for name in (*GROUPS, "name", "out")}
        config |= {WHAT: job.config[group], "seed": seed, "device": device, "workers": workers}
        chosen = job.choices.get(f"{WHAT}@{group}", job.choices[WHAT])
        return Laboratory(Settings(config, job.choices | {WHAT: chosen}))

    return lab


@dataclass
class Laboratory:
    """Measures what is asked for, each architecture once; other processes that measure the same share the work.

    Attributes:
        job: what is measured, as of `siamnas measure`.
    """

    job: Settings
    _opened: "tuple[Bench, Rows] | None" = field(default=None, init=False)

    def measure(self, archs: list[int]) -> dict[int, Found]:
        """See `siamnas.oracle.training.Lab`; nothing is written before something is asked for.

        Raises:
            InputError: a value can't be written.
        """
        bench, rows = self._opened = self._opened or self._open()
        names = {arch: str(bench.space.archs[arch]) for arch in archs}
        while missing := [arch for arch, name in names.items() if name not in rows]:
            run.share_out(self.job, bench, missing, rows, lambda _: None)
            table.write(bench.folder(self.job), bench.measure.columns, bench.space.archs, rows)
            if any(names[arch] not in rows for arch in missing):
                time.sleep(processes.POLL)  # another command is measuring them
        return {arch: Found(rows.rows[name].values, rows.rows[name].seconds) for arch, name in names.items()}

    def _open(self) -> tuple[Bench, Rows]:
        bench = benches.of(self.job.config, "cpu")
        folder = bench.folder(self.job)
        run.describe(folder, self.job, bench)
        rows = Rows(folder / on_disk.FOLDER)
        rows.refresh()
        return bench, rows
