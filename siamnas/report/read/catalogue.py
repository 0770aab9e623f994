"""What the report knows by name: methods and how they are drawn, spaces, columns, models."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Method:
    """A method as every table and figure has it.

    Attributes:
        name: for people.
        colour: of its curves.
        marker: of its points, in matplotlib's notation.
        dash: of its curves, in matplotlib's notation.
        learns: whether it knows anything of the accuracies; if not, it is a baseline.
    """

    name: str
    colour: str
    marker: str
    dash: Any = "-"
    learns: bool = True


# Option of the group `predictor`, or `search` where that needs none -> method, in the order of tables and legends:
# baselines first, then the paper's by their parts. Okabe and Ito's colours, which colour-blind people tell apart; greys
# for what does not learn.
METHODS = {
    "random": Method("random search", "#9b9ba5", "x", (0, (1, 1.2)), learns=False),
    "column": Method("fixed order", "#646e7d", "+", (0, (5, 1.5, 1, 1.5)), learns=False),
    "local": Method("local search", "#b5a642", "1"),
    "evolution": Method("regularised evolution", "#88aa00", "2"),
    "tpe": Method("TPE", "#cc6677", "3"),
    "nsga2": Method("NSGA-II", "#ee8866", "4"),
    "forest": Method("random forest", "#7a5230", "*"),
    "boosting": Method("gradient boosting", "#7a7ae6", "p"),
    "gp": Method("Gaussian process", "#117733", "h"),
    "gp_2026": Method("Gaussian process 2026", "#66a61e", "d"),
    "weaknas": Method("WeakNAS", "#ddaa33", ">"),
    "bananas": Method("BANANAS", "#aa3377", "<"),
    "nasbowl": Method("NAS-BOWL", "#4477aa", "H"),
    "gcn": Method("GCN", "#e69f00", "s"),
    "siams": Method("Siams", "#56b4e9", "^"),
    "siams_nsam": Method("Siams + NSAM", "#0072b2", "D"),
    "siams_bts": Method("Siams + BTS", "#009e73", "v"),
    "siams_nsam_bts": Method("Siams + NSAM + BTS", "#d55e00", "o"),
    "brp": Method("BRP-NAS", "#cc79a7", "P"),
}
COLOURS = {option: method.colour for option, method in METHODS.items()}
REFERENCE, REFERENCE_TRAINER = "siams_nsam_bts", "paper"  # what others are compared with, unless something else is said
UNCHANGED = "reference"  # option of `experiment/ablation` that changes nothing
SPARE = ("#44aa99", "#999933", "#aa4499", "#b5835a", "#c2a83e")  # for methods that are not listed
SPARE_MARKER, SPARE_DASHES = ".", ("-", (0, (5, 1.5)), (0, (1, 1.2)))  # a dash for each round of these colours

# Stable names of classes, see `siamnas.experiment.identity`: whatever option names them.
TOPK, SAMPLER = "topk", "bts"
ANYHOW = ("active", "transfer")  # searches that learn from every evaluation
RANDOM, COLUMN, BRP, REGRESSOR = "random", "column", "brp", "regressor"
BY_CLASS = (RANDOM, COLUMN, BRP)  # predictors that are also options of METHODS
FAMILIES = {"gcn": "GCN", "siams": "Siams"}  # their parts are named one by one
RECIPES = ("weaknas",)  # options that are called by their own names, whatever their model
MODELS = {"RandomForestRegressor": "random forest", "GradientBoostingRegressor": "gradient boosting"}

COLUMNS = {"flops": "FLOPs", "params": "parameters", "mote_score": "MOTE score"}
OBJECTIVES = {  # for axes
    "flops": "FLOPs, M",
    "params": "parameters, M",
    "latency.edgegpu": "latency on an edge GPU, ms",
    "latency.raspi4": "latency on a Raspberry Pi 4, ms",
    "latency.edgetpu": "latency on an edge TPU, ms",
    "latency.pixel3": "latency on a Pixel 3, ms",
    "latency.eyeriss": "latency on Eyeriss, ms",
    "latency.fpga": "latency on an FPGA, ms",
    "energy.edgegpu": "energy on an edge GPU, mJ",
    "energy.eyeriss": "energy on Eyeriss, mJ",
    "energy.fpga": "energy on an FPGA, mJ",
}
SPACES = {
    "nb201_c10": "NAS-Bench-201, CIFAR-10",
    "nb201_c100": "NAS-Bench-201, CIFAR-100",
    "nb201_img16": "NAS-Bench-201, ImageNet16-120",
    "tiny_nb201": "Tiny-NASBench-201, CIFAR-10",
    "tiny_nanobench": "Tiny-NanoBench, CIFAR-10",
    "nb_macro": "NAS-Bench-Macro, CIFAR-10",
    "nano_pilot": "Nano pilot, CIFAR-10",
    "nas_bench_graph": "NAS-Bench-Graph",
    "accel_nasbench": "Accel-NASBench, ImageNet",
}
LIGHT_SPACES = ("tiny_nb201", "tiny_nanobench", "nb_macro", "nano_pilot")  # those of Figure 7
KS = (10, 20, 30)  # Figure 6
LIGHT_KS = (5, 10)  # Figure 7
BUDGETS = (20, 30, 40, 60, 100)  # evaluations at which all methods are compared


def learns(kind: str) -> bool:
    """Whether a method knows anything of the accuracies; one that is not listed does."""
    return kind not in METHODS or METHODS[kind].learns


def seat(kind: str) -> int:
    """Place of a method in tables and legends; those that are not listed come last."""
    return list(METHODS).index(kind) if kind in METHODS else len(METHODS)


def described(column: str) -> tuple[str, str]:
    """A column for people, and its unit: `latency on an edge GPU`, `ms`; one that is not known is called as it is."""
    words, _, unit = OBJECTIVES.get(column, COLUMNS.get(column, column)).partition(", ")
    return words, unit
