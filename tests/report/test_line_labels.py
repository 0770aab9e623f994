"""Lines that are named where they end, and figures for a column of a paper."""

import re

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from siamnas.report.write.page import DARK, inline
from siamnas.runtime import drawing
from siamnas.runtime.line_labels import CONTRAST, apart, contrast, luminance, name_ends, readable

matplotlib.use("Agg")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.data())
def test_labels_do_not_overlap_and_keep_their_order(heights, data):
    sizes = np.array(data.draw(st.lists(st.floats(0.01, 0.12), min_size=len(heights), max_size=len(heights))))
    found = apart(np.array(heights), sizes)
    order = np.argsort(heights, kind="stable")
    gaps = np.diff(found[order]) - (sizes[order][1:] + sizes[order][:-1]) / 2
    assert (gaps >= -1e-9).all()
    assert (found >= sizes / 2 - 1e-9).all() and (found <= 1 - sizes / 2 + 1e-9).all()


def test_a_label_that_has_room_stays_where_its_line_ends():
    assert apart(np.array([0.2, 0.9, 0.5]), np.full(3, 0.1)) == pytest.approx([0.2, 0.9, 0.5])


def test_seven_lines_are_named_and_the_others_faint():
    with drawing.panels(1, 1, (6, 4)) as figure:
        (ax,) = figure.axes
        for i in range(9):
            ax.plot([0, 1], [0, i], label=f"m{i}", color="red")
        name_ends(ax, [f"m{i}" for i in reversed(range(9))])
        places = {text.get_text(): text.xy[1] for text in ax.texts if text.get_text()}
        low, high = ax.get_ylim()
        assert places["m8"] == pytest.approx((8 - low) / (high - low)), "where its line ends, limits set or not"
        written = {text.get_text() for text in ax.texts} - {""}
        assert written == {f"m{i}" for i in range(2, 9)}
        assert [line.get_color() == "red" for line in ax.get_lines()] == [False] * 2 + [True] * 7


def names(*ends: float, wall: bool = False) -> dict[str, tuple[float, float]]:
    """Where lines of these last points are named, which all start at 0 and lie at heights of their own."""
    with drawing.panels(1, 1, (6, 4)) as figure:
        (ax,) = figure.axes
        for i, end in enumerate(ends):
            ax.plot([0, end], [i + 1, i + 1], label=f"m{i}")
        if wall:  # a steep line just behind the ends
            ax.plot([0.2, 0.2001, 0.3], [0, len(ends) + 1, len(ends) + 1], label="_wall")
        ax.set(xlim=(0, 1), ylim=(0, len(ends) + 1))
        name_ends(ax)
        return {text.get_text(): text.xy for text in ax.texts if text.get_text()}


def test_a_line_that_ends_early_is_named_there():
    found = names(0.1, 0.5, 0.95)
    assert [0.1 < found["m0"][0] < 0.15, 0.5 < found["m1"][0] < 0.55, found["m2"][0] == 1] == [True] * 3
    assert [found[f"m{i}"][1] for i in range(3)] == pytest.approx([0.25, 0.5, 0.75])


def test_but_not_across_another_line():
    assert {x for x, _ in names(0.17, 0.18, wall=True).values()} == {1}


@pytest.mark.parametrize("colour", ["#e69f00", "#56b4e9", "#f0e442", "#000000"])
@pytest.mark.parametrize("ground", ["white", DARK])
def test_a_name_can_be_read_on_any_page(colour, ground):
    levels = (luminance(np.array(to_rgb(one))) for one in (readable(colour, ground), ground))
    assert contrast(*levels) >= CONTRAST


def test_a_narrow_figure_is_80_mm_wide_and_no_text_is_below_6_points():
    with drawing.narrow(), drawing.panels(1, 2, (10, 4)) as figure:
        for ax in figure.axes:
            ax.plot([0, 1], label="a line")
            ax.set(title="title", xlabel="evaluations", ylabel="regret")
            name_ends(ax)
            ax.legend()
            ax.annotate("optimum", (0, 0), fontsize=drawing.small())
        drawing.write_title(figure, "a long title of a benchmark that does not fit into a single line")
        svg, _ = drawing.render(figure)
    assert sizes_of(svg, 80) and min(sizes_of(svg, 80)) >= 6
    assert float(re.search(r'<svg[^>]* width="([\d.]+)pt"', svg)[1]) == pytest.approx(80 / 25.4 * 72, abs=0.1)
    left, right = (ax.get_position() for ax in figure.axes)
    assert left.x0 == pytest.approx(right.x0, abs=0.02) and left.y0 > right.y1


def test_axes_alone_can_be_read_80_mm_wide():
    with drawing.styled():
        ax = drawing.single(None)
        ax.plot([0, 1], label="a line")
        ax.set(title="title", xlabel="evaluations", ylabel="regret")
        ax.legend()
        name_ends(ax)
        svg, _ = drawing.render(ax.figure)
        plt.close(ax.figure)
    assert min(sizes_of(svg, 80)) >= 6


def sizes_of(svg: str, width: float) -> list[float]:
    """The sizes of all texts of an SVG in points, where it is so many mm wide."""
    points = float(re.search(r'<svg[^>]* width="([\d.]+)pt"', svg)[1])
    found = re.findall(r"font(?:-size)?: ?(?:[a-z0-9]+ )*([\d.]+)px", svg)
    return [float(size) * width / 25.4 * 72 / points for size in found]


def test_a_figure_of_a_page_keeps_the_size_of_its_texts():
    page = inline('<svg width="300pt" height="90pt"></svg>', "f1")
    assert '<svg style="min-width: 320px; max-width: 480px">' in page  # 400 px are 300 points


def test_the_colours_of_a_page_are_lightened_in_the_dark_alone():
    page = inline('<svg width="9pt"><path style="stroke: #0000aa"/><path style="stroke: #ffffff"/></svg>', "f1")
    assert "var(--0000aa, #0000aa)" in page and "stroke: #ffffff" in page
    assert re.search(r"prefers-color-scheme: dark\) \{ :root \{ --0000aa: #[0-9a-f]{6}; \} \}", page)
