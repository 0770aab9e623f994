"""Who wins at each budget, in sentences: all methods, active searches included, and the architecture that it found."""

from collections.abc import Sequence

from siamnas.report.compare import regret
from siamnas.report.read.collect import Benchmark
from siamnas.report.read.runs import Run


def winners(benchmark: Benchmark, runs: Sequence[Run], budgets: Sequence[int]) -> list[str]:
    """A sentence for each budget at which two methods or more can be compared.

    Args:
        benchmark: that it is about.
        runs: of the benchmark.
        budgets: numbers of evaluations.
    """
    repeats = regret.compare({benchmark.name: runs}, budgets, every=True).repeats
    said = []
    for budget, own in repeats.groupby("budget", sort=True):
        means = own.groupby("method", sort=False)["best"].mean()
        if len(means) > 1:
            best = [str(name) for name in means.index[means == means[benchmark.metric.best(means)]]]
            value = f"{benchmark.metric.text(means[best[0]])} {benchmark.metric.unit}".rstrip()
            verb = "has" if len(best) == 1 else "share"
            said.append(
                f"After {budget} evaluations {' and '.join(best)} {verb} the best mean of {len(means)} methods, {value}"
                f"{_architecture(benchmark, [run for run in runs if run.name == best[0]], int(budget))}."
            )
    return said


def _architecture(benchmark: Benchmark, runs: Sequence[Run], budget: int) -> str:
    """The best that the repeats of the job with this budget recommend; else of the smallest that goes further."""
    ends = [(r.n + r.k, r) for run in runs for r in run.records if r.n + r.k >= budget and r.found]
    if not ends:
        return ""
    end = min(end for end, _ in ends)
    metric = benchmark.metric
    found = [pair for reached, record in ends if reached == end for pair in record.found]
    name, value = max(found, key=lambda pair: metric.sign * pair[1])
    after = "" if end == budget else f" after {end}"
    return f"; its best repeat recommends {name}{after}, {metric.text(value)} {metric.unit}".rstrip()
