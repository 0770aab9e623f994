"""What is measured, in words: for captions, axes and titles."""

from siamnas.benchmarks.metric import Metric


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
