"""What `result.plot()` and `comparison.plot()` show are the numbers of the result."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402

import siamnas  # noqa: E402
from siamnas.errors import InputError  # noqa: E402


def test_a_result_is_drawn_as_the_mean_of_its_repeats(tmp_path: Path):
    result = siamnas.run("nb201_c10", "random", repeats=4, out=str(tmp_path))
    try:
        ax = result.plot()
        (mean,) = [line for line in ax.get_lines() if line.get_label() == "mean of 4"]
        np.testing.assert_allclose(mean.get_ydata(), 100 * result.arrays["best"].mean(axis=0))
        assert ax.get_ylabel() == "best accuracy, %"
        (optimum,) = [line for line in ax.get_lines() if line.get_label() == "optimum of the space"]
        assert optimum.get_ydata()[0] == pytest.approx(94.373, abs=1e-3)
    finally:
        plt.close("all")


def test_a_comparison_is_drawn_as_regrets(tmp_path: Path):
    found = siamnas.compare(["random", "gp"], "nb201_c10", budgets=8, seeds=2, out=tmp_path)
    try:
        ax = found.plot()
        assert [line.get_label() for line in ax.get_lines()] == ["random search", "Gaussian process"]
        ends = [100 * value for value in found.frame["regret"]]
        assert [line.get_ydata()[-1] for line in ax.get_lines()] == pytest.approx(ends)
        with pytest.raises(InputError, match="benchmark=mine: must be one of NAS-Bench-201, CIFAR-10"):
            found.plot("mine")
    finally:
        plt.close("all")
