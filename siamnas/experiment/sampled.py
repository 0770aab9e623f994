"""A stated sample of a domain as a benchmark, for searches that rank a whole space."""

from dataclasses import replace

import numpy as np

from siamnas.benchmarks.surrogate import SAMPLE, SURROGATE
from siamnas.candidates import drawn
from siamnas.oracle.columns import ColumnCodes
from siamnas.oracle.training import unmeasured
from siamnas.spaces.benchmark import Benchmark, DomainBenchmark

SIZE = 10_000  # of a sample, if nothing is said


def benchmark(whole: DomainBenchmark, size: int, code_length: int) -> Benchmark:
    """The list that stands for a domain; Estimation Codes are its free columns, where architectures are not trained.

    Args:
        whole: the domain, and what answers.
        size: of the sample.
        code_length: L of the codes that are measured, where architectures are trained.
    """
    card = {SAMPLE: f"{size:,} random architectures stand for {whole.domain.name}"}
    if whole.surrogate is not None:
        card[SURROGATE] = whole.surrogate.name
    space = drawn.sample(whole.domain, size, card)
    unknown = unmeasured(space, whole.metric, code_length).measured
    if whole.surrogate is None:
        return Benchmark(space, unknown)
    codes, labels = ColumnCodes(space), whole.surrogate.labels(space.rows)
    measured = replace(
        unknown,
        label=labels,
        report=labels,
        code=codes.values.astype(np.float32),
        code_name=codes.code_name,
        code_seconds=np.zeros(len(space)),
    )
    return Benchmark(space, measured)
