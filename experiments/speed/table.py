"""Rows of measurements, and the table and figure made of them.

Run as: python experiments/speed/table.py  (draws the figure again from table.csv)
"""

import csv
import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from siamnas.jobs import provenance
from siamnas.report.read.catalogue import COLOURS, METHODS
from siamnas.runtime import files
from siamnas.runtime.drawing import INK, MUTED, narrow, narrow_file, panels, render
from siamnas.runtime.parallel import cores

K = TypeVar("K")
T = TypeVar("T")
Setting = Mapping[str, str | int]
Key = tuple[str, str, str]

STEPS = "Training step"
ALTERNATIVES = "Training step computed otherwise"
JOBS = "Whole job"
FORMER = re.compile(r"Training step at R = (\d+), computed otherwise")
RATE, FLOOR_RATE, SECONDS = "steps / s", "matrix products alone, steps / s", "seconds"


@dataclass(frozen=True)
class Row:
    """One quantity of one setting.

    Attributes:
        part: title of its table.
        setting: what was measured; the first columns of the table.
        quantity: with its unit; the column of the table.
        samples: the values.
    """

    part: str
    setting: Setting
    quantity: str
    samples: Sequence[float]

    @property
    def key(self) -> Key:
        """What there is one row of."""
        return self.part, _words(self.setting), self.quantity

    @property
    def value(self) -> float:
        """The median of the samples."""
        return median(self.samples)

    def __str__(self) -> str:
        return f"{self.part}: {_words(self.setting)}: {self.quantity} {self.text}"

    @property
    def text(self) -> str:
        """The median and, of several samples, the lowest and the highest."""
        if len(self.samples) == 1:
            return number(self.value)
        return f"{number(self.value)} ({number(min(self.samples))} to {number(max(self.samples))})"


def interleave(tasks: Mapping[K, Callable[[], T]], samples: int) -> dict[K, list[T]]:
    """Do all tasks, one after the other, so many times: what each has returned."""
    results: dict[K, list[T]] = {key: [] for key in tasks}
    for _ in range(samples):
        for key, task in tasks.items():
            results[key].append(task())
    return results


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """The ratio within each round of samples."""
    return [a / b for a, b in zip(above, below, strict=True)]


def number(value: float) -> str:
    """Three significant digits, or all before the point."""
    return f"{value:.{max(2 - floor(log10(abs(value))), 0) if value else 0}f}"


def write(rows: Sequence[Row], machine: str, folder: Path) -> None:
    """`table.md` with one table per part, and `table.csv` with one line per row."""
    lines = ["# Speed", "", machine, "", "Median of the samples (lowest to highest). R: repeats trained together."]
    for part in dict.fromkeys(row.part for row in rows):
        lines += ["", f"## {part}", "", *_markdown([row for row in rows if row.part == part])]
    (folder / "table.md").write_text("\n".join(lines) + "\n")
    with (folder / "table.csv").open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["part", "setting", "quantity", "median", "lowest", "highest", "samples"])
        for row in rows:
            values = (row.value, min(row.samples), max(row.samples))
            out.writerow([*row.key, *(f"{value:.6g}" for value in values), len(row.samples)])


def machine() -> str:
    """The machine, the software, how busy the machine is, and when."""
    facts = [
        f"{_processor()}, {cores()} cores, {_caches()}",
        f"Python {platform.python_version()}, torch {provenance.versions()['torch']}, {_compiler()}",
        f"load average {os.getloadavg()[0]:.2f} at the start",
        f"{time.strftime('%Y-%m-%d %H:%M')}, commit {(provenance.commit() or 'unknown')[:8]}",
    ]
    return "; ".join(facts) + "."


def read(folder: Path) -> list[Row]:
    """The rows of a `table.csv`, with their medians alone."""
    with (folder / "table.csv").open(newline="") as file:
        return [_row(row) for row in csv.DictReader(file)]


def _row(row: Mapping[str, str]) -> Row:
    """A line of a `table.csv`; in the committed one a title says the R of what was computed otherwise."""
    setting, at = _setting(row["setting"]), FORMER.fullmatch(row["part"])
    part, setting = (ALTERNATIVES, {**setting, "R": int(at[1])}) if at else (row["part"], setting)
    return Row(part, setting, row["quantity"], [float(row["median"])])


def picture(rows: Sequence[Row], folder: Path) -> None:
    """`speed.png`, `speed.svg` and `speed-80mm.svg`: steps per second against R, seconds of the whole job against N."""
    svg, png = _drawn(rows)
    files.write(folder / "speed.svg", svg)
    files.write(folder / "speed.png", png)
    with narrow():
        files.write(folder / narrow_file("speed"), _drawn(rows)[0])


def _drawn(rows: Sequence[Row]) -> tuple[str, bytes]:
    """The figure as SVG and as PNG."""
    with panels(1, 2, (9.6, 3.8)) as figure:
        left, right = figure.axes
        steps_over_r(rows, left)
        seconds_over_n(rows, right)
        return render(figure)


def steps_over_r(rows: Iterable[Row], ax: Axes) -> Axes:
    """Training steps per second against R, their matrix products alone, and other ways to compute them."""
    looks: dict[str, dict[str, Any]] = {
        FLOOR_RATE: {"color": MUTED, "linestyle": (0, (4, 2)), "marker": ".", "label": "matrix products alone"},
        RATE: {
            "color": COLOURS["siams_nsam_bts"],
            "marker": METHODS["siams_nsam_bts"].marker,
            "label": "training step",
        },
    }
    for quantity, look in looks.items():
        points = [(row.setting["R"], row.value) for row in rows if (row.part, row.quantity) == (STEPS, quantity)]
        if points:
            ax.plot(*zip(*points, strict=True), markersize=5, **look)
    others = {"torch.compile": ("siams_nsam", "^"), "plain PyTorch": ("gcn", "s")}
    for row in rows:
        if row.part == ALTERNATIVES and row.quantity == RATE and (name := str(row.setting["with"])) in others:
            colour, marker = others[name]
            ax.plot(row.setting["R"], row.value, marker, color=COLOURS[colour], markersize=6, label=name)
    ax.set(xscale="log", yscale="log", xlabel="R, repeats trained together", title="Training steps per second, 1 core")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:g}")
        axis.set_minor_locator(NullLocator())
    if ax.lines:
        ax.legend(loc="lower left")
    return ax


def seconds_over_n(rows: Iterable[Row], ax: Axes) -> Axes:
    """Seconds of a whole job of the most repeats against N, one line per trainer."""
    timed = [row for row in rows if row.part == JOBS and row.quantity == SECONDS]
    most = max((int(row.setting["repeats"]) for row in timed), default=0)
    whole = [row for row in timed if row.setting["repeats"] == most]
    looks = zip(("siams_nsam_bts", "siams_nsam", "gcn"), ("-", (0, (5, 1.5)), (0, (1, 1.2))), strict=True)
    for trainer, (look, dash) in zip(dict.fromkeys(row.setting["trainer"] for row in whole), looks, strict=False):
        points = sorted((row.setting["N"], row.value) for row in whole if row.setting["trainer"] == trainer)
        n, seconds = zip(*points, strict=True)
        ax.plot(n, seconds, color=COLOURS[look], marker=METHODS[look].marker, linestyle=dash, markersize=5)
        ax.annotate(str(trainer), points[-1], (7, 0), textcoords="offset points", va="center", color=INK)
    ax.set(xlabel="N, trained architectures", title=f"Seconds for {most} repeats, {cores()} cores")
    ax.margins(x=0.15, y=0.1)
    ax.set_ylim(0, None)
    return ax


def _markdown(rows: Sequence[Row]) -> list[str]:
    """A table with one line per setting and one column per quantity."""
    names, quantities = list(rows[0].setting), list(dict.fromkeys(row.quantity for row in rows))
    lines = [[*names, *quantities], ["---"] * (len(names) + len(quantities))]
    for words in dict.fromkeys(_words(row.setting) for row in rows):
        own = {row.quantity: row for row in rows if _words(row.setting) == words}
        setting = next(iter(own.values())).setting
        lines.append([*map(str, setting.values()), *(own[q].text if q in own else "" for q in quantities)])
    return ["| " + " | ".join(line) + " |" for line in lines]


def _setting(words: str) -> Setting:
    """What `_words` has written."""
    pairs = (word.rsplit(" ", 1) if word[-1].isdigit() else word.split(" ", 1) for word in words.split(", "))
    return {name: int(value) if value.isdigit() else value for name, value in pairs}


def _words(setting: Setting) -> str:
    return ", ".join(f"{name} {value}" for name, value in setting.items())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _caches() -> str:
    """Data caches of the first core, where Linux tells them."""
    found = []
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = ((folder / name).read_text().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            found.append(f"L{level} {size}")
    return ", ".join(found) or "caches unknown"


def _compiler() -> str:
    """The C compiler's first line about itself."""
    path = shutil.which(os.environ.get("CC", "cc"))
    if path is None:
        return "no C compiler"
    return subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


if __name__ == "__main__":
    picture(read(Path(__file__).parent), Path(__file__).parent)
