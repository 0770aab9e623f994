"""Archives like those that the shipped files were built from, made of the shipped files."""

import csv
import io
import itertools
import json
import lzma
import shutil
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image

from siamnas.benchmarks import shipped

FILES = ("nb201_merged.csv.xz", "hw_nas_bench_nb201.tar.xz", "mote_nas_nb201_json.tar.xz")
Table = dict[str, np.ndarray]


def tables(tool: ModuleType, folder: Path) -> None:
    """What `tools/build_tables.py` reads; `tool` is that module, which says how the sources name things."""
    table = dict(shipped.load("nb201.npz"))
    cells = [[tool.OPERATIONS[i] for i in row] for row in table["operations"].tolist()]
    # The tars are not compressed, which takes most of the time and is found out by who reads them.
    (folder / FILES[0]).write_bytes(xz(text(merged(tool, table, cells))))
    with tarfile.open(folder / FILES[1], "w") as archive:
        for data, name in tool.HW_FILES.items():
            add(archive, f"hw/hw_{name}.csv", text(hardware(tool, table, cells, data)).encode())
    with tarfile.open(folder / FILES[2], "w") as archive:
        mote(tool, table, cells, archive)
    (folder / "nas_bench_macro_cifar10.json.xz").write_bytes(xz(json.dumps(macro())))
    (folder / "nas_bench_graph_4.csv.xz").write_bytes(xz(text(graph(tool))))
    shutil.copy(shipped.DATA / "paper_curves.csv", folder / "paper_fig6_fig7.csv")


def merged(tool: ModuleType, table: Table, cells: list[list[str]]) -> dict[str, list[Any]]:
    """Columns of the merged table of NAS-Bench-201."""
    arch = "|{}~0|+|{}~0|{}~1|+|{}~0|{}~1|{}~2|"
    columns: dict[str, list[Any]] = {"nats_index": list(range(len(cells)))}
    columns["arch_str"] = [arch.format(*cell) for cell in cells]
    columns |= {f"op_{edge}": [cell[i] for cell in cells] for i, edge in enumerate(tool.EDGES)}
    columns |= {source: known(table[name]) for name, (source, _) in tool.ACCURACIES.items()}
    runs = np.stack([table[f"c10.test_200_run{run}"] for run in range(3)], axis=1).tolist()
    listed = table["c10.test_200_runs_listed"].tolist()
    columns["c10_test_200_runs"] = [
        ";".join(map(str, values[:count])) for values, count in zip(runs, listed, strict=True)
    ]
    for data in tool.DATASETS:
        for name, source in {
            "flops": "flops_M",
            "params": "params_M",
            "train_seconds_200": "train_time_200_s",
            "latency": "latency_s",
        }.items():
            columns[f"{data}_{source}"] = known(table[f"{data}.{name}"])
    return columns


def hardware(tool: ModuleType, table: Table, cells: list[list[str]], data: str) -> dict[str, list[Any]]:
    """Columns of a table of HW-NAS-Bench."""
    order = [tool.EDGES.index(edge) for edge in tool.HW_EDGES]
    nets = [tuple(tool.HW_OPERATIONS.index(cell[i]) for i in order) for cell in cells]
    prefix = f"{data}.hw_"
    metrics = {name.removeprefix(prefix): table[name] for name in table if name.startswith(prefix)}
    return {"net": nets, **{name: np.nan_to_num(values, nan=-1.0).tolist() for name, values in metrics.items()}}


def mote(tool: ModuleType, table: Table, cells: list[list[str]], archive: tarfile.TarFile) -> None:
    """The files of MOTE-NAS: one for each cell and data set."""
    shared = {
        "proxy_losses": table["proxy_losses"].tolist(),
        "landscape_losses": table["landscape_losses"].tolist(),
        "proxy_train_time": table["proxy_seconds_50"].tolist(),
        "mote": table["mote_score"].tolist(),
    }
    accuracies = {data: (table[f"{data}.test_200_mean"] / 100).tolist() for data in tool.MOTE_FOLDERS}
    for index, operations in enumerate(cells):
        if index in tool.UNCODED:
            continue
        cell = {
            "operations": ["zeros" if name == "none" else name for name in operations],
            "proxy_train_epochs": tool.PROXY_EPOCHS,
            **{key: values[index] for key, values in shared.items()},
        }
        rest = json.dumps(cell)[1:]
        for data, name in tool.MOTE_FOLDERS.items():
            content = f'{{"id": {index}, "test_accuracy_200": {accuracies[data][index]!r}, {rest}'
            add(archive, f"data/nasbench201_{name}-10/{index}.json", content.encode())


def macro() -> dict[str, dict[str, Any]]:
    """NAS-Bench-Macro by the digits of its networks."""
    table = dict(shipped.load("nb_macro.npz"))
    runs = np.stack([table[f"test_50_run{run}"] for run in range(3)], axis=1).tolist()
    numbers = {name: np.round(table[name] * 1e6).astype(int).tolist() for name in ("flops", "params")}
    means = table["test_50_mean"].tolist()
    return {
        "".join(digits): {
            "test_acc": runs[i],
            "mean_acc": means[i],
            "flops": numbers["flops"][i],
            "params": numbers["params"][i],
        }
        for i, digits in enumerate(itertools.product("012", repeat=8))
    }


def graph(tool: ModuleType) -> dict[str, list[Any]]:
    """Columns of NAS-Bench-Graph."""
    table = dict(shipped.load("nas_bench_graph.npz"))
    columns: dict[str, list[Any]] = {"link": ["".join(map(str, link)) for link in table["links"].tolist()]}
    for place, numbers in enumerate(table["operations"].T.tolist(), start=1):
        columns[f"op{place}"] = [tool.GRAPH_OPERATIONS[number] for number in numbers]
    names = {"valid": "valid", "test": "test", "latency": "latency_s", "params": "params_M"}
    return columns | {
        f"{data}_{name}": table[f"{data}.{key}"].tolist() for data in tool.GRAPH_DATASETS for key, name in names.items()
    }


def images(path: Path, classes: tuple[str, ...], totals: dict[str, int]) -> None:
    """An archive as large as that of CIFAR-10, with one image for each class and part."""
    rng = np.random.default_rng(0)
    with tarfile.open(path, "w") as archive:
        for part, name in itertools.product(totals, classes):
            buffer = io.BytesIO()
            Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(buffer, "JPEG", quality=10)
            for number in range(totals[part]):
                add(archive, f"{part}/{name}/{number:04}.jpg", buffer.getvalue())


def measured(folder: Path, archs: list[str], columns: dict[str, np.ndarray], seconds: np.ndarray) -> Path:
    """A folder of `siamnas measure`."""
    folder.mkdir()
    failed = [""] * len(archs)
    table = {"arch": archs, **{name: known(values) for name, values in columns.items()}}
    (folder / "table.csv").write_text(text({**table, "seconds": seconds.tolist(), "failed": failed}))
    return folder


def text(columns: dict[str, list[Any]]) -> str:
    """Columns as CSV."""
    buffer = io.StringIO()
    lines = csv.writer(buffer, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows(zip(*columns.values(), strict=True))
    return buffer.getvalue()


def known(values: np.ndarray) -> list[Any]:
    """Numbers with empty cells where there are none."""
    return ["" if value != value else value for value in values.tolist()]


def xz(content: str) -> bytes:
    return lzma.compress(content.encode(), preset=0)


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
