"""The method that all others of a benchmark are compared with."""

from typing import TYPE_CHECKING

from siamnas.errors import InputError
from siamnas.report.read import catalogue
from siamnas.report.read.collect import Collection

if TYPE_CHECKING:
    import pandas as pd


def choose(found: Collection, wanted: str | None) -> dict[str, str]:
    """Benchmark -> its reference.

    Args:
        found: the results; a benchmark that lacks the wanted method gets a note there, and a reference of its own.
        wanted: a method as the report calls it; None for the paper's method, which is the unchanged one in an ablation,
            else the first that learns, else the first.

    Raises:
        InputError: no benchmark has the wanted method.
    """
    chosen: dict[str, str] = {}
    for benchmark, runs in found.runs.groupby("benchmark", sort=False):
        methods = runs.drop_duplicates("method")
        chosen[str(benchmark)] = wanted if wanted and wanted in set(methods["method"]) else _usual(methods)
    if wanted is not None and wanted not in chosen.values():
        names = ", ".join(found.runs["method"].unique())
        raise InputError(f"--reference: there is no method '{wanted}'; there are: {names}")
    for benchmark, reference in chosen.items():
        if wanted not in (None, reference):
            found.notes.append(f"{benchmark} has no method '{wanted}': its reference is {reference}")
    return chosen


def _usual(methods: "pd.DataFrame") -> str:
    """The reference of a benchmark that nobody has chosen one for."""
    kinds = list(methods["kind"])
    learning = list(methods.loc[methods["learns"], "kind"])
    kind = next(kind for kind in (catalogue.REFERENCE, *learning, *kinds) if kind in kinds)
    own = methods[methods["kind"] == kind]
    plain = ~own["method"].str.endswith(")"), own["unchanged"], own["trainer"] == catalogue.REFERENCE_TRAINER
    return str(own["method"].iloc[max(range(len(own)), key=lambda i: [bool(told.iloc[i]) for told in plain])])
