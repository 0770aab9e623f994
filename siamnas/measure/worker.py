"""A worker process: it leases and measures one architecture after the other, as long as there are any."""

import copy
import math
import time
import traceback
from pathlib import Path
from typing import Any

from siamnas.errors import InputError
from siamnas.jobs.record import first_line
from siamnas.measure import evaluator as evaluators
from siamnas.measure.evaluator import NetworkEvaluator
from siamnas.measure.results_log import Entry, ResultsLog
from siamnas.runtime import generators
from siamnas.runtime.interrupt import before_signal
from siamnas.runtime.lease import Busy, Lease
from siamnas.runtime.progress import Report, part_of

LEASES = "claims"  # on disk as in earlier versions, so that processes of both see each other's leases


def measure(
    config: dict[str, Any], folder: Path, names: list[str], results: ResultsLog, _: range, report: Report
) -> None:
    """Measure what no other process has measured or is measuring; the processes of all commands share the work.

    Args:
        config: see `siamnas.measure.settings.Main`.
        folder: of the values.
        names: of the architectures, in order.
        results: what is there already.
        report: called with the share of `names` that is behind this process, as each is measured.

    Raises:
        InputError: a result can't be written.
    """
    from siamnas.training.device import own_torch

    device, results, left = config["device"], copy.deepcopy(results), names
    (folder / LEASES).mkdir(exist_ok=True)
    with own_torch(device):
        evaluator = evaluators.of(config, device)
        while left:
            busy, before = [], len(names) - len(left)
            for at, name in enumerate(left, start=before):
                if name in results:
                    continue
                evaluator.measure.report = part_of(report, at / len(names), (at + 1) / len(names))
                try:
                    _leased(evaluator, name, config["seed"], folder, results)
                except Busy:
                    busy.append(name)
                    continue
                report((at + 1) / len(names))
            results.refresh()
            if len(busy) == len(left):
                return
            # The owners of these leases may have been killed since.
            left = [name for name in busy if name not in results]


def _leased(evaluator: NetworkEvaluator, name: str, seed: int, folder: Path, results: ResultsLog) -> None:
    """Measure one architecture, unless it has been measured by now.

    Raises:
        Busy: another process is measuring it.
        InputError: the lease or the result can't be written.
    """
    lease = Lease(folder / LEASES / f"{evaluator.key(name)}.json", name)
    with before_signal(lease.release):
        lease.take()
        try:
            results.refresh()
            if name not in results:
                with lease.kept():
                    entry = one(evaluator, name, seed)
                results.append(entry)
        finally:
            lease.release()


def one(evaluator: NetworkEvaluator, name: str, seed: int) -> Entry:
    """Measure one architecture; any error is kept as the reason of its failure."""
    from siamnas.measure.measures.base import Failed

    began, trace = time.perf_counter(), ""
    try:
        with generators.lent(seed):  # a network of the user may draw from those of numpy and Python
            found = evaluator.measure(lambda: evaluator.network(name), seed)
        values = tuple(map(float, found.values))
        if len(values) != len(evaluator.measure.columns):
            raise ValueError(f"{len(values)} values for {len(evaluator.measure.columns)} columns")
        if not any(map(math.isfinite, values)):
            raise Failed(f"{evaluator.measure.columns[0]} is {values[0]}")
        return Entry(name, values, float(found.seconds))
    except (Failed, InputError, MemoryError) as error:
        reason = str(error).removeprefix(f"{name}: ") or type(error).__name__
    except Exception as error:
        reason, trace = first_line(error), traceback.format_exc()
    return Entry(name, seconds=time.perf_counter() - began, failed=reason, trace=trace)
