"""What the predictor of a job says of its evaluations, each from all the others; a result does not hold it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from siamnas.candidates.known import Known
from siamnas.config.instantiate import TARGET, find_class
from siamnas.config.translate import IDENTITY
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.domain import DomainOracle
from siamnas.predictors.calibration import Predictions
from siamnas.search import proposing
from siamnas.search.left_out import left_out, seats
from siamnas.search.proposals import Proposals
from siamnas.spaces.benchmark import Benchmark

if TYPE_CHECKING:
    import pandas as pd

    from siamnas.experiment.configuration import Job
    from siamnas.jobs.store import Result

REPEATS = 3  # whose predictors are fitted again


def frame(result: "Result", repeats: int = REPEATS) -> "pd.DataFrame":
    """One row per evaluation of the first repeats, see `siamnas.search.left_out`.

    The space of the job is loaded, and its predictor fitted again for each evaluation, which takes seconds.

    Args:
        result: of a job.
        repeats: how many.

    Returns:
        `seed`, `index`, `value` that the search was told, and in the unit of what the predictor learns `truth`,
        `score` and `spread`.

    Raises:
        InputError: the job has trained its architectures, its predictor has no spread, its search does not learn from
            every evaluation, or what it was computed from has changed.
    """
    import pandas as pd

    parts = []
    for seed, archs, values, own in _of_repeats(result, repeats):
        kept = seats(len(archs))
        columns = {"seed": seed, "index": archs[kept], "value": values[kept]}
        parts.append(pd.DataFrame(columns | {"truth": own.truth, "score": own.score, "spread": own.spread}))
    return pd.concat(parts, ignore_index=True)


def _of_repeats(result: "Result", repeats: int) -> Iterator[tuple[int, IntArray, FloatArray, Predictions]]:
    """Of each repeat its seed, what it has evaluated, the values that it was told, and the predictions."""
    job = _job(result)
    benchmark = build.searched_once(job.config)
    for row, seed in enumerate(result.arrays["seed"][:repeats].tolist()):
        oracle = build.oracle(job.config, benchmark, 1, None, range(seed, seed + 1))
        archs = result.arrays["evaluated"][row].astype(np.int64)
        if isinstance(oracle, DomainOracle):
            domain, known = oracle.seen.domain, Known(oracle.seen.domain)
            rows = domain.stack([domain.parse(result.meta["architectures"][arch]) for arch in archs])
            values = oracle.query(np.array([[oracle.seen.add(one) for one in rows]]))[0]
            own = np.array(known.add(rows))
            proposals: Proposals | None = proposing.of_domain(job.config, known, benchmark.metric, seed)
        else:
            assert isinstance(benchmark, Benchmark)
            own, values = archs, oracle.query(archs[None])[0]
            proposals = proposing.proposals(job.config, benchmark.space, oracle, benchmark.metric, seed)
        assert proposals is not None
        yield seed, archs, values, left_out(proposals, own, benchmark.metric.sign * values)


def _job(result: "Result") -> "Job":
    """The job of a result, checked like that of a command line.

    Raises:
        InputError: see `frame`.
    """
    job = configuration.stored({**result.meta["config"], "logger": {TARGET: None}}, result.meta["choices"])
    name = job.choices.get("predictor") or job.choices.get("search")
    if job.identity != result.meta[IDENTITY]:
        raise InputError(f"{result.path or name}: what it was computed from has changed; siamnas rerun says what")
    if job.trains:
        raise InputError(f"{name}: the job has trained its architectures, whose values its result does not hold")
    if find_class(job.config["search"]) not in proposing.ANYHOW:
        raise InputError(f"{name}: needs a search that learns from every evaluation, search=active")
    return job
