"""The search spaces with shipped tables: encodings, labels, codes, limits."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hydra.utils import get_method
from omegaconf import OmegaConf

from siamnas.errors import InputError
from siamnas.spaces import nb201, tables
from siamnas.spaces.space import Space

CONF = Path(__file__).resolve().parents[2] / "conf" / "space"
NB201 = ("nb201_c10", "nb201_c100", "nb201_img16", "tiny_nb201")
TABLES = (*NB201, "nb_macro")


def options(name: str, **changes: Any) -> dict[str, Any]:
    """A shipped config as a plain container; `label__run=1` changes `label.run`."""
    config: Any = OmegaConf.to_container(OmegaConf.load(CONF / f"{name}.yaml"), resolve=True)
    for key, value in changes.items():
        group, _, leaf = key.partition("__")
        if leaf:
            config[group][leaf] = value
        else:
            config[group] = value
    return config


def make(name: str, **changes: Any) -> Space:
    config = options(name, **changes)
    load: Callable[..., Space] = get_method(config.pop("_target_"))
    return load(**config)


@pytest.fixture(scope="module")
def spaces() -> dict[str, Space]:
    return {name: make(name) for name in TABLES}


@pytest.mark.parametrize("name", TABLES)
def test_invariants(spaces: dict[str, Space], name: str) -> None:
    space = spaces[name]
    size, nodes = space.types.shape
    assert space.name == name and len(space) == size == len(set(space.archs.tolist()))
    assert space.types.dtype == np.uint8 and space.types.max() < len(space.node_types)
    assert space.adjacency.dtype == np.float32 and space.adjacency.shape == (nodes, nodes)
    assert (space.adjacency.diagonal() == 1).all() and not np.tril(space.adjacency, -1).any()
    for values in (space.label, space.report, space.code_seconds, space.train_seconds, *space.columns.values()):
        assert values.shape == (size,) and values.dtype == np.float64
    assert ((space.label >= 0) & (space.label <= 1)).all() and space.optimum == space.report.max()
    assert space.code.shape[0] == size and space.code.dtype == np.float32
    assert space.card["sha256"] in tables.digests().values()
    np.testing.assert_array_equal(space.label, space.columns[space.label_name] / 100)


@pytest.mark.parametrize(
    ("name", "size", "optimum"),
    [
        ("nb201_c10", 15_625, 0.94373),
        ("nb201_c100", 15_625, 0.73513),
        ("nb201_img16", 15_625, 0.47311),
        ("tiny_nb201", 4_096, 0.91315),
        ("nb_macro", 6_561, 0.93127),
    ],
)
def test_sizes_and_optima(spaces: dict[str, Space], name: str, size: int, optimum: float) -> None:
    assert len(spaces[name]) == size
    assert spaces[name].optimum == pytest.approx(optimum, abs=5e-6)


def test_loading_is_fast() -> None:
    begin = time.perf_counter()
    make("nb201_c100")
    assert time.perf_counter() - begin < 1.5  # 0.1 s on an idle machine


def encode_slowly(arch: str) -> tuple[list[str], list[list[int]]]:
    """Node names and A + I of one NAS-Bench-201 cell, spelt out from its arch string."""
    edges = {}
    for target, group in enumerate(arch.split("+"), start=1):
        for word in group.strip("|").split("|"):
            operation, source = word.split("~")
            edges[int(source), target] = "zeros" if operation == "none" else operation
    nodes = ["split_3", edges[0, 1], "split_2", edges[0, 2], edges[1, 2], "none"]
    nodes += [edges[0, 3], edges[1, 3], edges[2, 3], "output"]
    successors = {0: [1, 3, 6], 1: [2], 2: [4, 7], 3: [5], 4: [5], 5: [8], 6: [9], 7: [9], 8: [9], 9: []}
    matrix = [[int(i == j or j in successors[i]) for j in range(10)] for i in range(10)]
    return nodes, matrix


def test_nb201_encoding_against_slow_reference(spaces: dict[str, Space]) -> None:
    space = spaces["nb201_c100"]
    assert space.archs[0] == (
        "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"
    )
    assert len(space.node_types) == 9
    for cell in range(0, len(space), 7):
        nodes, matrix = encode_slowly(space.archs[cell])
        assert [space.node_types[t] for t in space.types[cell]] == nodes
    assert space.adjacency.tolist() == matrix


def test_nb201_arch_matches_its_costs(spaces: dict[str, Space]) -> None:
    space = spaces["nb201_img16"]
    for cell in range(0, len(space), 97):
        arch = space.archs[cell]
        expected = 1.9534 + 8.84736 * arch.count("nor_conv_3x3") + 0.98304 * arch.count("nor_conv_1x1")
        assert space.columns["flops"][cell] == pytest.approx(expected)


def test_tiny_is_the_filtered_space(spaces: dict[str, Space]) -> None:
    whole, tiny = spaces["nb201_c10"], spaces["tiny_nb201"]
    keep = np.flatnonzero(whole.columns["flops"] <= 35)
    assert tiny.archs.tolist() == whole.archs[keep].tolist()
    assert not any("nor_conv_3x3" in arch for arch in tiny.archs)
    for name, column in whole.columns.items():
        np.testing.assert_array_equal(tiny.columns[name], column[keep])
    for attribute in ("types", "label", "report", "code", "code_seconds", "train_seconds"):
        np.testing.assert_array_equal(getattr(tiny, attribute), getattr(whole, attribute)[keep])


def test_macro_encoding(spaces: dict[str, Space]) -> None:
    space = spaces["nb_macro"]
    assert space.node_types == ("input", "identity", "mb3_k3", "mb6_k5", "output")
    cell = space.archs.tolist().index("02012100")
    names = [space.node_types[t] for t in space.types[cell]]
    short = {"0": "identity", "1": "mb3_k3", "2": "mb6_k5"}
    assert names == ["input", *(short[digit] for digit in "02012100"), "output"]
    assert [list(np.flatnonzero(row)) for row in space.adjacency] == [[i, i + 1] for i in range(9)] + [[9]]
    assert len(make("nb_macro", max_flops=35)) == 509
    expected = np.log([space.columns["flops"], space.columns["params"]]).T
    np.testing.assert_allclose(space.code, expected, rtol=1e-6)
    assert (space.code_seconds == 0).all() and np.isnan(space.train_seconds).all() and space.coded.all()


def test_codes_and_costs(spaces: dict[str, Space]) -> None:
    space = spaces["nb201_c100"]
    assert space.code_name == "mote" and space.code.shape == (15_625, 3)
    for i in range(3):
        np.testing.assert_array_equal(space.code[:, i], space.columns[f"proxy_loss_{i + 1}"].astype(np.float32))
    assert np.flatnonzero(~space.coded).tolist() == list(range(3989, 4000))
    np.testing.assert_allclose(space.code_seconds, space.columns["proxy_seconds_50"] * 3 / 50)
    np.testing.assert_array_equal(space.train_seconds, space.columns["train_seconds_200"])
    assert (~spaces["tiny_nb201"].coded).sum() == 2


def test_code_length() -> None:
    assert make("nb201_c100", code__length=50).code.shape == (15_625, 50)
    assert make("nb201_c100", code__length=None).code.shape == (15_625, 50)
    assert make("nb201_c100", code__length=1).code.shape == (15_625, 1)


def test_code_none_and_columns() -> None:
    bare = make("nb201_c100", code__kind="none")
    assert bare.code.shape == (15_625, 0) and bare.coded.all() and bare.code_name == "none"
    space = make("nb201_c100", code__kind="columns", code__columns=["flops", "log_params", "log_latency"])
    assert space.code_name == "flops,log_params,log_latency" and (~space.coded).sum() == 11
    np.testing.assert_allclose(space.code[:, 0], space.columns["flops"], rtol=1e-6)
    np.testing.assert_allclose(space.code[:, 1], np.log(space.columns["params"]), rtol=1e-6)
    assert np.isnan(space.code_seconds).all()


def test_code_file(tmp_path: Path) -> None:
    path = tmp_path / "codes.npy"
    values = np.random.default_rng(0).normal(size=(4096, 2))
    values[7] = np.nan
    np.save(path, values)
    space = make("tiny_nb201", code__kind="file", code__path=str(path))
    np.testing.assert_array_equal(space.code, values.astype(np.float32))
    assert space.code_name == "file:codes.npy" and np.flatnonzero(~space.coded).tolist() == [7]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.zeros((4095, 2)), r"shape must be \(4096, L\)"),
        (np.zeros(4096), r"shape must be \(4096, L\)"),
        (np.zeros((4096, 0)), r"shape must be \(4096, L\)"),
        (np.full((4096, 1), np.inf), "no infinities"),
        (np.full((4096, 1), "a"), "must hold numbers"),
        (b"not an npy", "cannot be read as .npy"),
        (None, "cannot be read as .npy"),
    ],
)
def test_bad_code_file(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "codes.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.save(path, content)
    with pytest.raises(InputError, match=rf"space\.code\.path=.*codes\.npy.*{message}"):
        make("tiny_nb201", code__kind="file", code__path=str(path))


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("nb201_c100", {"code__kind": "mota"}, r"space\.code\.kind=mota: must be one of mote, columns, file, none"),
        ("nb_macro", {"code__kind": "mote"}, r"space\.code\.kind=mote: must be one of columns, file, none"),
        ("nb201_c100", {"code__length": 51}, r"space\.code\.length=51: must be at most 50"),
        ("nb201_c100", {"code__length": 0}, r"space\.code\.length=0: must be an integer of at least 1"),
        ("nb201_c100", {"code__lenght": 3}, r"unknown key space\.code\.lenght .*did you mean length"),
        ("nb201_c100", {"code__kind": "file"}, r"space\.code\.path=null: must be an \.npy"),
        (
            "nb_macro",
            {"code__columns": ["log_flop"]},
            r"space\.code\.columns=log_flop: no column .*mean flops.*flops, params",
        ),
        ("nb_macro", {"code__columns": []}, r"space\.code\.columns=: must name at least one column"),
        ("nb_macro", {"code__columns": ["test_50_mean"]}, r"test_50_mean is an accuracy"),
        ("nb_macro", {"dataset": "cifar100"}, r"space\.dataset=cifar100: must be cifar10"),
        ("nb201_c100", {"dataset": "mnist"}, r"space\.dataset=mnist: must be one of cifar10, cifar100, imagenet16-120"),
        ("nb201_c100", {"max_flops": 5}, r"space\.max_flops=5: no cell is left, must be at least 7\.7889"),
        ("nb201_c100", {"max_flops": -1}, r"space\.max_flops=-1: must be a number above 0"),
        ("nb201_c100", {"label__split": "train"}, r"space\.label\.split=train: must be one of test, valid"),
        (
            "nb201_c100",
            {"label__epochs": 100},
            r"space\.label\.epochs=100: must be one of 200, 12 .* with split test\)",
        ),
        (
            "nb201_c100",
            {"label__run": 0},
            r"space\.label\.run=0: must be one of mean .* with split test, epochs 200\)",
        ),
        ("nb201_c100", {"report__run": 2}, r"space\.report\.run=2: must be one of mean"),
        ("nb201_c10", {"label__run": 3}, r"space\.label\.run=3: must be one of mean, 0, 1, 2"),
        ("nb201_c10", {"label__run": "best"}, r"space\.label\.run=best: must be mean or the number of a run"),
        ("nb201_c10", {"label__split": "valid"}, r"space\.label\.run=mean: must be one of 0"),
        ("nb_macro", {"label__split": "valid"}, r"space\.label\.split=valid: must be one of test"),
        ("nb_macro", {"label__epochs": 200}, r"space\.label\.epochs=200: must be one of 50"),
    ],
)
def test_bad_options(name: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(name, **changes)


@pytest.mark.parametrize("run", [0, 1, 2])
def test_single_runs_wrap_around(run: int) -> None:
    space = make("nb201_c10", label__run=run)
    runs = np.stack([space.columns[f"test_200_run{i}"] for i in range(3)])
    for cell in range(0, len(space), 501):
        own = [value for value in runs[:, cell] if not np.isnan(value)]
        assert space.label[cell] == pytest.approx(own[run % len(own)] / 100)
    assert space.label_name == f"test_200_run{run}" and space.report_name == "test_200_mean"
    assert space.optimum == pytest.approx(0.94373, abs=5e-6)
    assert not np.isnan(space.label).any()


def test_mean_falls_back_to_run_0_where_unpublished() -> None:
    space = make("nb201_c100", label__split="valid")
    assert space.label[3989:4000] == pytest.approx(space.columns["valid_200_run0"][3989:4000] / 100)
    assert np.isnan(space.columns["valid_200_mean"]).sum() == 11 and not np.isnan(space.label).any()


def test_short_training_costs_less(spaces: dict[str, Space]) -> None:
    space = make("nb201_c10", label={"split": "valid", "epochs": 12, "run": "mean"})
    assert space.label_name == "valid_12_mean"
    np.testing.assert_allclose(space.train_seconds, spaces["nb201_c10"].train_seconds * 0.06, rtol=1e-6)


def test_damaged_data_dir_stops_the_loader(tmp_path: Path) -> None:
    (tmp_path / nb201.FILE).write_bytes(b"x")
    with pytest.raises(InputError, match=r"nb201\.npz: truncated or altered"):
        make("nb201_c100", data_dir=str(tmp_path))
