"""The experiments on described spaces, each as a process, on as little as it takes."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.scripts.running import run

CHOICES = {"embed": [192, 384, 768], "mlp_ratio": [2, 3, 4], "heads": [4, 8, 12]}
LAYERS = 12


def surrogate(path: Path) -> Path:
    """A file of the form of hw_gpt_bench_ppl.npz whose networks of size s say something of no transformer."""
    rng = np.random.default_rng(0)
    sizes = [8 + 6 * LAYERS, 8, 8, 8, 8, 1]
    arrays = {f"s_choices_{name}": np.array(options) for name, options in CHOICES.items()}
    for number, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False), start=1):
        arrays[f"s_perplexity_w{number}"] = rng.random((outputs, inputs)).astype(np.float32) / inputs
        arrays[f"s_perplexity_b{number}"] = np.ones(outputs, np.float32)
    np.savez(path, **arrays)
    return path


@pytest.mark.slow
def test_transformers(tmp_path: Path) -> None:
    words = (surrogate(tmp_path / "gpt.npz"), "--sizes", "s", "--seeds", "0:1", "--methods", "search,largest")
    shown = [run("experiments/described/gpt.py", *words, folder=tmp_path).stdout for _ in range(2)]
    assert shown[0] == shown[1], "what is done is not done again"
    assert re.search(r"s, search: [\d.]+ @10 / [\d.]+ @30 / [\d.]+ @60, 1 runs", shown[0])
    assert re.search(r"s, largest: [\d.]+ @10 / [\d.]+ @40, 1 runs", shown[0])


@pytest.mark.slow
def test_the_table_of_transformers(tmp_path: Path) -> None:
    words = (surrogate(tmp_path / "gpt.npz"), "--sizes", "s", "--seeds", "0:2", "--methods", "search,largest")
    run("experiments/described/gpt.py", *words, folder=tmp_path)
    words = (tmp_path / "outputs/described/gpt.csv", "--out", tmp_path)
    assert "search" in run("experiments/described/summary.py", *words, folder=tmp_path).stdout
    pairs = pd.read_csv(tmp_path / "pairs.csv")
    assert pairs["seeds"].tolist() == [2, 2] and (pairs["low"] <= pairs["difference"]).all()


@pytest.mark.slow
def test_cells_with_and_without_a_list(tmp_path: Path) -> None:
    words = ("--seeds", "0:1", "--spaces", "nb201_c10", "--shares", tmp_path / "shares.csv")
    assert "1 runs" in run("experiments/described/nb201.py", *words, folder=tmp_path).stdout
    assert len(pd.read_csv(tmp_path / "shares.csv")) == 3 * 4


def test_the_time_of_an_ask(tmp_path: Path) -> None:
    words = (surrogate(tmp_path / "gpt.npz"), "--evaluations", 6, "--spaces", "gpt_s")
    assert re.search(r"gpt_s.*\d\.\d", run("experiments/described/speed.py", *words, folder=tmp_path).stdout)
