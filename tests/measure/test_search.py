"""oracle=train: a job whose architectures are measured when its search asks for them."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from siamnas.jobs import progress
from siamnas.jobs.states import find
from siamnas.jobs.store import Result
from siamnas.runtime import terminal
from tests.measure.conftest import CONF, lines
from tests.support import Outcome

TRAIN = (
    "--config-dir", str(CONF), "oracle=train", "space=nano", "space.constraints=[flops<=24]", "network=nano",
    "network.stem=4", "network.widths=[4]", "network.cells=1", "images=noise", "what=odd", "what@code=response",
    "trainer=debug", "oracle.metric.column=convolutions", "oracle.metric.maximise=false", "oracle.workers=1",
    "search.n=6", "search.k=3", "search.depth=3", "repeats=2", "logger=none",
)  # fmt: skip


@pytest.fixture
def search(siamnas, tmp_path: Path) -> Callable[..., Outcome]:
    """A search that trains, with words that come last; results lie below `tmp_path`."""
    return lambda *words: siamnas(*TRAIN, f"out={tmp_path}", *words)


def result(folder: Path) -> Result:
    """The only one below a folder."""
    (path,) = folder.rglob("result.npz")
    return Result.load(path)


def measured(folder: Path, what: str) -> dict[str, list[float]]:
    """Architecture -> values, of one of the measures."""
    return {row["arch"]: row["values"] for path in folder.rglob(f"{what}-*") for row in lines(path)}


def test_the_best_of_what_was_trained_is_reported(search: Callable[..., Outcome], tmp_path: Path) -> None:
    done = search("predictor=forest", "predictor.model.n_estimators=5")
    assert done.code == 0, done.err
    found, values = result(tmp_path), measured(tmp_path, "odd")
    assert "convolutions, smaller is better" in done.out and "–" in done.out
    assert found.arrays["evaluated"].shape == (2, 9) and len(values) == len(np.unique(found.arrays["evaluated"]))
    for row in found.meta["found"]:
        assert values[row["architecture"]] == [row["accuracy"]]
    assert measured(tmp_path, "response") == {}, "a forest reads no code"
    assert found.arrays["query_seconds"][:, -1].tolist() == [9 * 0.5] * 2


def test_a_result_that_is_lost_is_made_again_without_training(
    search: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert search("predictor=random").code == 0
    before, rows = result(tmp_path), sorted(map(json.dumps, lines(tmp_path)))
    next(tmp_path.rglob("result.npz")).unlink()
    monkeypatch.setenv("FAIL", "1")  # whatever is measured now, fails
    assert search("predictor=random").code == 0
    for name, array in result(tmp_path).arrays.items():
        np.testing.assert_array_equal(array, before.arrays[name])
    assert sorted(map(json.dumps, lines(tmp_path))) == rows


@pytest.mark.slow
def test_codes_are_measured_for_the_few_that_need_one(search: Callable[..., Outcome], tmp_path: Path) -> None:
    assert search("predictor=siams", "search.rerank=4", "repeats=1").code == 0
    codes = measured(tmp_path, "response")
    found = result(tmp_path)
    assert len(codes) == found.arrays["codes"][0] and all(len(code) == 3 for code in codes.values())
    # 3 to learn from, at most 30 after each of three closing epochs, and the top 4 of the ranking.
    assert 3 <= len(codes) <= 3 + 3 * 30 + 4


def test_progress_moves_with_every_epoch_and_status_tells_it(
    search: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares, states = [], []
    update = terminal.Bar.update

    def seen(bar: terminal.Bar, share: float) -> None:
        update(bar, share)
        shares.append(share)
        (job,), _ = find([tmp_path / "default"])
        states.append(job)

    monkeypatch.setattr(terminal.Bar, "update", seen)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    training = ("what=train", "what.phases=[{epochs: 3, lr: 0.01}]", "what.batch_size=16")
    by = ("oracle.metric.column=accuracy", "oracle.metric.maximise=true")
    done = search(*training, *by, "repeats=1", "predictor=random")
    assert done.code == 0, done.err
    trained = len(measured(tmp_path, "train"))
    assert trained == 9 and shares == sorted(shares) and 0 < shares[0] < 1 / 9
    assert len(set(shares)) >= 3 * trained, "with every epoch"
    assert {job.state for job in states} == {"running"}
    told = [re.search(r"; (\d+)%(?:; (\d+) trained)?$", job.detail) for job in states]
    assert [int(one[1]) for one in told if one] == pytest.approx([100 * share for share in shares], abs=0.6)
    assert told[0] and told[0][2] is None and told[-1] and int(told[-1][2]) in (trained - 1, trained)
    assert not list(tmp_path.rglob("progress.*")), "it is of a running job"


def test_one_that_is_interrupted_says_how_many_trainings_are_on_disk(
    search: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(bar: terminal.Bar, share: float) -> None:
        if share >= 2 / 9:
            raise KeyboardInterrupt

    monkeypatch.setattr(terminal.Bar, "update", stop)
    assert search("predictor=random").code != 0
    (job,), _ = find([tmp_path / "default"])
    assert (job.state, job.detail) == ("interrupted", f"{len(lines(tmp_path))} trained")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("what=null",), "what=null: must be the name of an option"),
        (("oracle.metric.column=acc",), "oracle.metric.column=acc: what measures convolutions"),
        (("oracle.workers=0",), "oracle.workers=0: must be an integer of at least 1"),
    ],
)
def test_what_does_not_fit_is_refused(
    search: Callable[..., Outcome], tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    refused = search("predictor=random", *words)
    assert refused.code == 2 and said in refused.err, refused.err
    assert not list(tmp_path.iterdir())


def test_networks_have_no_effect_on_a_table(siamnas: Callable[..., Outcome], tmp_path: Path) -> None:
    refused = siamnas("network=nano", "predictor=random", "logger=none", f"out={tmp_path}")
    assert refused.code == 2 and "network: has no effect, the oracle trains nothing; oracle=train does" in refused.err


def test_without_a_known_optimum_the_report_shows_the_best_so_far(
    siamnas: Callable[..., Outcome], search: Callable[..., Outcome], tmp_path: Path
) -> None:
    ranked = "search.k=3", "search.depth=3"
    active = [word for word in TRAIN if word not in ranked]
    assert search("predictor=random").code == 0
    assert siamnas(*active, f"out={tmp_path}", "search=active", "predictor=gp", "search.n=9").code == 0
    tabular = siamnas("predictor=random", "search.n=6", *ranked, "repeats=2", "logger=none", f"out={tmp_path}")
    assert tabular.code == 0, tabular.err
    shown = siamnas("report", str(tmp_path), "--at", "6,9")
    assert shown.code == 0 and not shown.err, "nothing is left out"
    limited = "nano, FLOPs at most 24 M"
    assert f"{limited}: best convolutions after so many evaluations, smaller is better\n" in shown.out
    table = pd.read_csv(tmp_path / "report" / "table.csv").set_index(["benchmark", "option"])
    assert table["regret"].isna().tolist() == table["optimum"].isna().tolist() == [False, True, True]
    best = table.loc[(limited, "random"), "best"]
    assert f"random search {best:.3f} {best:.3f} – – – 2" in " ".join(shown.out.split())
    page = (tmp_path / "report" / "index.html").read_text()
    assert "whose optimum is not known" in page and "optimum 73.51" in page
    assert not re.search(r"\bnan\b", page + shown.out + (tmp_path / "report" / "table.md").read_text())
