"""`search.run`: on processes, threads and any other executor; what goes wrong costs one evaluation, by name."""

import concurrent.futures as futures
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError, PartlyFailed
from tests.search.ask_tell import graphs, value
from tests.support import ROOT

SPACE = graphs()


def searching(budget=12, **more):
    return siamnas.Search(SPACE, budget=budget, **more)


def train(arch):
    """What can be sent to another process."""
    return value(arch, SPACE)


def troubled(arch):
    """Trainings that are slow, die, raise, hang, or return nothing that can be used."""
    time.sleep(0.01 * (1 + arch % 4))
    match arch % 12:
        case 0:
            os._exit(3)
        case 1:
            os.kill(os.getpid(), signal.SIGKILL)
        case 2:
            raise ValueError("no luck")
        case 3:
            time.sleep(1000)
        case 4:
            return float("nan")
        case 5:
            return "0.5"
        case 6:
            sys.exit("stopped")
    return value(arch, SPACE)


SAID = {
    0: "its process ended by status 3",
    1: "its process ended by signal 9",
    2: "ValueError: no luck",
    3: "no value within 1 s",
    4: "it returned no finite number",
    5: "InputError: it returned: '0.5' must be a number",
    6: "SystemExit: stopped",
}


def test_every_trouble_costs_one_evaluation_by_name(tmp_path, caplog):
    search = searching(40, predictor="random", overrides=["search=active", "acquisition=random"], journal=tmp_path)
    best = search.run(troubled, workers=4, lease=1)
    told = search.history()
    assert search.done and len(told) == told["index"].nunique() == 40 and best == search.best()
    assert best.value == told["value"].max() > 0
    seen = set()
    for arch, worth, failed in zip(told["index"], told["value"], told["failed"], strict=True):
        kind = arch % 12
        assert np.isnan(worth) == (kind in SAID)
        if kind in SAID:
            seen.add(kind)
            assert SAID[kind] in failed and f"{SPACE.archs[arch]} (index {arch}): the evaluation failed" in caplog.text
    assert len(seen) >= 5, "most kinds of trouble have happened"


@pytest.mark.parametrize("pool", ["threads", "processes", "submit"])
def test_any_executor(pool):
    class Plain:
        """Only what submitit's executors have: `submit`, and jobs with `done` and `result`."""

        def __init__(self, inner):
            self.inner = inner

        def submit(self, function, *given):
            future = self.inner.submit(function, *given)

            class Job:
                done, result, cancel = future.done, future.result, future.cancel

            return Job()

    kind = futures.ProcessPoolExecutor if pool == "processes" else futures.ThreadPoolExecutor
    with kind(3) as executor:
        search = searching()
        best = search.run(train, Plain(executor) if pool == "submit" else executor)
        assert search.done and best.value == max(search.values.values())
        assert executor.submit(len, "abc").result() == 3, "it stays open"


def test_a_thread_that_outlives_its_lease_may_come_late():
    """Its place stays taken; its value corrects the loss."""
    release = threading.Event()

    def slow(arch):
        if arch == first:
            release.wait(20)
            return value(arch, SPACE)
        time.sleep(0.1)
        if first in search.values:  # it has been given up
            release.set()
        return value(arch, SPACE)

    first = searching().ask(1)[0]
    search = searching()
    with futures.ThreadPoolExecutor(2) as executor:
        search.run(slow, executor, lease=0.4)
    history = search.history().set_index("index")
    assert history.loc[first, "former"] != [] and history.loc[first, "value"] == value(first, SPACE)
    assert len(search.values) == 12


def test_a_target_ends_it_early():
    search = searching(60)
    best = search.run(train, workers=2, target=0.8)
    assert best.value >= 0.8 and not search.done and len(search.values) < 40
    losses = searching(60, maximise=False)
    assert losses.run(train, workers=2, target=0.4).value <= 0.4 and not losses.done


def test_searches_that_wait_for_batches_run_too():
    search = searching(20, predictor="forest")
    assert search.run(train, workers=3).value and search.done and len(search.values) == 20


def test_an_interrupt_leaves_a_search_that_goes_on(tmp_path):
    """A notebook's stop button: what was open is evaluated first by the next run of the same search."""
    search, interrupted = searching(journal=tmp_path), []

    def stopped(arch):
        if len(search.values) >= 4 and not interrupted:
            interrupted.append(arch)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.5)
        return value(arch, SPACE)

    with futures.ThreadPoolExecutor(1) as executor:
        with pytest.raises(KeyboardInterrupt):
            search.run(stopped, executor)
        assert search.open == interrupted and not search.done
        search.run(stopped, executor)
    assert search.done and len(search.values) == 12


RUN = """
import sys, time, siamnas
from tests.search.ask_tell import graphs, value
space = graphs()
def train(arch):
    time.sleep(0.2)
    return value(arch, space)
search = siamnas.Search(space, budget=40, journal=sys.argv[1])
print("begun", flush=True)
search.run(train, workers=2)
"""


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)]
)
def test_signals_leave_a_journal_that_goes_on(tmp_path, number):
    command = [sys.executable, "-c", RUN, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline() == "begun\n"
        while (tmp_path / "journal.jsonl").read_text().count('"tell"') < 3:
            time.sleep(0.02)
        running.send_signal(number)
        running.wait(30)
        assert running.returncode in {signal.SIGTERM: (143,), signal.SIGINT: (-2, 130, 1)}.get(number, (-number,))
    with siamnas.Search.open(tmp_path) as search:
        told, open_ = search.values, search.open
        assert len(told) >= 3 and len(open_) <= 2
        assert search.ask(2)[: len(open_)] == open_, "they come first"
        search.give_back(search.open)
        search.run(train, workers=2, target=max(told.values()))
        assert search.values.items() >= told.items()


def test_a_pool_whose_workers_are_gone_is_said():
    search = searching()
    with futures.ProcessPoolExecutor(2) as executor, pytest.raises(PartlyFailed, match="its workers are gone"):
        search.run(dies, executor)
    assert not search.done and len(search.open) + len(search.values) <= 12
    assert search.run(train, workers=2) and search.done, "and what was open is evaluated by the next run"


def dies(arch):
    os._exit(1)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"train": 3}, "train=3: must be a function"),
        ({"executor": 3}, "executor=3: must have a method `submit`"),
        ({"workers": 0}, "workers=0: must be an integer"),
        ({"lease": 0}, "lease=0: must be a number above 0"),
        ({"target": "best"}, "target='best': must be a number"),
    ],
)
def test_bad_arguments_are_refused(more, said):
    search = searching()
    with pytest.raises(InputError) as error:
        search.run(**{"train": train, **more})
    assert said in str(error.value) and not search.open


def test_what_cannot_be_sent_is_said_once():
    search = searching()
    with futures.ProcessPoolExecutor(2) as executor, pytest.raises(InputError, match="can't be sent to the workers"):
        search.run(lambda arch: 1.0, executor)
    assert not search.values


@pytest.mark.extras
def test_dask():
    import distributed

    with distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster:
        with distributed.Client(cluster) as client:
            search = searching()
            assert search.run(train, client.get_executor()).value and search.done


def slow_train(arch):
    time.sleep(0.5)
    return train(arch)


def test_what_an_executor_cancels_has_not_failed():
    search = searching(20)
    with (
        futures.ThreadPoolExecutor(2) as executor,
        pytest.raises(PartlyFailed, match="has cancelled what it was given"),
    ):
        threading.Timer(0.7, lambda: executor.shutdown(wait=False, cancel_futures=True)).start()
        search.run(slow_train, executor, workers=4)
    assert search.open and not any(np.isnan(value) for value in search.values.values())
    assert search.run(train, workers=2).value and search.done


@pytest.mark.extras
def test_the_scheduler_of_dask_dies(tmp_path):
    import distributed

    place = tmp_path / "scheduler.json"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    scheduler = subprocess.Popen([*command, "--scheduler-file", place], stderr=subprocess.DEVNULL)
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", place, "--nthreads", "2"]
    workers = subprocess.Popen([*worker, "--no-dashboard"], stderr=subprocess.DEVNULL, cwd=tmp_path)
    try:
        client = distributed.Client(scheduler_file=str(place))
        client.wait_for_workers(1)
        search = siamnas.Search(SPACE, "random", 20, journal=tmp_path / "journal")
        threading.Timer(3, scheduler.kill).start()
        with pytest.raises(PartlyFailed, match="executor: "):
            search.run(slow_train, client.get_executor(), workers=2)
        assert search.open and not any(np.isnan(value) for value in search.values.values())
        assert search.run(train, workers=2).value and search.done, "the next run goes on"
        client.close()
    finally:
        for process in (scheduler, workers):
            process.kill()
            process.wait()


@pytest.mark.slow
def test_submitit(tmp_path):
    import submitit

    executor = submitit.AutoExecutor(tmp_path, cluster="local")
    executor.update_parameters(timeout_min=5)
    search = searching(5)
    assert search.run(train, executor, workers=2).value and search.done


@pytest.mark.slow
def test_eight_workers_of_uneven_speed_are_busy():
    """Durations uneven by a factor of 10, one dying, one hanging: from the first ask until the budget is handed out."""
    seconds = {arch: 0.4 + 3.6 * (arch * 7919 % 97) / 96 for arch in range(len(SPACE))}

    def uneven(arch):
        if arch % 41 == 3:
            os._exit(1)
        time.sleep(1000 if arch % 41 == 4 else seconds[arch])
        return value(arch, SPACE)

    search = searching(60)
    search.run(uneven, workers=8, lease=5)
    told = search.history()
    begun, ended = (told[key].astype("int64").to_numpy() / 1e6 for key in ("asked", "told"))
    last = begun.max()
    busy = (np.minimum(ended, last) - begun).sum()
    idle = 1 - busy / (8 * (last - begun.min()))
    print(f"idle {idle:.3f}, tail {ended.max() - last:.1f} s")
    assert len(told) == told["index"].nunique() == 60 and idle <= 0.05


def test_an_executor_that_hangs_as_a_whole_is_said():
    release, search = threading.Event(), searching()
    with futures.ThreadPoolExecutor(2) as executor:
        with pytest.raises(PartlyFailed, match="outlived their lease of 0.2 s hold all its workers"):
            search.run(lambda arch: release.wait(30), executor, lease=0.2)
        release.set()
    assert len(search.values) == 2 and not search.open and not search.done
    assert search.run(train, workers=2) and search.done
