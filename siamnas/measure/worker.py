"""A process's share of the work: it leases one architecture after the other, as long as there are any."""

import copy
import math
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from siamnas.errors import InputError
from siamnas.jobs.lease import Busy, Lease
from siamnas.jobs.record import first_line
from siamnas.measure import evaluator as evaluators
from siamnas.measure.evaluator import NetworkEvaluator
from siamnas.measure.results_log import ResultsLog, Row
from siamnas.runtime.interrupt import before_sigterm
from siamnas.runtime.progress import Report

LEASES = "leases"


def measure(config: dict[str, Any], folder: Path, archs: list[int], rows: ResultsLog, _: range, report: Report) -> None:
    """Measure what nobody else has measured or is measuring; the processes of all commands share the work.

    Args:
        config: see `siamnas.measure.settings.Main`.
        folder: of the values.
        archs: numbers of the architectures, in order.
        rows: what is there already.
        report: called after each, with the share of `archs` that this process has looked at.

    Raises:
        InputError: a row can't be written.
    """
    device, rows, left = config["device"], copy.deepcopy(rows), archs
    (folder / LEASES).mkdir(exist_ok=True)
    with one_thread(device):
        evaluator = evaluators.of(config, device)
        names = evaluator.space.archs
        while left:
            busy = []
            for at, arch in enumerate(left, start=1):
                if str(names[arch]) in rows:
                    continue
                try:
                    _leased(evaluator, arch, config["seed"], folder, rows)
                except Busy:
                    busy.append(arch)
                    continue
                report(at / len(left))
            rows.refresh()
            if len(busy) == len(left):
                return
            # Who held these may have been killed since.
            left = [arch for arch in busy if str(names[arch]) not in rows]


@contextmanager
def one_thread(device: str) -> Iterator[None]:
    """One thread on a CPU: values depend on their number, by rounding, and processes share the cores."""
    import torch

    before = torch.get_num_threads()
    if device == "cpu":
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _leased(evaluator: NetworkEvaluator, arch: int, seed: int, folder: Path, rows: ResultsLog) -> None:
    """Measure one architecture, unless it has been measured by now.

    Raises:
        Busy: another process is measuring it.
        InputError: the lease or the row can't be written.
    """
    name = str(evaluator.space.archs[arch])
    lease = Lease(folder / LEASES / f"{arch}.json", name)
    with before_sigterm(lease.release):
        lease.take()
        try:
            rows.refresh()
            if name not in rows:
                with lease.kept():
                    row = one(evaluator, arch, seed)
                rows.append(row)
        finally:
            lease.release()


def one(evaluator: NetworkEvaluator, arch: int, seed: int) -> Row:
    """Measure one architecture; whatever goes wrong with it is why it failed."""
    from siamnas.measure.measures.base import Failed

    name, began, trace = str(evaluator.space.archs[arch]), time.perf_counter(), ""
    try:
        found = evaluator.measure(lambda: evaluator.networks(arch), seed)
        values = tuple(map(float, found.values))
        if len(values) != len(evaluator.measure.columns):
            raise ValueError(f"{len(values)} values for {len(evaluator.measure.columns)} columns")
        if not any(map(math.isfinite, values)):
            raise Failed(f"{evaluator.measure.columns[0]} is {values[0]}")
        return Row(name, values, float(found.seconds))
    except (Failed, InputError, MemoryError) as error:
        reason = str(error).removeprefix(f"{name}: ") or type(error).__name__
    except Exception as error:
        reason, trace = first_line(error), traceback.format_exc()
    return Row(name, seconds=time.perf_counter() - began, failed=reason, trace=trace)
