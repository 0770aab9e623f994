"""Executors of users, which do what an executor may do: none costs an evaluation that was not made, each is named."""

import pickle
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

import siamnas
from siamnas.errors import InputError, PartlyFailed
from siamnas.search.architecture import Architecture
from tests.search.ask_tell import graphs

SPACE = graphs()


def searching(budget: int = 3) -> siamnas.Search:
    return siamnas.Search(SPACE, "random", budget)


def half(arch: Architecture) -> float:
    return 0.5


class Immediate:
    """An executor that does at once what it is given, and answers by something of its own."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def submit(self, function: Any, *given: Any) -> Any:
        return self.answer(function(*given))


ONE: Future[Any] = Future()


@pytest.mark.parametrize("answer", [lambda value: value, lambda value: None, lambda value: ONE])
def test_an_executor_without_futures(answer: Any):
    search = searching()
    with pytest.raises(InputError, match="executor: its `submit` must return a new future each time"):
        search.run(half, Immediate(answer), workers=2)
    with pytest.raises(InputError, match="executor=.*: must have a method `submit`"):
        search.run(half, ThreadPoolExecutor)


def test_what_an_executor_did_not_take_is_evaluated_by_the_next():
    """It was handed out, and stood open for ever in the same process."""
    search, pool = searching(5), ThreadPoolExecutor(3)

    def train(arch: Architecture) -> float:
        pool.shutdown(wait=False)
        return 0.5

    with pytest.raises(PartlyFailed, match="takes no more work"):
        search.run(train, pool)
    search.run(half, workers=1)
    assert search.done and len(search.values) == 5


class Queued(Future):
    """A job of a cluster, which waits until it begins."""

    state = "PENDING"


class Cluster:
    """One job at a time; says which of them wait, as submitit does."""

    _max_workers = 4

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)

    def submit(self, function: Any, *args: Any) -> Queued:
        job = Queued()

        def begin() -> None:
            job.state = "RUNNING"
            job.set_result(function(*args))

        self._pool.submit(begin)
        return job


def slow(arch: Architecture) -> float:
    time.sleep(0.15)
    return 0.5


def test_a_lease_is_for_the_training_and_not_for_the_queue(caplog: pytest.LogCaptureFixture):
    """What waits for a free worker, or for Slurm, is neither lost nor paid for; submitit#1775."""
    search = searching(6)
    search.run(slow, Cluster(), lease=0.3)
    assert list(search.values.values()) == [0.5] * 6
    search = searching(6)
    with ThreadPoolExecutor(1) as pool:
        search.run(slow, pool, workers=4, lease=0.3)
    assert list(search.values.values()) == [0.5] * 6
    assert "failed" not in caplog.text


def test_nothing_waits_for_ever_behind_what_hangs():
    """All of a pool is held by trainings that have outlived their lease, and others wait behind them."""
    release = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        try:
            with pytest.raises(PartlyFailed, match="hold all its workers"):
                searching(6).run(lambda arch: release.wait(20), pool, workers=3, lease=0.2)
        finally:
            release.set()


class Collecting(Cluster):
    """Submits what it was given when its batch ends, as submitit does within `executor.batch()`."""

    def submit(self, function: Any, *args: Any) -> Any:
        class Delayed(Future):
            def done(self) -> bool:
                raise AttributeError("Accesssing job attributes is forbidden within 'with executor.batch()' context")

        return Delayed()


def test_an_executor_that_collects_what_it_is_given():
    search = searching(3)
    with pytest.raises(InputError, match=r"executor: its futures say nothing yet \(Acc.*\); leave its batch"):
        search.run(slow, Collecting())
    assert not search.values


class Dying(Cluster):
    """A job that has died is told with its log, as by submitit, which has pickled what was to be done."""

    def submit(self, function: Any, *args: Any) -> Any:
        job: Future[Any] = Future()
        job.set_exception(RuntimeError("Job 7 has not produced any output. Log: Loading pickle: 7_submitted.pkl"))
        return job


def test_a_job_whose_log_says_pickle_costs_one_evaluation():
    search = searching(3)
    search.run(slow, Dying())
    assert search.done and all("has not produced any output" in failed for failed in search.history()["failed"])


class Serializing(Cluster):
    """Says in words of its own that something can't be sent, as Dask does."""

    def submit(self, function: Any, *args: Any) -> Any:
        try:
            pickle.dumps(args)
        except Exception as error:
            raise TypeError("Could not serialize object of type LLGExpr") from error


def test_what_can_not_be_sent_is_named_by_its_cause():
    with pytest.raises(InputError, match=r"train: can't be sent to the workers of the executor \(cannot pickle '_th"):
        searching().run(Locked(threading.Lock()), Serializing())


class Locked:
    """A training that holds what can't be pickled."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock

    def __call__(self, arch: Architecture) -> float:
        return 0.5
