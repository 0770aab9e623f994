"""Which columns are free, which have a price, and which only a query may see."""

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.experiment.configuration import Job
from siamnas.graphs.columns import abbreviated, check_column, sort
from siamnas.search.base import Search
from siamnas.spaces.benchmark import Benchmark
from tests.spaces.shipped import make
from tests.support import run

SEEN_BY_QUERIES = (
    "test_200_mean", "valid_12_mean", "test_50_run0", "valid_200_run2", "test_200_runs", "test_200_runs_listed",
    "train_seconds_200", "train_seconds_12", "gt_accuracy",
)  # fmt: skip
PRICED = ("proxy_loss_3", "landscape_loss_50", "proxy_seconds_50", "mote_score")
FREE = ("flops", "params", "latency", "latency.edgegpu", "test", "test_200", "proxy_loss")


def test_a_column_is_free_or_priced_or_seen_by_queries_only():
    columns = {name: np.zeros(3) for name in (*SEEN_BY_QUERIES, *PRICED, *FREE)}
    free, priced = sort(columns)
    assert tuple(free) == FREE
    assert tuple(priced) == PRICED


@pytest.mark.parametrize("name", SEEN_BY_QUERIES)
def test_what_only_a_query_may_see_is_refused_even_where_it_is_known(name: str):
    with pytest.raises(InputError, match=f"^key=x: {name} is known only after a training, so only a query may see it$"):
        check_column(name, "key=x", [name, "flops"])


def test_a_misspelt_column_gets_a_hint_and_the_list():
    known = ["flops", *(f"proxy_loss_{i}" for i in range(1, 51))]
    with pytest.raises(InputError, match=r"^key: no column flop \(did you mean flops\?\); choose one of flops, pro"):
        check_column("flop", "key", known)
    check_column("flops", "key", iter(known))


def test_only_unbroken_runs_are_abbreviated():
    names = ["a", "x_1", "x_2", "x_3", "y_1", "y_3", "y_4", "z_7"]
    assert abbreviated(names) == ["a", "x_1..3", "y_1", "y_3", "y_4", "z_7"]


@pytest.mark.parametrize("name", ["nb201_c100", "nb201_c10", "nb_macro", "tiny_nb201"])
@pytest.mark.parametrize("column", ["test_200_mean", "log_test_200_mean", "train_seconds_200", "test_50_run1"])
def test_an_estimation_code_of_accuracies_is_refused(name: str, column: str):
    plain = column.removeprefix("log_")
    message = rf"space\.code\.columns=flops,{column}: {plain} is known only after a training, so only a query may see"
    with pytest.raises(InputError, match=message):
        make(name, code__kind="columns", code__columns=["flops", column])


def searched(job: Job, benchmark: Benchmark, repeats: int = 2) -> tuple[Search, np.ndarray, np.ndarray]:
    """A whole search, its codes and their seconds."""
    oracle = build.oracle(job.config, benchmark, repeats)
    search = build.search(job.config, benchmark.space, oracle, benchmark.measured.metric, range(repeats))
    run(search, oracle)
    return search, oracle.cost().codes, oracle.cost().code_seconds


@pytest.mark.parametrize("column", ["test_200_mean", "valid_200_run0", "train_seconds_200", "test_200_runs"])
def test_ranking_by_the_answer_is_refused(make_job, shipped: dict[str, Benchmark], column: str):
    job = make_job("predictor=column", f"predictor.column={column}")
    with pytest.raises(InputError, match=rf"predictor\.column={column}: {column} is known only after a training"):
        searched(job, shipped["nb201_c100"])


@pytest.mark.parametrize(("column", "share"), [("proxy_loss_3", 3 / 50), ("proxy_loss_50", 1.0)])
def test_a_priced_column_costs_as_much_as_codes_of_the_whole_space(
    make_job, shipped: dict[str, Benchmark], column: str, share: float
):
    job = make_job("predictor=column", f"predictor.column={column}", "predictor.order=ascending")
    benchmark = shipped["nb201_c100"]
    search, codes, seconds = searched(job, benchmark)
    assert codes.tolist() == [15_614] * 2, "all but the 11 that were not measured"
    np.testing.assert_allclose(seconds, share * np.nansum(benchmark.measured.columns["proxy_seconds_50"]))
    best = np.nanargmin(benchmark.measured.columns[column])
    assert (search.evaluated[0][:, 0] == best).all()


@pytest.mark.parametrize("column", ["flops", "params", "latency"])
def test_a_free_column_is_free(make_job, shipped: dict[str, Benchmark], column: str):
    _, codes, seconds = searched(make_job("predictor=column", f"predictor.column={column}"), shipped["nb201_c100"])
    assert codes.tolist() == [0, 0] and seconds.tolist() == [0, 0]


def test_a_code_of_a_priced_column_has_an_unknown_price_and_one_of_counted_columns_none():
    priced = make("nb201_c100", code__kind="columns", code__columns=["proxy_loss_3"]).measured
    assert np.isnan(priced.code_seconds).all() and (~priced.coded).sum() == 11
    free = make("nb201_c100", code__kind="columns", code__columns=["flops", "log_params"]).measured
    assert (free.code_seconds == 0).all() and free.coded.all()
