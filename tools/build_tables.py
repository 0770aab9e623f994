"""Build the tables that the package ships from the archives of measurements made by others.

Run as: python tools/build_tables.py SHARED_DATA_DIR [--out FOLDER]

Every fact the data card (siamnas/benchmarks/data/README.md) states about the sources is checked here. The npz files are
plain zip archives with fixed timestamps: the same inputs and zlib give the same bytes. Without --out they replace those
of the package.
"""

import argparse
import csv
import hashlib
import io
import itertools
import json
import lzma
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TARGET = Path(__file__).resolve().parents[1] / "siamnas" / "benchmarks" / "data"
LIMIT_BYTES = 12_000_000

CELLS = 15_625
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
EDGES = ("0_1", "0_2", "1_2", "0_3", "1_3", "2_3")
DATASETS = ("c10", "c100", "in16")
MOTE_FOLDERS = {"c10": "cifar10", "c100": "cifar100", "in16": "img16"}
UNCODED = set(range(3989, 4000))
PROXY_EPOCHS = 50

HW_FILES = {"c10": "cifar10", "c100": "cifar100", "in16": "ImageNet16-120"}
HW_EDGES = ("0_1", "0_2", "0_3", "1_2", "1_3", "2_3")
HW_OPERATIONS = ("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3")

# table column -> (column of the merged csv, values per percent point): accuracies are counts of images over runs, so
# each lies on a grid; putting it there removes the float noise of the sources and keeps equal accuracies equal.
ACCURACIES = {
    "c10.test_200_mean": ("c10_test_200", 600),
    "c10.valid_200_run0": ("c10_val_200_onerun", 100),
    "c10.test_12_run0": ("c10_test_12", 100),
    "c10.valid_12_mean": ("c10_val_12", 500),
    "c100.test_200_mean": ("c100_test_200", 300),
    "c100.valid_200_mean": ("c100_val_200_derived", 300),
    "c100.valid_200_run0": ("c100_val_200_onerun", 50),
    "c100.test_12_run0": ("c100_test_12", 50),
    "c100.valid_12_run0": ("c100_val_12", 50),
    "in16.test_200_mean": ("in16_test_200", 180),
    "in16.valid_200_run0": ("in16_val_200_onerun", 30),
    "in16.test_12_run0": ("in16_test_12", 30),
    "in16.valid_12_run0": ("in16_val_12", 30),
}
# MFLOPs and Mparams are affine in the numbers of 3x3 and 1x1 convolutions: (base, per 3x3, per 1x1)
FLOPS = {"c10": (7.78305, 35.38944, 3.93216), "c100": (7.7889, 35.38944, 3.93216), "in16": (1.9534, 8.84736, 0.98304)}
PARAMS = {"c10": (0.073306, 0.24304, 0.028), "c100": (0.079156, 0.24304, 0.028), "in16": (0.080456, 0.24304, 0.028)}

GRAPH_NETWORKS = 26_206
GRAPH_OPERATIONS = ("gat", "gcn", "gin", "cheb", "sage", "arma", "graph", "fc", "skip")
GRAPH_DATASETS = ("cora", "citeseer", "computers", "arxiv")

Arrays = dict[str, NDArray[Any]]


def check(fact: bool, what: str) -> None:
    """Stop the build where a fact of the data card does not hold."""
    if not fact:
        raise SystemExit(f"build_tables: the sources disagree with the data card: {what}")


def snap(values: NDArray[np.float64], per_percent: int, what: str) -> NDArray[np.float64]:
    """Accuracies in percent on their grid of `per_percent` values per percent point."""
    exact = np.round(values * per_percent) / per_percent
    check(float(np.nanmax(np.abs(exact - values))) < 1e-5, f"{what} is not on a grid of 1/{per_percent} percent")
    return exact


def csv_columns(text: str) -> dict[str, list[str]]:
    """Header name -> the texts below it."""
    header, *rows = csv.reader(io.StringIO(text))
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))


def numbers(texts: list[str]) -> NDArray[np.float64]:
    """Texts as floats, NaN where empty."""
    return np.array([float(text) if text else np.nan for text in texts])


def cifar10_runs(
    listed: list[str], mean: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.uint8]]:
    """Single CIFAR-10 runs, the one missing from the source completed from the mean.

    The source lists every run of 13,192 cells and all but one of 2,433; every cell has 2 or 3. The mean covers all
    runs, so the missing one is `n * mean - sum of the others`, a whole number of hundredths of a percent.

    Returns:
        (M, 3) runs in percent with NaN behind the last, (M,) number of runs, (M,) number of runs the source lists.
    """
    runs = np.full((len(listed), 3), np.nan)
    known = np.zeros(len(listed), np.uint8)
    for cell, text in enumerate(listed):
        values = [float(value) for value in text.split(";")]
        known[cell] = len(values)
        complete = len(values) > 1 and abs(sum(values) / len(values) - mean[cell]) < 1e-5
        if not complete:
            values.append(round((len(values) + 1) * mean[cell] - sum(values), 6))
        check(len(values) in (2, 3), f"cell {cell} has {len(values)} CIFAR-10 runs")
        runs[cell, : len(values)] = values
    check(bool(np.nanmax(np.abs(np.nanmean(runs, axis=1) - mean)) < 1e-5), "CIFAR-10 runs and their mean")
    check(bool(np.nanmin(runs) >= 0 and np.nanmax(runs) < 94.69), "a completed CIFAR-10 run is out of range")
    return snap(runs, 100, "c10_test_200_runs"), np.sum(~np.isnan(runs), axis=1).astype(np.uint8), known


def read_merged(folder: Path) -> tuple[Arrays, list[tuple[str, ...]]]:
    """Arrays of the merged NAS-Bench-201 csv, and the operation names of each cell in the order of EDGES."""
    table = csv_columns(lzma.decompress((folder / "nb201_merged.csv.xz").read_bytes()).decode())
    cells = list(zip(*(table[f"op_{edge}"] for edge in EDGES), strict=True))
    check([int(i) for i in table["nats_index"]] == list(range(CELLS)), "the csv is in index order")
    check(len(set(cells)) == CELLS, "all cells differ")
    check([tuple(re.findall(r"\|?(\w+)~\d", arch)) for arch in table["arch_str"]] == cells, "arch strings")

    arrays: Arrays = {"operations": np.array([[OPERATIONS.index(op) for op in cell] for cell in cells], np.uint8)}
    for name, (source, per_percent) in ACCURACIES.items():
        arrays[name] = snap(numbers(table[source]), per_percent, source)
    runs, number, known = cifar10_runs(table["c10_test_200_runs"], arrays["c10.test_200_mean"])
    halves = arrays["c100.test_200_mean"][number == 2] * 100  # two runs of 5,000 images each
    check(bool(np.allclose(halves, np.round(halves), rtol=0, atol=1e-6)), "CIFAR-100 means of cells with two runs")
    arrays |= {f"c10.test_200_run{run}": runs[:, run] for run in range(3)}
    arrays |= {"c10.test_200_runs": number, "c10.test_200_runs_listed": known}

    convolutions = np.array([[cell.count("nor_conv_3x3"), cell.count("nor_conv_1x1")] for cell in cells])
    for data in DATASETS:
        for name, source, (base, *slopes) in (("flops", "flops_M", FLOPS[data]), ("params", "params_M", PARAMS[data])):
            exact = np.round(base + convolutions @ np.array(slopes), 6)
            check(bool(np.allclose(exact, numbers(table[f"{data}_{source}"]), rtol=0, atol=1e-9)), f"{data} {name}")
            arrays[f"{data}.{name}"] = exact
        seconds = numbers(table[f"{data}_train_time_200_s"])
        check(set(np.flatnonzero(np.isnan(seconds))) == UNCODED, f"{data} training times")
        arrays[f"{data}.train_seconds_200"] = seconds.astype(np.float32)
        arrays[f"{data}.train_seconds_12"] = (seconds * 12 / 200).astype(np.float32)
        arrays[f"{data}.latency"] = numbers(table[f"{data}_latency_s"]).astype(np.float32)
    return arrays, cells


def read_mote(folder: Path, merged: Arrays, cells: list[tuple[str, ...]]) -> Arrays:
    """Proxy losses, landscape losses and MOTE score; NaN for the cells that MOTE-NAS left out."""
    shared: dict[int, dict[str, Any]] = {}
    seen = {data: set[int]() for data in DATASETS}
    with tarfile.open(folder / "mote_nas_nb201_json.tar.xz") as archive:
        for member in archive:
            match = re.fullmatch(r"data/nasbench201_(\w+)-10/(\d+)\.json", member.name)
            stream = archive.extractfile(member)
            if match is None or stream is None:
                continue
            data = next(key for key, name in MOTE_FOLDERS.items() if name == match[1])
            cell, index = json.load(stream), int(match[2])
            seen[data].add(index)
            operations = tuple("none" if op == "zeros" else op for op in cell["operations"])
            check(operations == cells[index], f"operations of MOTE-NAS cell {index}")
            check(abs(cell["test_accuracy_200"] * 100 - merged[f"{data}.test_200_mean"][index]) < 1e-5, "accuracies")
            check(cell["proxy_train_epochs"] == PROXY_EPOCHS == len(cell["proxy_losses"]), f"epochs of cell {index}")
            row = {key: cell[key] for key in ("proxy_losses", "landscape_losses", "proxy_train_time", "mote")}
            check(shared.setdefault(index, row) == row, f"cell {index} differs between the folders of MOTE-NAS")
    check(all(ids == set(range(CELLS)) - UNCODED for ids in seen.values()), "the cells of MOTE-NAS")

    def gather(key: str) -> NDArray[np.float32]:
        width = np.shape(shared[0][key])
        out = np.full((CELLS, *width), np.nan, np.float32)
        for index, row in shared.items():
            out[index] = row[key]
        return out

    return {
        "proxy_losses": gather("proxy_losses"),
        "landscape_losses": gather("landscape_losses"),
        "proxy_seconds_50": gather("proxy_train_time"),
        "mote_score": gather("mote"),
    }


def read_hardware(folder: Path, cells: list[tuple[str, ...]]) -> Arrays:
    """HW-NAS-Bench metrics in index order; the -1 of the edge TPU becomes NaN."""
    arrays: Arrays = {}
    with tarfile.open(folder / "hw_nas_bench_nb201.tar.xz") as archive:
        for data, name in HW_FILES.items():
            stream = archive.extractfile(f"hw/hw_{name}.csv")
            if stream is None:
                raise SystemExit(f"build_tables: hw/hw_{name}.csv is not a file")
            table = csv_columns(stream.read().decode())
            order = [HW_EDGES.index(edge) for edge in EDGES]
            nets = [[int(op) for op in net.strip("()").split(",")] for net in table.pop("net")]
            named = [tuple(HW_OPERATIONS[net[edge]] for edge in order) for net in nets]
            # Rows of HW-NAS-Bench are in the benchmark's index order: equality proves edge order and op numbering.
            check(named == cells, f"hw_{name}.csv is not in index order")
            for metric, texts in table.items():
                values = numbers(texts)
                missing = values < 0
                check(missing.sum() == (4699 if metric == "edgetpu_latency" else 0), f"{name} {metric} below 0")
                arrays[f"{data}.hw_{metric}"] = np.where(missing, np.nan, values).astype(np.float32)
    return arrays


def read_macro(folder: Path) -> Arrays:
    """NAS-Bench-Macro in the order of the digit strings."""
    table = json.loads(lzma.decompress((folder / "nas_bench_macro_cifar10.json.xz").read_bytes()))
    archs = ["".join(digits) for digits in itertools.product("012", repeat=8)]
    check(sorted(table) == archs, "the 6,561 digit strings")
    runs = snap(np.array([table[arch]["test_acc"] for arch in archs], np.float64), 100, "NAS-Bench-Macro runs")
    mean = snap(np.array([table[arch]["mean_acc"] for arch in archs]), 300, "NAS-Bench-Macro means")
    check(bool(np.allclose(runs.mean(axis=1), mean, rtol=0, atol=1e-9)), "NAS-Bench-Macro means")
    flops = np.array([table[arch]["flops"] for arch in archs]) / 1e6
    check(int((flops < 35).sum()) == 509, "509 networks below 35 MFLOPs")
    return {
        "operations": np.array([[int(digit) for digit in arch] for arch in archs], np.uint8),
        "test_50_mean": mean,
        **{f"test_50_run{run}": runs[:, run] for run in range(3)},
        "flops": flops,
        "params": np.array([table[arch]["params"] for arch in archs]) / 1e6,
    }


def read_graph(folder: Path) -> Arrays:
    """NAS-Bench-Graph in the order of its package; accuracies are means of three trainings."""
    table = csv_columns(lzma.decompress((folder / "nas_bench_graph_4.csv.xz").read_bytes()).decode())
    networks = list(zip(table["link"], *(table[f"op{i}"] for i in range(1, 5)), strict=True))
    check(len(set(networks)) == len(networks) == GRAPH_NETWORKS, "26,206 different graph networks")
    links = np.array([[int(digit) for digit in network[0]] for network in networks], np.uint8)
    check(bool((links <= np.arange(4)).all()), "an operation takes the input or an earlier one")
    arrays: Arrays = {
        "links": links,
        "operations": np.array(
            [[GRAPH_OPERATIONS.index(name) for name in network[1:]] for network in networks], np.uint8
        ),
    }
    for data in GRAPH_DATASETS:
        arrays |= {f"{data}.{split}": numbers(table[f"{data}_{split}"]) for split in ("valid", "test")}
        arrays |= {f"{data}.params": numbers(table[f"{data}_params_M"])}
        arrays |= {f"{data}.latency": numbers(table[f"{data}_latency_s"]).astype(np.float32)}
        check(all(np.isfinite(arrays[f"{data}.{name}"]).all() for name in ("valid", "test", "params", "latency")), data)
    return arrays


def write_npz(path: Path, arrays: Arrays) -> None:
    """Compressed npz whose bytes depend on the arrays alone; its folder is made where it does not exist."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(info, buffer.getvalue(), compresslevel=9)


def write_sums(out: Path) -> None:
    """Write SHA256SUMS of all tables of a folder, and print it with their sizes."""
    paths = sorted(path for path in out.iterdir() if path.suffix in (".npz", ".csv"))
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths]
    (out / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    for path, line in zip(paths, lines, strict=True):
        print(f"{path.stat().st_size:>10,} bytes  {line}", end="")
    check(sum(path.stat().st_size for path in paths) < LIMIT_BYTES, "the tables are too big to ship")


def add_out(parser: argparse.ArgumentParser) -> None:
    """The argument --out: the folder of the tables."""
    parser.add_argument("--out", type=Path, default=TARGET, metavar="FOLDER", help="default: that of the package")


def main(folder: Path, out: Path) -> None:
    """Build everything into `out`."""
    merged, cells = read_merged(folder)
    nb201 = merged | read_hardware(folder, cells) | read_mote(folder, merged, cells)
    write_npz(out / "nb201.npz", nb201)
    write_npz(out / "nb_macro.npz", read_macro(folder))
    write_npz(out / "nas_bench_graph.npz", read_graph(folder))
    (out / "paper_curves.csv").write_bytes((folder / "paper_fig6_fig7.csv").read_bytes())
    write_sums(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="SHARED_DATA_DIR", help="with the archives")
    add_out(parser)
    options = parser.parse_args()
    main(options.folder, options.out)
