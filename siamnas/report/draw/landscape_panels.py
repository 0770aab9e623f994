"""Panels of the figures of a space: accuracy against FLOPs, accuracy against a code."""

from typing import TYPE_CHECKING

import numpy as np

from siamnas.graphs.arrays import FloatArray
from siamnas.report.draw.style import INK, MUTED
from siamnas.report.read.catalogue import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOW = 0.03  # share that lies below the accuracy axis: architectures that hardly train would take most of its length
AXIS = (0.005, 0.985)  # quantiles of a code at the ends of its axis; losses have a long tail
BINS = 30  # of a density, each way
DENSITY = "Blues"  # one hue, dark where the architectures are many
FAINT = -2.0  # log of the count that would be white, so that a single architecture is seen
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500)  # of MFLOPs
LIGHT, OTHERS = COLOURS["siams_nsam_bts"], COLOURS["siams"]


def flops_panel(ax: "Axes", flops: FloatArray, report: FloatArray, limit: float) -> None:
    """The architectures, the best of them up to each FLOPs, and the limit.

    Args:
        ax: drawn on.
        flops: (M,) MFLOPs.
        report: (M,) accuracies as fractions.
        limit: MFLOPs.
    """
    percent = 100 * report
    light = flops <= limit
    for which, colour, name in ((light, LIGHT, f"at most {limit:g} MFLOPs"), (~light, OTHERS, "more")):
        ax.scatter(flops[which], percent[which], s=4, alpha=0.25, linewidths=0, color=colour, rasterized=True)
        ax.scatter([], [], s=16, color=colour, label=name)
    order = np.argsort(flops, kind="stable")
    best = np.maximum.accumulate(percent[order])
    ax.step(flops[order], best, where="post", color=INK, linewidth=1.1, label="the best at or below these FLOPs")
    ax.axvline(limit, color=MUTED, linewidth=0.9, linestyle=(0, (4, 2.5)))
    top = percent[light].max()
    ax.annotate(f"{top:.2f}", (limit, top), (-3, 3), textcoords="offset points", ha="right", fontsize=8.5)
    ax.set_xscale("log")
    ax.set_xticks([tick for tick in TICKS if flops.min() <= tick <= flops.max()], minor=False)
    ax.set_xticks([], minor=True)
    ax.xaxis.set_major_formatter("{x:g}")
    low = np.quantile(percent, LOW)
    ax.set_xlim(0.9 * flops[percent >= low].min(), 1.1 * flops.max())
    ax.set_ylim(float(low), percent.max() + 0.05 * (percent.max() - low))
    ax.set_xlabel("MFLOPs")


def code_panel(ax: "Axes", values: FloatArray, report: FloatArray) -> None:
    """How many architectures lie where, on a logarithmic scale.

    Args:
        ax: drawn on.
        values: (m,) of the code.
        report: (m,) accuracies as fractions.
    """
    percent = 100 * report
    limits = (np.quantile(percent, LOW), percent.max()), np.quantile(values, AXIS)
    counts, y, x = np.histogram2d(percent, values, BINS, limits)
    ax.imshow(
        np.log(np.where(counts, counts, np.nan)),
        cmap=DENSITY,
        origin="lower",
        extent=(x[0], x[-1], y[0], y[-1]),
        aspect="auto",
        interpolation="none",
        vmin=FAINT,
        zorder=2,
    )
