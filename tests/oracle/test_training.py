"""The oracle that trains, with an evaluator that knows all values: what is asked of it, what it costs, what fails."""

from collections.abc import Mapping

import numpy as np
import pytest

from siamnas.benchmarks.measurements import CODE
from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.oracle.training import Found, TrainingOracle, Value, unmeasured
from siamnas.runtime.progress import Report
from siamnas.spaces.public import Space

SIZE = 12
METRIC = Value("accuracy", maximise=True)


class Evaluator:
    """Value and seconds of an architecture are made of its number; number 5 fails."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.asked: list[list[int]] = []

    def measure(self, names: list[str], report: Report) -> Mapping[str, Found]:
        """See `siamnas.oracle.training.Evaluator`."""
        archs = [int(name.removeprefix("arch_")) for name in names]
        self.asked.append(archs)
        for done in range(len(archs)):
            report((done + 1) / len(archs))
        values = {"what": lambda arch: (9.0, arch / 100), "code": lambda arch: (float(arch), -float(arch))}[self.group]
        return {f"arch_{arch}": Found(() if arch == 5 else values(arch), 10.0 + arch) for arch in archs}


@pytest.fixture
def evaluators() -> dict[str, Evaluator]:
    """Those of the fixture `oracle`."""
    return {group: Evaluator(group) for group in ("what", "code")}


@pytest.fixture
def oracle(evaluators: dict[str, Evaluator]) -> TrainingOracle:
    """Of two repeats on a space of chains."""
    nodes = [["in", *f"{number:04b}", "out"] for number in range(SIZE)]
    space = Space.of_graphs(nodes, [[(i, i + 1) for i in range(5)]] * SIZE)
    return TrainingOracle(
        unmeasured(space, METRIC.metric, code_length=2), 2, ("loss", "accuracy"), lambda group, *_: evaluators[group],
        METRIC, 0, "cpu", None,
    )  # fmt: skip


def test_values_are_those_of_the_column_and_a_failure_is_nan(oracle: TrainingOracle) -> None:
    np.testing.assert_array_equal(oracle.query(np.array([[3, 5], [5, 7]])), [[0.03, np.nan], [np.nan, 0.07]])
    np.testing.assert_array_equal(
        oracle.codes(np.array([[4, 5], [1, 4]])), [[[4, -4], [np.nan] * 2], [[1, -1], [4, -4]]]
    )


def test_a_batch_goes_to_the_evaluator_as_one_without_doubles(
    oracle: TrainingOracle, evaluators: dict[str, Evaluator]
) -> None:
    oracle.query(np.array([[3, 4], [4, 7]]))
    assert evaluators["what"].asked == [[3, 4, 7]] and evaluators["code"].asked == []


def test_progress_goes_on_from_the_trainings_to_the_codes(oracle: TrainingOracle) -> None:
    shares: list[float] = []
    oracle.report = shares.append
    oracle.query(np.array([[3, 4], [4, 7]]))
    oracle.codes(np.array([[3, 4], [4, 7]]))
    oracle.codes(np.array([[1, 2], [3, 4]]))
    assert len(shares) == 10 and shares == sorted(set(shares)) and 0 < shares[0] and shares[-1] < 1


def test_every_repeat_spends_what_it_asks_for_once(oracle: TrainingOracle) -> None:
    oracle.query(np.array([[3, 4], [4, 7]]))
    oracle.query(np.array([[3, 5], [4, 8]]))
    oracle.codes(np.array([[1], [2]]))
    cost = oracle.cost()
    assert cost.queries.tolist() == [3, 3] and cost.query_seconds.tolist() == [13 + 14 + 15, 14 + 17 + 18]
    assert cost.codes.tolist() == [1, 1] and cost.code_seconds.tolist() == [11, 12]


def test_a_survey_measures_the_codes_of_all_and_no_column(
    oracle: TrainingOracle, evaluators: dict[str, Evaluator]
) -> None:
    codes = oracle.survey(CODE)
    assert codes.shape == (SIZE, 2) and evaluators["code"].asked == [list(range(SIZE))]
    assert oracle.cost().codes.tolist() == [SIZE, SIZE]
    with pytest.raises(InputError, match="proxy_loss_3"):
        oracle.survey(("proxy_loss_3",))


def test_a_space_with_labels_may_be_searched_by_a_table_only() -> None:
    with pytest.raises(InputError, match="oracle=train"):
        build.benchmark(
            {
                "space": {
                    "_target_": "siamnas.spaces.nano.space.space",
                    "name": "nano",
                    "constraints": ["flops<=25"],
                    "unique": False,
                }
            }
        )
