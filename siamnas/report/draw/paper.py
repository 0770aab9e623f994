"""The curves of the paper's Figures 6 and 7, for the benchmarks that they can be laid over."""

import io
from typing import TYPE_CHECKING

from siamnas.benchmarks import shipped
from siamnas.report.read.collect import Benchmark

if TYPE_CHECKING:
    import pandas as pd

FILE = "paper_curves.csv"
OPTIONS = {
    "predictor": "gcn",
    "siams": "siams",
    "siams +NSAM": "siams_nsam",
    "siams +NSAM +BTS": "siams_nsam_bts",
    "Tiny-NanoBench": "siams_nsam_bts",
    "Tiny-NASBench-201": "siams_nsam_bts",
}
LIGHT_CURVES = {"tiny_nb201": "Tiny-NASBench-201", "tiny_nanobench": "Tiny-NanoBench"}
SIZES = {"nb201_c100": 15_625, "tiny_nb201": 4_096}  # with another FLOPs limit it is another space
FIXED_N = {30: "6a"}
FIXED_K = {30: "6b"}
LIGHT_FIXED_K = {5: "7a", 10: "7b"}


def curves(benchmark: Benchmark, *, n: int | None = None, k: int | None = None) -> "pd.DataFrame":
    """The paper's curves at a fixed N, or at a fixed K.

    Returns:
        Columns `option` (of the group predictor), `n_plus_k` and `best` (fraction); no rows where the paper has no
        curve for this space, this data set and this accuracy.
    """
    import pandas as pd

    table = pd.read_csv(io.BytesIO(shipped.read(FILE))).dropna()
    light = benchmark.space in LIGHT_CURVES
    figure = FIXED_N.get(n or 0) if k is None else (LIGHT_FIXED_K if light else FIXED_K).get(k)
    if not (light or benchmark.space == "nb201_c100") or SIZES.get(benchmark.space, benchmark.size) != benchmark.size:
        figure = None
    if benchmark.space in SIZES and not benchmark.metric.name.startswith("test_200"):
        figure = None
    table = table[table["figure"] == figure]
    if light:
        table = table[table["curve"] == LIGHT_CURVES[benchmark.space]]
    return pd.DataFrame(
        {
            "option": table["curve"].map(OPTIONS),
            "n_plus_k": table["trained_samples"].astype(int),
            "best": table["mean_acc_digitized"].astype(float),
        }
    ).reset_index(drop=True)
