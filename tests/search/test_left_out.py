"""Predictions of what was evaluated: each from all the others, and their pictures."""

import matplotlib
import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.jobs import predictions
from siamnas.predictors.calibration import Predictions

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def search():
    made = siamnas.Search("tiny_nb201", budget=12)
    told = made.ask(12)
    made.tell(told, [None if i == 3 else arch.columns["flops"] for i, arch in enumerate(told)])
    return made


def test_a_prediction_is_that_of_a_search_that_was_not_told(search):
    frame = search.predictions()
    assert len(frame) == 12 and frame["truth"].isna().tolist() == [i == 3 for i in range(12)]
    for seat in (0, 7):
        other = siamnas.Search("tiny_nb201", budget=12)
        values = {row.architecture: row.value for row in frame.itertuples() if row.Index != seat}
        other.add(values)
        predicted = other.predict(frame["architecture"][seat])
        assert frame["score"][seat] == pytest.approx(predicted["score"][0])
        # Of a label: one correction holds for the spread of the function and for the noise, as it was measured.
        predictor = other._chooser()._proposals._state.predictor
        raw = predictor.spread(np.array([frame["index"][seat]]))[0, 0]
        factor = predicted["spread"][0] / raw
        assert abs(factor - 1) > 0.02
        assert frame["spread"][seat] == pytest.approx(factor * np.sqrt(raw**2 + predictor.noise))


def test_the_truth_is_in_the_order_of_the_values(search):
    known = search.predictions().dropna(subset="value").sort_values("value")
    assert (np.diff(known["truth"]) >= 0).all()


def test_pictures_of_a_search(search):
    frame = search.predictions()
    found = Predictions.of(frame)
    ax = search.plot(kind="predicted")
    assert f"Kendall's tau {found.kendall:.2f}" in ax.get_title(loc="left")
    points = ax.get_lines()[-1]
    np.testing.assert_array_equal(points.get_ydata(), found.known.score)
    (curve,) = [line for line in search.plot(kind="calibration").get_lines() if line.get_label() == "gp"]
    np.testing.assert_array_equal(curve.get_ydata(), found.coverage(curve.get_xdata()))
    ax = search.plot("flops", kind="way")
    (dots,) = ax.collections
    assert dots.get_offsets()[:, 0].tolist() == frame["value"].dropna().tolist()
    matplotlib.pyplot.close("all")


def test_what_is_no_picture_is_refused(search):
    with pytest.raises(InputError, match="kind=front: must be one of best, way, predicted, calibration"):
        search.plot(kind="front")
    with pytest.raises(InputError, match="column: kind=way needs the name of a free column"):
        search.plot(kind="way")
    waiting = siamnas.Search("tiny_nb201", "random", budget=12)
    with pytest.raises(InputError, match="predictions: needs a search that learns from every evaluation"):
        waiting.plot(kind="predicted")


def test_a_job_is_predicted_as_a_search_of_its_evaluations(tmp_path):
    result = siamnas.run("tiny_nb201", "gp", repeats=2, out=str(tmp_path), overrides=["search.n=10"])
    frame = predictions.frame(result, 1)
    search = siamnas.Search("tiny_nb201", budget=10)
    search.add(dict(zip(frame["index"], frame["value"], strict=True)))
    np.testing.assert_allclose(frame["score"], search.predictions()["score"])
    assert f"{Predictions.of(predictions.frame(result)).kendall:.2f}" in result.plot(kind="predicted").get_title("left")
    matplotlib.pyplot.close("all")
    result.meta["identity"]["search"]["n"] = 11
    with pytest.raises(InputError, match="what it was computed from has changed"):
        result.plot(kind="predicted")


def test_a_job_of_a_space_without_a_list_is_predicted(tmp_path):
    result = siamnas.run("gpt", "gp", repeats=1, out=str(tmp_path), overrides=["search.n=8"])
    frame = predictions.frame(result)
    assert frame["value"].min() == result.arrays["best"].min() and frame["score"].notna().all()


def test_a_job_that_predicts_nothing_says_so(tmp_path):
    result = siamnas.run("tiny_nb201", "random", repeats=1, out=str(tmp_path))
    with pytest.raises(InputError, match="needs a search that learns from every evaluation"):
        result.plot(kind="predicted")
