"""What the predictors of the searches say of their evaluations, fitted again; result files do not hold it."""

from pathlib import Path
from typing import TYPE_CHECKING

from siamnas.errors import InputError
from siamnas.jobs.store import Result
from siamnas.report.compare.regret import longest
from siamnas.report.read import catalogue
from siamnas.report.read.collect import Collection

if TYPE_CHECKING:
    import pandas as pd


def frame(found: Collection) -> "pd.DataFrame":
    """The rows of `siamnas.jobs.predictions.frame`, with `benchmark` and `method`.

    Of each method whose search learns from every evaluation it is the run with the most of them; why there are no
    predictions becomes a note.
    """
    import pandas as pd

    from siamnas.jobs import predictions  # what a job needs takes a second to import

    parts = [pd.DataFrame({"benchmark": [], "method": []})]
    for benchmark, runs in found.by_benchmark.items():
        for run in longest([run for run in runs if run.records[0].search in catalogue.ANYHOW]):
            try:
                parts.append(
                    predictions.frame(Result.load(Path(run.records[0].path))).assign(
                        benchmark=benchmark, method=run.name
                    )
                )
            except InputError as error:
                found.notes.append(f"no predictions of {run.name} on {benchmark}: {error}")
    return pd.concat(parts, ignore_index=True)
