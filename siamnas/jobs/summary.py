"""A result in a few numbers: the table at the end of a job, and the CSV of its curves."""

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table as RichTable

from siamnas.benchmarks.metric import Metric
from siamnas.benchmarks.surrogate import SAMPLE, SURROGATE
from siamnas.experiment import choices
from siamnas.graphs.arrays import FloatArray
from siamnas.jobs import proportions, provenance
from siamnas.runtime.files import whole
from siamnas.runtime.table import DASH, METHOD, Column, Table, rank

if TYPE_CHECKING:
    from siamnas.jobs.store import Result

CURVES = "curves.csv"
LEAVE = ("space", "codes", "below median %", "top-K only", "optimum", "seconds", "Spearman", "K", "N", "regret")
"""Columns of the table of a job, in the order in which they leave a narrow terminal."""
RANKED = ("K", "top-K only", "below median %")  # columns of a search that evaluates a final ranking
MARKS = (1, 5, 10, 20, 30, 60, 100, 170)  # values of K that loggers show, beside the K of the config


def mean_std(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and sample standard deviation over the repeats (axis 0); 0 for a single repeat."""
    return values.mean(axis=0), values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(values.shape[1:])


def marks(result: "Result") -> list[int]:
    """The values of K to show single numbers for."""
    return sorted({k for k in (*MARKS, result.k) if 0 < k <= result.arrays["topk"].shape[1]})


def curve_rows(result: "Result") -> Iterator[dict[str, float]]:
    """One row per evaluation with the best value of the repeats after it; accuracies are fractions.

    The columns `best_acc_...` are the best of whatever metric the result has, in its own unit, among all evaluated
    architectures; from N evaluations on `topk_...` are the best of the first K of the ranking (the paper's protocol).
    """
    best, metric = result.arrays["best"], Metric.of(result.meta)
    mean, std = mean_std(best)
    top_mean, top_std = mean_std(result.arrays["topk"])
    for i in range(best.shape[1]):
        row = {
            "evaluations": i + 1,
            "best_acc_mean": float(mean[i]),
            "best_acc_std": float(std[i]),
            "best_acc_min": float(best[:, i].min()),
            "best_acc_max": float(best[:, i].max()),
            "regret_mean": metric.regret(result.meta["optimum"], float(mean[i])),
            "query_seconds_mean": float(result.arrays["query_seconds"][:, i].mean()),
        }
        if (k := i + 1 - result.n) > 0:
            row |= {"k": k, "topk_mean": float(top_mean[k - 1]), "topk_std": float(top_std[k - 1])}
        yield row


def below_median(result: "Result") -> FloatArray:
    """(D,) share of repeats whose first K of the ranking are no better than the median architecture of the space.

    NaN where the search has not evaluated the whole top of its ranking, or the median is not known.
    """
    top, median = result.arrays["topk"], result.meta["median"]
    share = Metric.of(result.meta).no_better(top, median).mean(axis=0)
    return np.where(np.isnan(top + median).any(axis=0), np.nan, share)


def diverged(result: "Result") -> int:
    """How many repeats have a training curve that is not finite at its end."""
    curves = [a for name, a in result.arrays.items() if name.startswith("curve/") and a.shape[1]]
    return int(np.any([~np.isfinite(a[:, -1]) for a in curves], axis=0).sum()) if curves else 0


def training_rows(result: "Result") -> list[dict[str, float]]:
    """One row per epoch with the mean over the repeats of every training curve; curves may differ in length."""
    curves = {name.removeprefix("curve/"): a for name, a in result.arrays.items() if name.startswith("curve/")}
    longest = max((a.shape[1] for a in curves.values()), default=0)
    rows: list[dict[str, float]] = []
    for epoch in range(longest):
        values = {name: float(a[:, epoch].mean()) for name, a in curves.items() if epoch < a.shape[1]}
        rows.append({"epoch": epoch + 1, **values})
    return rows


def write_csv(path: Path, rows: list[dict[str, float]]) -> None:
    """Write rows of numbers; the columns are those of the first row that has them all."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with whole(path, newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({column: f"{value:.8g}" for column, value in row.items()} for row in rows)


def numbers(result: "Result") -> dict[str, float]:
    """The numbers of the table, means over the repeats; `best_acc` is the metric of the result in its own unit.

    Without a predictor there are no correlations: they are NaN.
    """
    arrays, at = result.arrays, result.n + result.k - 1
    mean, std = mean_std(arrays["best"][:, at])
    top_mean, top_std, lost = top(result)
    ranked = 1.0 if choices.ranks(result.meta["choices"]) else math.nan
    return {
        "evaluations": at + 1,
        "best_acc": float(mean),
        "best_acc_std": float(std),
        "topk": top_mean,
        "topk_std": top_std,
        "below_median": lost,
        "optimum": result.meta["optimum"],
        "regret": Metric.of(result.meta).regret(result.meta["optimum"], float(mean)),
        "spearman": float(arrays["spearman"].mean()) * ranked,
        "kendall": float(arrays["kendall"].mean()) * ranked,
        "query_seconds": float(arrays["query_seconds"][:, at].mean()),
        "codes": float(arrays["codes"].mean()),
        "code_seconds": float(arrays["code_seconds"].mean()),
        "seconds": result.meta["seconds"],
    }


def top(result: "Result") -> tuple[float, float, float]:
    """Mean and deviation of `topk` at K, and the share of repeats below the median; NaN where there is no K."""
    if not result.k:
        return math.nan, math.nan, math.nan
    mean, std = mean_std(result.arrays["topk"][:, result.k - 1])
    return float(mean), float(std), float(below_median(result)[result.k - 1])


def found(result: "Result", archs: Any, label_name: str) -> list[dict[str, Any]]:
    """The architecture that each repeat recommends after N + K evaluations, in the benchmark's own notation."""
    at = result.n + result.k - 1
    chosen, best = result.arrays["chosen"][:, at], result.arrays["best"][:, at]
    return [
        {
            "seed": int(seed),
            "index": int(arch),
            "architecture": str(archs[arch]),
            "accuracy": float(value),
            "label": label_name,
        }
        for seed, arch, value in zip(result.arrays["seed"], chosen, best, strict=True)
    ]


def plural(count: int, noun: str) -> str:
    """A number and its noun."""
    return f"{count} {noun}{'s' * (count != 1)}"


def headline(result: "Result") -> str:
    """The best of a job, in a few words."""
    values, metric = numbers(result), Metric.of(result.meta)
    noun = "best acc." if metric.noun == "accuracy" else f"best {metric.noun}"
    said = f"{noun} {metric.spread(values['best_acc'], values['best_acc_std'], result.repeats)} {metric.unit}".rstrip()
    return "; ".join(filter(None, (said, warned(result), provenance.taken_over(result.meta))))


def warned(result: "Result") -> str:
    """What a user must know of a result beside its numbers; mostly nothing."""
    if lost := diverged(result):
        return f"the training of {lost} of {result.repeats} repeats has diverged (its loss is no number)"
    return ""


def names(result: "Result") -> dict[str, str]:
    """What a job is called by: its label, or the option of its method, and its space."""
    own, config = result.meta["choices"], result.meta["config"]
    return {
        "method": config.get("label") or choices.method(own),
        "space": choices.space(own, config.get("space", {})),
    }


def cells(result: "Result") -> dict[str, str]:
    """Heading -> number of the table of a job, as they are written; those of a ranking where there is one."""
    values, metric = numbers(result), Metric.of(result.meta)
    no_top = np.isnan(values["topk"])  # not every search ends with the top of a ranking
    unknown = np.isnan(values["optimum"])  # where architectures are trained when they are asked for
    best = "best acc." if metric.noun == "accuracy" else "best"
    shown = {
        "N": str(result.n),
        "K": str(result.k),
        f"{best} {metric.unit}".rstrip(): metric.spread(values["best_acc"], values["best_acc_std"], result.repeats),
        "optimum": DASH if unknown else metric.text(values["optimum"]),
        "regret": DASH if unknown else metric.text(values["regret"], like=values["best_acc"]),
        "top-K only": DASH if no_top else metric.spread(values["topk"], values["topk_std"], result.repeats),
        "below median %": proportions.text(values["below_median"], result.repeats),
        "Spearman": DASH if np.isnan(values["spearman"]) else f"{values['spearman']:z.3f}",
        "codes": f"{values['codes']:.1f}",
        "seconds": f"{values['seconds']:.1f}",
    }
    return {name: text for name, text in shown.items() if result.k or name not in RANKED}


def title(result: "Result") -> str:
    """Of the table of a job."""
    own, metric = names(result), Metric.of(result.meta)
    reported = metric.name if metric.name == metric.noun else f"{metric.noun} {metric.name}"
    said = [f"{own['method']} on {own['space']}: {plural(result.repeats, 'repeat')}", reported, metric.remark]
    return "; ".join([", ".join(filter(None, said)), *without_list(result.meta)])


def without_list(meta: Mapping[str, Any]) -> list[str]:
    """What must be said of values that are no measurements, and of what stands for a space without a list."""
    card = meta.get("card", {})
    said = {SURROGATE: "values of a surrogate, {}", SAMPLE: "{}"}
    return [text.format(card[key]) for key, text in said.items() if isinstance(card, dict) and key in card]


def table(result: "Result", width: int) -> RichTable:
    """The table at the end of a job, in so many characters; its columns leave in the order of `LEAVE`."""
    own, numbers_ = names(result), cells(result)
    columns = [METHOD, Column("space", left=True, leaves=rank("space", LEAVE))]
    columns += [Column(name, leaves=rank(name, LEAVE)) for name in numbers_]
    return Table(columns, [[*own.values(), *numbers_.values()]], title=title(result)).rich(width)
