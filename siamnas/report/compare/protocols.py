"""The two protocols by which a result is read, and the labels of axes, titles and captions."""

from dataclasses import dataclass

from siamnas.benchmarks.metric import Metric


@dataclass(frozen=True, eq=False)
class Protocol:
    """Which architectures count at N and K, and what figures say about it.

    Attributes:
        name: in tests.
        stem: in file names.
        column: of the repeats; with `_mean` and `_std`, of the curves.
        title: behind the name of the benchmark in figures.
        axes: what is fixed -> what the other axis shows.
        captions: what is fixed -> the first sentence below a figure, with {noun} for the metric, {values} for what is
            fixed, and {figure} for that of the paper.
        baselines: the sentence about methods that learn nothing.
    """

    name: str
    stem: str
    column: str
    title: str
    axes: dict[str, str]
    captions: dict[str, str]
    baselines: str


MAIN = Protocol(
    name="main",
    stem="evaluated",
    column="best",
    title="",
    axes={"n": "evaluations", "k": "evaluations, N + K (N grows)"},
    captions={
        "n": "Best {noun} of all evaluated architectures, against the number of evaluations; the ranking begins after "
        "N = {values} of them (dotted line).",
        "k": "Best {noun} of all evaluated architectures, after N + K evaluations, with K = {values}.",
    },
    baselines="A baseline that learns nothing has no N: its curve is the best so far in its own order.",
)
TOPK = Protocol(
    name="topk",
    stem="topk",
    column="topk",
    title=": top-K only",
    axes={"n": "N + K (K grows)", "k": "N + K (N grows)"},
    captions={
        "n": "Top-K only, the paper's protocol: best {noun} among the first K of the ranking alone; the N of the "
        "training set do not count. N = {values} is fixed and K grows (Figure 6a).",
        "k": "Top-K only, the paper's protocol: best {noun} among the top K of the ranking alone; the N of the "
        "training set do not count. K = {values} is fixed and N grows (Figure {figure}).",
    },
    baselines="A baseline that learns nothing evaluates only its K; it is drawn at the same N + K.",
)
PROTOCOLS = (MAIN, TOPK)


def label_text(column: str) -> str:
    """The column of an accuracy in words, for example `test accuracy after 200 epochs, mean of the runs`."""
    split, _, rest = column.partition("_")
    epochs, _, run = rest.partition("_")
    if split not in ("test", "valid") or not epochs.isdigit():
        return column
    which = "mean of the runs" if run == "mean" else f"single training run {run.removeprefix('run')}"
    return f"{'validation' if split == 'valid' else split} accuracy after {epochs} epochs, {which}"


def metric_text(metric: Metric) -> str:
    """The metric in words, with the direction where it is not the usual one."""
    return ", ".join(filter(None, (label_text(metric.name), metric.remark)))


def axis_text(metric: Metric) -> str:
    """For an axis, for example `test accuracy, %`."""
    split = {"test": "test ", "valid": "validation "}.get(metric.name.partition("_")[0], "")
    words = [split * (metric.noun != metric.name) + metric.noun, metric.unit, metric.remark]
    return ", ".join(filter(None, words))


def best_text(metric: Metric) -> str:
    """For a title, for example `best accuracy in % after N + K evaluations`."""
    unit = f" in {metric.unit}" if metric.unit else ""
    return ", ".join(filter(None, (f"best {metric.noun}{unit} after N + K evaluations", metric.remark)))
