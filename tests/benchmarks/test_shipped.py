"""The shipped tables: their facts, and what happens to a file that is not the shipped one."""

import csv
import io
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from siamnas.benchmarks import shipped
from siamnas.errors import InputError
from siamnas.spaces import nb201

FILES = (
    "accel_nasbench.npz",
    "gpt_perplexity.npz",
    "mnasnet_boosted.npz",
    "nano_pilot.npz",
    "nas_bench_graph.npz",
    "nb201.npz",
    "nb201_zero_cost.npz",
    "nb_macro.npz",
    "ofa_boosted.npz",
    "paper_curves.csv",
)
UNCODED = list(range(3989, 4000))


@pytest.fixture(scope="module")
def table() -> dict[str, np.ndarray]:
    return dict(shipped.load("nb201.npz"))


@pytest.fixture(scope="module")
def macro() -> dict[str, np.ndarray]:
    return dict(shipped.load("nb_macro.npz"))


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    def ranks(x: np.ndarray) -> np.ndarray:
        _, inverse, count = np.unique(x, return_inverse=True, return_counts=True)
        return (np.cumsum(count) - (count - 1) / 2)[inverse]

    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def test_files_and_sums_agree_and_are_small() -> None:
    assert sorted(shipped.digests()) == sorted(FILES)
    assert sum((shipped.DATA / file).stat().st_size for file in FILES) < 12_000_000
    for file in FILES:
        assert shipped.read(file)


def test_data_card_names_every_file_and_column(table: dict[str, np.ndarray], macro: dict[str, np.ndarray]) -> None:
    card = (shipped.DATA / "README.md").read_text(encoding="utf-8")
    for name in (*FILES, *(nb201.named(key.split(".")[-1]) for key in table), *macro):
        assert f"`{name}`" in card, name


def test_operations_cover_the_whole_space(table: dict[str, np.ndarray]) -> None:
    operations = table["operations"]
    assert operations.shape == (15_625, 6) and operations.max() == 4
    assert len(np.unique(operations, axis=0)) == 15_625


def test_known_cells(table: dict[str, np.ndarray]) -> None:
    row = [nb201.OPERATIONS[i] for i in table["operations"][0]]
    assert row == ["avg_pool_3x3", "nor_conv_1x1", "skip_connect", "nor_conv_1x1", "skip_connect", "skip_connect"]
    assert table["c10.test_200_mean"][0] == pytest.approx(257.59 / 3, abs=1e-9)
    assert [table[f"c10.test_200_run{i}"][0] for i in range(3)] == [85.62, 86.18, 85.79]
    assert table["c100.valid_200_mean"][0] == pytest.approx(52.7, abs=1e-9)
    assert table["in16.valid_12_run0"][0] == pytest.approx(18.466666, abs=1e-5)
    assert table["c10.valid_12_mean"][1] == pytest.approx(82.834, abs=1e-9)
    assert table["c100.train_seconds_200"][1] == pytest.approx(4339.282751, rel=1e-6)
    assert table["c100.train_seconds_12"][1] == pytest.approx(4339.282751 * 0.06, rel=1e-6)
    assert table["c10.hw_edgegpu_latency"][0] == pytest.approx(5.807418537)
    assert table["c10.hw_fpga_energy"][0] == pytest.approx(18.01072)
    assert table["proxy_losses"][5, :3] == pytest.approx([2.550644159, 2.070583344, 1.875336885], abs=1e-8)
    assert table["landscape_losses"][5, 10] == pytest.approx(0.87533653, abs=1e-7)
    assert table["mote_score"][5] == pytest.approx(6.523223840)
    assert table["proxy_seconds_50"][5] == pytest.approx(8.0369426, rel=1e-6)


@pytest.mark.parametrize(
    ("data", "best", "cell"), [("c10", 94.373, 6111), ("c100", 73.513, 9930), ("in16", 47.311, 857)]
)
def test_best_mean_test_accuracy(table: dict[str, np.ndarray], data: str, best: float, cell: int) -> None:
    mean = table[f"{data}.test_200_mean"]
    assert mean.argmax() == cell
    assert mean.max() == pytest.approx(best, abs=5e-4)


def test_best_validation_and_single_run(table: dict[str, np.ndarray]) -> None:
    assert np.nanargmax(table["c100.valid_200_mean"]) == 9930
    assert np.nanmax(table["c100.valid_200_mean"]) == pytest.approx(73.493, abs=5e-4)
    assert np.nanmax([table[f"c10.test_200_run{i}"] for i in range(3)]) == 94.68


@pytest.mark.parametrize(
    ("data", "base", "per_3x3", "per_1x1", "base_params"),
    [
        ("c10", 7.78305, 35.38944, 3.93216, 0.073306),
        ("c100", 7.7889, 35.38944, 3.93216, 0.079156),
        ("in16", 1.9534, 8.84736, 0.98304, 0.080456),
    ],
)
def test_costs_follow_the_convolutions(
    table: dict[str, np.ndarray], data: str, base: float, per_3x3: float, per_1x1: float, base_params: float
) -> None:
    three = (table["operations"] == nb201.OPERATIONS.index("nor_conv_3x3")).sum(axis=1)
    one = (table["operations"] == nb201.OPERATIONS.index("nor_conv_1x1")).sum(axis=1)
    np.testing.assert_allclose(table[f"{data}.flops"], base + per_3x3 * three + per_1x1 * one, rtol=0, atol=1e-9)
    np.testing.assert_allclose(table[f"{data}.params"], base_params + 0.24304 * three + 0.028 * one, rtol=0, atol=1e-9)


def test_cifar10_runs_average_to_the_mean(table: dict[str, np.ndarray]) -> None:
    runs = np.stack([table[f"c10.test_200_run{i}"] for i in range(3)])
    np.testing.assert_allclose(np.nanmean(runs, axis=0), table["c10.test_200_mean"], rtol=0, atol=1e-9)
    assert np.array_equal(table["c10.test_200_runs"], (~np.isnan(runs)).sum(axis=0))
    assert not np.isnan(runs[:2]).any() and np.isnan(runs[2]).sum() == 7_456
    np.testing.assert_allclose(runs[~np.isnan(runs)] * 100, np.round(runs[~np.isnan(runs)] * 100), atol=1e-6)
    completed = table["c10.test_200_runs"] - table["c10.test_200_runs_listed"]
    assert completed.max() == 1 and completed.sum() == 2_433


@pytest.mark.parametrize(
    ("column", "values_per_percent"),
    [("c10.test_200_mean", 600), ("c100.test_200_mean", 300), ("in16.test_200_mean", 180), ("c100.valid_200_run0", 50)],
)
def test_accuracies_lie_on_their_grid(table: dict[str, np.ndarray], column: str, values_per_percent: int) -> None:
    scaled = table[column] * values_per_percent
    np.testing.assert_allclose(scaled, np.round(scaled), rtol=0, atol=1e-8)


def test_exactly_the_11_cells_lack_codes_and_times(table: dict[str, np.ndarray]) -> None:
    for key in ("proxy_losses", "landscape_losses", "mote_score", "proxy_seconds_50", "c100.valid_200_mean"):
        missing = np.isnan(table[key]).reshape(15_625, -1).any(axis=1)
        assert np.flatnonzero(missing).tolist() == UNCODED, key
    for data in ("c10", "c100", "in16"):
        assert np.flatnonzero(np.isnan(table[f"{data}.train_seconds_200"])).tolist() == UNCODED
        assert not np.isnan(table[f"{data}.test_200_mean"]).any()
        assert np.isnan(table[f"{data}.hw_edgetpu_latency"]).sum() == 4_699


@pytest.mark.parametrize(("loss", "rho"), [(1, -0.435), (2, -0.733), (3, -0.766)])
def test_spearman_of_the_first_losses(table: dict[str, np.ndarray], loss: int, rho: float) -> None:
    known = ~np.isnan(table["mote_score"])
    accuracy = table["c100.test_200_mean"][known]
    assert spearman(table["proxy_losses"][known, loss - 1], accuracy) == pytest.approx(rho, abs=1e-3)


def test_spearman_of_flops_and_mote(table: dict[str, np.ndarray]) -> None:
    known = ~np.isnan(table["mote_score"])
    accuracy = table["c100.test_200_mean"][known]
    assert spearman(table["c100.flops"][known], accuracy) == pytest.approx(0.727, abs=1.5e-3)
    assert spearman(table["mote_score"][known], accuracy) == pytest.approx(0.848, abs=1e-3)


def test_hardware_metrics_match_the_operations(table: dict[str, np.ndarray]) -> None:
    """Eyeriss latency is a sum over operations, so the op numbering is right; twins agree, so the edge order is."""
    operations = table["operations"]
    counts = np.stack([(operations == op).sum(axis=1) for op in range(5)], axis=1)
    latency = table["c10.hw_eyeriss_latency"].astype(float)
    weights = np.linalg.lstsq(counts, latency, rcond=None)[0]
    np.testing.assert_allclose(counts @ weights, latency, atol=1e-5)
    none, skip, one, three, _ = weights
    assert none == pytest.approx(skip, abs=1e-5) and none < one < three
    # Without edge 1->2, exchanging the feature maps 1 and 2 gives the same network.
    cut = np.flatnonzero(operations[:, 2] == 0)
    index = {tuple(cell): i for i, cell in enumerate(operations.tolist())}
    twins = np.array([index[b, a, 0, c, e, d] for a, b, _, c, d, e in operations[cut].tolist()])
    gpu = table["c10.hw_edgegpu_latency"]
    assert np.mean(np.abs(gpu[cut] - gpu[twins]) / gpu[cut]) < 0.04


def test_macro_facts(macro: dict[str, np.ndarray]) -> None:
    assert macro["operations"].shape == (6_561, 8)
    order = macro["operations"] @ 3 ** np.arange(7, -1, -1)
    assert np.array_equal(order, np.arange(6_561))
    assert (macro["flops"] < 35).sum() == 509
    runs = np.stack([macro[f"test_50_run{i}"] for i in range(3)])
    np.testing.assert_allclose(runs.mean(axis=0), macro["test_50_mean"], rtol=0, atol=1e-9)
    assert macro["test_50_mean"].max() == pytest.approx(93.12667, abs=1e-5)
    row = int("02012100", 3)
    assert runs[:, row].tolist() == [89.47, 88.95, 89.17]
    assert macro["params"][row] == 0.890666 and macro["flops"][row] == 47.327744
    assert len(np.unique(np.stack([*runs, macro["flops"]]), axis=1).T) == 3_969


def test_paper_curves() -> None:
    rows = list(csv.DictReader(io.StringIO(shipped.read("paper_curves.csv").decode())))
    assert len(rows) == 158 and {row["figure"] for row in rows} == {"6a", "6b", "7a", "7b"}
    assert rows[0] == {
        "figure": "6b",
        "curve": "predictor",
        "trained_samples": "60",
        "mean_acc_digitized": "0.7164",
    }


@pytest.mark.parametrize("damage", ["truncate", "alter", "empty", "other"])
def test_damaged_file(tmp_path: Path, damage: str) -> None:
    data = (shipped.DATA / "nb_macro.npz").read_bytes()
    changed = {
        "truncate": data[:-100],
        "alter": data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
        "empty": b"",
        "other": b"not a zip archive",
    }[damage]
    (tmp_path / "nb_macro.npz").write_bytes(changed)
    with pytest.raises(InputError) as error:
        shipped.load("nb_macro.npz", str(tmp_path))
    message = str(error.value)
    assert str(tmp_path / "nb_macro.npz") in message and shipped.digests()["nb_macro.npz"] in message
    assert len(re.findall(r"\b[0-9a-f]{64}\b", message)) == 2 and "space.data_dir=null" in message


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nb201\.npz: No such file.*sha256 [0-9a-f]{64}.*space\.data_dir=null"):
        shipped.load("nb201.npz", str(tmp_path))


def test_data_dir_with_the_shipped_file(tmp_path: Path) -> None:
    shutil.copy(shipped.DATA / "nb_macro.npz", tmp_path)
    assert np.array_equal(shipped.load("nb_macro.npz", str(tmp_path))["flops"], shipped.load("nb_macro.npz")["flops"])


def test_packaged_file_missing_or_sums_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "DATA", tmp_path)
    with pytest.raises(InputError, match="SHA256SUMS: cannot be read.*install the package again"):
        shipped.load("nb201.npz")
    (tmp_path / "SHA256SUMS").write_text("one-word-only\n")
    with pytest.raises(InputError, match="SHA256SUMS: cannot be read.*install the package again"):
        shipped.load("nb201.npz")
    (tmp_path / "SHA256SUMS").write_text("00  nb201.npz\n")
    with pytest.raises(InputError, match=r"lists no nb_macro\.npz"):
        shipped.load("nb_macro.npz")
    with pytest.raises(InputError, match=r"nb201\.npz: No such file.*install the package again"):
        shipped.load("nb201.npz")
