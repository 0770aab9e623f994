"""A worker process: it leases and measures one architecture after the other, as long as there are any."""

import copy
import math
import time
import traceback
from pathlib import Path
from typing import Any

from siamnas.errors import InputError
from siamnas.jobs.lease import Busy, Lease
from siamnas.jobs.record import first_line
from siamnas.measure import evaluator as evaluators
from siamnas.measure.evaluator import NetworkEvaluator
from siamnas.measure.results_log import Entry, ResultsLog
from siamnas.runtime.interrupt import before_signal
from siamnas.runtime.progress import Report, part_of

LEASES = "claims"  # on disk as in earlier versions, so that processes of both see each other's leases


def measure(
    config: dict[str, Any], folder: Path, archs: list[int], results: ResultsLog, _: range, report: Report
) -> None:
    """Measure what no other process has measured or is measuring; the processes of all commands share the work.

    Args:
        config: see `siamnas.measure.settings.Main`.
        folder: of the values.
        archs: numbers of the architectures, in order.
        results: what is there already.
        report: called with the share of `archs` that is behind this process, as each is measured.

    Raises:
        InputError: a result can't be written.
    """
    from siamnas.training.device import own_torch

    device, results, left = config["device"], copy.deepcopy(results), archs
    (folder / LEASES).mkdir(exist_ok=True)
    with own_torch(device):
        evaluator = evaluators.of(config, device)
        names = evaluator.space.archs
        while left:
            busy, before = [], len(archs) - len(left)
            for at, arch in enumerate(left, start=before):
                if str(names[arch]) in results:
                    continue
                evaluator.measure.report = part_of(report, at / len(archs), (at + 1) / len(archs))
                try:
                    _leased(evaluator, arch, config["seed"], folder, results)
                except Busy:
                    busy.append(arch)
                    continue
                report((at + 1) / len(archs))
            results.refresh()
            if len(busy) == len(left):
                return
            # The owners of these leases may have been killed since.
            left = [arch for arch in busy if str(names[arch]) not in results]


def _leased(evaluator: NetworkEvaluator, arch: int, seed: int, folder: Path, results: ResultsLog) -> None:
    """Measure one architecture, unless it has been measured by now.

    Raises:
        Busy: another process is measuring it.
        InputError: the lease or the result can't be written.
    """
    name = str(evaluator.space.archs[arch])
    lease = Lease(folder / LEASES / f"{arch}.json", name)
    with before_signal(lease.release):
        lease.take()
        try:
            results.refresh()
            if name not in results:
                with lease.kept():
                    entry = one(evaluator, arch, seed)
                results.append(entry)
        finally:
            lease.release()


def one(evaluator: NetworkEvaluator, arch: int, seed: int) -> Entry:
    """Measure one architecture; any error is kept as the reason of its failure."""
    from siamnas.measure.measures.base import Failed

    name, began, trace = str(evaluator.space.archs[arch]), time.perf_counter(), ""
    try:
        found = evaluator.measure(lambda: evaluator.networks(arch), seed)
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
