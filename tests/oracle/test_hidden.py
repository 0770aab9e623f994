"""Nobody above the oracle reads what was not asked for at its cost."""

import ast
import dataclasses
from pathlib import Path

import numpy as np
import pytest

import siamnas
from siamnas.acquisition.bts import BatchTopSampler
from siamnas.acquisition.half import HalfAndHalf
from siamnas.acquisition.random import Random as AllRandom
from siamnas.acquisition.top import Top
from siamnas.oracle.table import TableOracle
from siamnas.search.active import Active, InitialDesign
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space
from tests.predictors.every import MAKERS
from tests.support import remeasured, run, tiny_benchmark, tiny_search

PACKAGE = Path(siamnas.__file__).parent
ACQUISITIONS = {
    "random": AllRandom,
    "top": lambda: Top(3),
    "half": lambda: HalfAndHalf(3),
    "bts": lambda: BatchTopSampler(0.3, 3, 10, "published", [0.2, 0.7], 0.3),
}
START = InitialDesign(10, "maximin", None)
MEASURED = ("label", "report", "code", "train_seconds", "code_seconds")


class Strict(TableOracle):
    """The table for everybody else is NaN, and a query that the search has not asked for raises.

    A predictor or an acquisition function that takes a label or a code from anywhere but an answer finds NaN; one that
    queries by itself does not get far.
    """

    def __init__(self, benchmark: Benchmark, repeats: int) -> None:
        measured = benchmark.measured
        own = {name: getattr(measured, name).copy() for name in MEASURED}
        own["columns"] = {name: values.copy() for name, values in measured.columns.items()}
        super().__init__(Benchmark(benchmark.space, dataclasses.replace(measured, **own)), repeats)
        self.coded = self.coded.copy()
        for values in (*(getattr(measured, name) for name in MEASURED), *measured.columns.values()):
            values[:] = np.nan
        self.asked = np.zeros((repeats, len(benchmark.space)), dtype=bool)

    def query(self, archs):
        """The values of architectures that were asked for."""
        assert np.take_along_axis(self.asked, archs, axis=1).all(), "nobody has asked for this"
        return super().query(archs)


def outcome(name: str, acquisition: str, kind: type[TableOracle], benchmark: Benchmark):
    """The search of a predictor by an acquisition function at its end, and what it has asked for."""
    oracle = kind(benchmark, 2)
    asked = getattr(oracle, "asked", np.zeros((2, len(benchmark.space)), dtype=bool))
    predictor = MAKERS[name](benchmark.space, range(2), oracle)
    search, _ = tiny_search(predictor, benchmark, ACQUISITIONS[acquisition](), oracle, n=20, depth=10)
    found = run(search, oracle, lambda archs: np.put_along_axis(asked, archs, True, axis=1))
    np.testing.assert_array_equal(asked.sum(axis=1), oracle.cost().queries)
    return found, asked


@pytest.mark.parametrize("acquisition", ACQUISITIONS)
@pytest.mark.parametrize("name", MAKERS)
def test_a_table_of_which_nothing_but_the_answers_can_be_read_gives_the_same_search(name, acquisition):
    kinds = (Strict, TableOracle)
    (hidden, asked), (plain, _) = (outcome(name, acquisition, kind, tiny_benchmark(80, uncoded=4)) for kind in kinds)
    np.testing.assert_array_equal(hidden.order, plain.order)
    for own, other in zip(hidden.evaluated, plain.evaluated, strict=True):
        np.testing.assert_array_equal(own, other)
    assert np.take_along_axis(asked, hidden.evaluated[0], axis=1).all()


@pytest.mark.parametrize("name", MAKERS)
def test_labels_that_were_not_asked_for_may_be_anything(name):
    benchmark = tiny_benchmark(80, uncoded=4)
    found, asked = outcome(name, "top", TableOracle, benchmark)
    label = np.where(asked.any(axis=0), benchmark.measured.label, 1 - benchmark.measured.label)
    again, _ = outcome(name, "top", TableOracle, remeasured(benchmark, label=label))
    np.testing.assert_array_equal(again.order, found.order)
    np.testing.assert_array_equal(again.evaluated[0], found.evaluated[0])


def test_an_active_search_reads_nothing_but_the_answers_either():
    orders = []
    for kind in (Strict, TableOracle):
        benchmark = tiny_benchmark(80, uncoded=4)
        oracle = kind(benchmark, 2)
        asked = getattr(oracle, "asked", np.zeros((2, 80), dtype=bool))
        predictor = MAKERS["forest"](benchmark.space, range(2), oracle)
        search = Active(
            predictor, Top(2), oracle, benchmark.measured.metric, n=19, initial_design=START, batch=4, recommend="label"
        )
        orders.append(run(search, oracle, lambda archs, asked=asked: np.put_along_axis(asked, archs, True, axis=1)))
    np.testing.assert_array_equal(orders[0].order, orders[1].order)


def test_the_strict_oracle_is_strict():
    benchmark = tiny_benchmark(80)
    oracle = Strict(benchmark, 1)
    assert all(np.isnan(getattr(benchmark.measured, name)).all() for name in MEASURED)
    with pytest.raises(AssertionError, match="nobody has asked"):
        oracle.query(np.array([[1, 2]]))
    oracle.asked[0, [1, 2]] = True
    assert not np.isnan(oracle.query(np.array([[1, 2]]))).any()


def test_a_space_has_nothing_that_is_measured():
    fields = {field.name for field in dataclasses.fields(Space)}
    assert fields == {"name", "node_types", "types", "adjacency", "archs", "columns", "card", "table", "unique"}
    space = tiny_benchmark(20).space
    for name in ("label", "report", "code", "code_seconds", "train_seconds", "coded", "optimum"):
        assert not hasattr(space, name)


def imports(path: Path) -> set[str]:
    """Everything that a module imports, as `module` and `module.name`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("room", ["predictors", "acquisition", "nn", "training"])
def test_rooms_that_must_not_see_a_measurement_import_none(room):
    forbidden = {"siamnas.oracle.table", "siamnas.oracle.ground_truth", "siamnas.benchmarks.shipped"}
    forbidden |= {f"siamnas.spaces.benchmark.{name}" for name in ("Benchmark", "Measured")}
    forbidden |= {f"siamnas.spaces.{name}" for name in ("nb201", "macro", "json_folder")}
    modules = sorted((PACKAGE / room).rglob("*.py"))
    assert len(modules) > 2
    for module in modules:
        assert not imports(module) & forbidden, module
