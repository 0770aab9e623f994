"""What can be read in every figure: words and no keys of a configuration, colours on white, markers in grey."""

import html
import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from siamnas.graphs import figure
from siamnas.report.draw.style import worded
from siamnas.report.read import catalogue
from tests.report.test_line_labels import sizes_of
from tests.support import ROOT

SVG_TEXT = re.compile(r"<(?:text|tspan)[^>]*>([^<]+)<")
KEY, HASH, CLASS = (
    re.compile(r"\b[a-z_][\w.]*=\S"),
    re.compile(r"\b[0-9a-f]{8}\b"),
    re.compile(r"\b[A-Z][a-z]+[A-Z]\w+"),
)
PROPER = ("ImageNet16", "PyTorch", "ImageNet", "MnasNet", "OpenTal", "WeakNAS")  # names that are written like classes
LEAST = 1.9  # contrast of a line on white


def committed() -> list[str]:
    """The figures of the repository; the terminal shows what one types."""
    listed = subprocess.run(["git", "ls-files", "-z", "*.svg"], cwd=ROOT, capture_output=True, check=True, text=True)
    names = set(listed.stdout.split("\0")) - {"", "docs/figures/terminal.svg"}
    return sorted(name for name in names if (ROOT / name).is_file())


def unreadable(text: str) -> list[str]:
    """The words of an SVG that only the program knows."""
    words = [html.unescape(word) for word in SVG_TEXT.findall(text)]
    plain = [re.sub("|".join(PROPER), "", word) for word in words]
    return [
        word for word, own in zip(words, plain, strict=True) if KEY.search(own) or HASH.search(own) or CLASS.search(own)
    ]


@pytest.mark.parametrize("name", committed())
def test_a_committed_figure_speaks_to_a_reader(name: str):
    assert not unreadable((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [name for name in committed() if name.endswith("-80mm.svg")])
def test_a_committed_figure_for_a_column_can_be_read_there(name: str):
    """It is 80 mm wide, no text is below 6 points, and each panel has its numbers."""
    text = (ROOT / name).read_text(encoding="utf-8")
    width = float(re.search(r'<svg[^>]* width="([\d.]+)pt"', text)[1])
    assert width == pytest.approx(80 / 25.4 * 72, abs=0.1)
    assert min(sizes_of(text, 80)) >= 6
    ticks = [len(re.findall(rf'<g id="{axis}tick_', text)) for axis in "xy"]
    assert min(ticks) >= 3 * min(text.count('<g id="axes_'), 2)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("random forest (acquisition=top)", "random forest (acquisition top)"),
        ("Siams (space.label.run=0, trainer=fast)", "Siams (run 0, trainer fast)"),
        ("ours, a = b", "ours, a = b"),
        ("GCN (search/x.share_of=.5)", "GCN (share of .5)"),
    ],
)
def test_a_difference_is_told_in_words(name: str, text: str):
    assert worded(name) == text


def test_the_figures_of_a_report_speak_to_a_reader(siamnas, sweep: Path, tmp_path: Path, blank):
    assert siamnas("report", str(sweep), "--out", str(tmp_path)).code == 0
    files = list(tmp_path.glob("*.svg"))
    assert files
    for file in files:
        assert not unreadable(file.read_text(encoding="utf-8")), file.name


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines it."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", sorted({*catalogue.COLOURS.values(), *catalogue.SPARE}))
def test_a_line_shows_on_white(colour: str):
    assert 1.05 / (luminance(colour) + 0.05) >= LEAST


def test_methods_differ_in_grey():
    """By their markers or their dashes."""
    looks = {(method.marker, str(method.dash)) for method in catalogue.METHODS.values()}
    assert len(looks) == len(catalogue.METHODS)


def test_numbers_show_on_the_operations_of_a_picture():
    for colour in figure.COLOURS:
        one, other = sorted((luminance(colour), luminance(figure._ink(colour))))
        assert (other + 0.05) / (one + 0.05) >= 4


def test_predictions_of_a_report_speak_to_a_reader(siamnas, tmp_path: Path):
    words = ["predictor=gp", "space=tiny_nb201", "search.n=10", "repeats=2", "logger=none", f"out={tmp_path}/outputs"]
    assert siamnas(*words).code == 0
    assert siamnas("report", f"{tmp_path}/outputs", "--out", str(tmp_path), "--predicted", "--narrow").code == 0
    text = (tmp_path / "tiny_nb201-predicted.svg").read_text(encoding="utf-8")
    assert "tau" in text and "CRPS" in text and not unreadable(text)
    rows = pd.read_csv(tmp_path / "predicted.csv")
    assert len(rows) == 20 and set(rows["method"]) == {"Gaussian process"}
    assert min(sizes_of(text, 80)) >= 6
