"""What a notebook shows of an object: a line, and a small table."""

from pathlib import Path
from typing import Any

import pytest

import siamnas
from siamnas.jobs.store import Result
from siamnas.search.active_proposals import ActiveProposals
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space


def small(shown: str) -> bool:
    """A few lines, none of which is long."""
    return len(shown.splitlines()) <= 3 and len(shown) <= 400


def table(shown: Any, *words: str) -> None:
    html = shown._repr_html_()
    assert html.startswith("<table>") and html.endswith("</table>") and len(html) < 1200
    for word in words:
        assert word in html


def test_a_space_is_one_line_and_nothing_is_computed(shipped: dict[str, Benchmark]):
    for name, benchmark in shipped.items():
        space = benchmark.space
        shown = repr(space)
        assert "\n" not in shown and small(shown) and name in shown and f"{len(space):,}" in shown
        table(space, name, "architectures", "node types", "free columns")
    given = {name: getattr(space, name) for name in ("node_types", "types", "adjacency", "columns")}
    fresh = Space(name="fresh", archs=space.archs, **given)
    repr(fresh), fresh._repr_html_()
    assert not {"pruned", "classes", "support", "derived"} & vars(fresh).keys()
    assert repr(siamnas.Space.of_nano()).startswith("<Space 'nano': architectures 4,374, ")


def test_names_of_others_command_nothing():
    space = siamnas.Space.of_graphs([["in", "out"]], [[(0, 1)]], columns={"<b>": [1.0]}, name="<i>")
    assert "<i>" not in space._repr_html_() and "<b>" not in space._repr_html_()
    with pytest.raises(siamnas.InputError, match="must be a name of at most 1000 printable characters"):
        siamnas.Space.of_graphs([["in", "out"]], [[(0, 1)]], name="\x1b[31m\n")


def test_a_space_without_columns_and_with_many():
    graphs: Any = [["in", "out"]], [[(0, 1)]]
    assert "free columns none" in repr(siamnas.Space.of_graphs(*graphs))
    many = siamnas.Space.of_graphs(*graphs, columns={f"c{i}": [1.0] for i in range(30)})
    assert small(repr(many)) and "... (30 in all)" in repr(many)


def test_a_search_says_how_far_it_is(cells: Path):
    with siamnas.Search(cells, "random", budget=10) as search:
        assert "predictor random, budget 10, told 0, open 0, best none yet" in repr(search)
        archs = search.ask(3)
        search.tell(archs[:2], [0.5, 0.25])
        name = search.space.archs[archs[0]]
        assert f"told 2, open 1, best {name} (0.5)" in repr(search) and small(repr(search))
        table(search, "cells", "random", "told", f"{name} (0.5)")


def test_a_search_is_not_fitted_to_be_shown(cells: Path, monkeypatch: pytest.MonkeyPatch):
    with siamnas.Search(cells, "gp", budget=10, overrides=["search.recommend=posterior"]) as search:
        archs = search.ask(3)
        search.tell(archs, [0.1, 0.3, 0.2])
        monkeypatch.setattr(ActiveProposals, "predict", lambda *_: pytest.fail("fitted"))
        assert f"best {search.space.archs[archs[1]]} (0.3)" in repr(search)


def test_a_result_is_its_numbers(cells: Path, tmp_path: Path):
    result = siamnas.run(cells, "random", overrides=["search.n=8", "search.k=4"], repeats=2, out=tmp_path)
    assert repr(result).startswith("<Result of random on cells: 2 repeats, gt_accuracy: N 8, K 4, best % ")
    assert small(repr(result))
    table(result, "random on cells: 2 repeats", "regret", "N")


def test_a_part_of_a_result_can_be_shown(tmp_path: Path):
    assert repr(Result({"seed": [0]}, {})) == "<Result: seed>"


def test_a_comparison_is_a_line_per_method(cells: Path, tmp_path: Path):
    found = siamnas.compare(["random", "evolution"], cells, [8, 12], seeds=2, out=tmp_path)
    head, *lines = repr(found).splitlines()
    assert head.endswith("best after 8, 12 evaluations:") and len(lines) == 2 and "cells, random search: " in lines[0]
    table(found, "random search", "regularised evolution", "<th>8</th>", "<th>12</th>")
