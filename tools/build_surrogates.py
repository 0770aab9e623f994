"""Build the surrogates that the package ships: what predicts the value of networks that nobody has trained.

Run as: python tools/build_surrogates.py SHARED_DATA_DIR [--out FOLDER]

Transformers: the perplexity networks of HW-GPT-Bench, rounded to half precision. MnasNet and once-for-all: boosted
trees, fitted here to the measured accuracies, and their cross-validated Kendall tau, printed and shipped with them. Of
MnasNet the measured networks are shipped, too, as a list.
What the card (siamnas/benchmarks/data/README.md) says of the tables is checked; the same inputs and the same
scikit-learn give the same trees.
"""

import argparse
import csv
import lzma
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from build_tables import Arrays, add_out, check, write_npz, write_sums
from numpy.typing import NDArray
from scipy.stats import kendalltau
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold

from siamnas.benchmarks import boosted, perplexity
from siamnas.spaces.mobile import accel_nasbench, mnasnet, ofa

MEASURED = {"mnasnet": (5_138, 5_125), "mit_ofa": (2_610, 2_610), "moofa": (2_600, 2_600)}  # rows, different networks
FOLDS = 5
PERCENT, MILLION = 100, 1e6

Row = dict[str, str]
Floats = NDArray[np.float64]
Ints = NDArray[np.int16]


def read(path: Path) -> list[Row]:
    """The rows of a table."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def column(rows: Sequence[Row], name: str) -> Floats:
    """A column as numbers."""
    return np.array([float(row[name]) for row in rows])


def gpt(path: Path) -> Arrays:
    """The weights and biases of the perplexity networks of GPT-S, M and L."""
    source = np.load(path)
    numbers = range(1, perplexity.LAYERS + 1)
    names = {f"{s}.{kind}{i}": f"{s}_perplexity_{kind}{i}" for s in "sml" for i in numbers for kind in "wb"}
    arrays: Arrays = {name: source[key].astype(np.float16) for name, key in names.items()}
    check(all(np.isfinite(array).all() for array in arrays.values()), "weights fit half precision")
    return arrays


def mnasnet_rows(table: Sequence[Row]) -> Ints:
    """(n, 28) the networks of the table in the form of the space."""
    stages = []
    for stage in range(len(mnasnet.DEEPEST)):
        layers, expand, kernel, squeeze = (column(table, f"{key}{stage}") for key in ("l", "e", "k", "se"))
        found = [layers - 1, numbers(expand, mnasnet.EXPANDS), numbers(kernel, mnasnet.KERNELS), squeeze]
        stages.append(np.stack(found, axis=1))
    return np.concatenate(stages, axis=1).astype(np.int16)


def accel(table: Sequence[Row]) -> Arrays:
    """The different networks of Accel-NASBench in the order of their choices; of what was trained twice the mean."""
    rows = mnasnet_rows(table)
    layers = mnasnet.Stages().layers(rows)
    for name, known in (("params", mnasnet.params), ("macs", mnasnet.macs)):
        check(bool((known(layers) == np.rint(MILLION * column(table, f"{name}_M"))).all()), f"{name} of all MnasNets")
    different, which, times = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    check((len(rows), len(different)) == MEASURED["mnasnet"], "numbers of MnasNets")
    top1, seconds = (np.bincount(which, column(table, name)) / times for name in ("top1", "train_time_s"))
    return {
        "rows": different.astype(np.uint8),
        "top1": np.round(top1, 4),
        "train_seconds": np.round(seconds).astype(np.uint16),
    }


def mnasnet_trees(known: Arrays) -> Arrays:
    """Trees fitted to the networks of Accel-NASBench."""
    rows, values = known["rows"].astype(np.int16), known["top1"] / PERCENT
    return trees(rows, values) | {"tau": tau("mnasnet", cross_validated(rows, values), values)}


def ofa_rows(table: Sequence[Row], own: ofa.Supernet) -> Ints:
    """(n, 45) the sub-networks of the table in the form of the space."""
    found = []
    for stage in range(len(own.widths)):
        found.append(column(table, f"d{stage}") - ofa.SHALLOWEST)
        for seat in range(ofa.DEEPEST * stage, ofa.DEEPEST * (stage + 1)):
            found.append(numbers(column(table, f"k{seat}"), ofa.KERNELS))
            found.append(numbers(column(table, f"e{seat}"), own.expands))
    return np.stack(found, axis=1).astype(np.int16)


def ofa_trees(table: Sequence[Row], name: str) -> Arrays:
    """Trees fitted to the sub-networks of a supernet, whose image size is the last feature.

    Four processes measured on different images: what their part says of an accuracy beyond the choices is subtracted.
    """
    own, parts = ofa.SUPERNETS[name], column(table, "part").astype(int)
    sizes = column(table, "image_size").astype(np.int16)
    rows = ofa_rows(table, own)
    check(len(rows) == MEASURED[name][0], f"number of sub-networks of {name}")
    memory = column(table, "peak_memory")
    for size, median in own.medians.items():
        here = sizes == size
        known = ofa.PeakMemory(own, size)(ofa.Stages(own, size).layers(rows[here]))
        check(bool((known == memory[here]).all()), f"peak memory of {name}")
        check(np.median(memory[here]) == median, f"median of the peak memory of {name}")
    features, values = np.concatenate([rows, sizes[:, None]], axis=1), column(table, "accuracy")
    residual = values - cross_validated(features, values)
    effects = np.bincount(parts, residual) / np.bincount(parts)
    print(f"{name}: effects of parts 0 to 3 in points {np.round(PERCENT * effects, 2)}")
    values = values - effects[parts]
    predicted = cross_validated(features, values)
    tau(f"{name}, all sizes", predicted, values)
    each = [tau(f"{name}, {size}", predicted[sizes == size], values[sizes == size]) for size in own.medians]
    return trees(features, values) | {"tau": np.array(np.mean(each))}


def numbers(values: Floats, options: Sequence[int]) -> Floats:
    """Values as numbers of options; -1 for 0, what is not there."""
    found = np.searchsorted(options, values)
    check(bool(np.isin(values, (0, *options)).all()), f"values are among {options}")
    return np.where(values == 0, -1, found)


def model() -> HistGradientBoostingRegressor:
    """The trees before they are fitted."""
    return HistGradientBoostingRegressor(
        max_iter=600, learning_rate=0.1, max_leaf_nodes=6, early_stopping=False, random_state=0
    )


def cross_validated(features: Ints, values: Floats) -> Floats:
    """(n,) what trees say of values that they were not fitted to."""
    found = np.empty(len(values))
    for seen, others in KFold(FOLDS, shuffle=True, random_state=0).split(features):
        found[others] = model().fit(features[seen], values[seen]).predict(features[others])
    return found


def tau(what: str, predicted: Floats, values: Floats) -> NDArray[np.float64]:
    """Kendall's tau, told with the root of the mean square error."""
    found, error = kendalltau(predicted, values).statistic, np.sqrt(((predicted - values) ** 2).mean())
    print(f"{what}: {len(values):,} networks, cross-validated tau {found:.3f}, error {PERCENT * error:.3f} points")
    return np.array(found)


def trees(features: Ints, values: Floats) -> Arrays:
    """Fitted trees as the arrays that `siamnas.benchmarks.boosted.predicted` reads."""
    fitted = model().fit(features, values)
    grown = [stage[0].nodes for stage in fitted._predictors]
    nodes, sizes = np.concatenate(grown), list(map(len, grown))
    roots, leaf = np.cumsum([0, *sizes[:-1]]), nodes["is_leaf"].astype(bool)
    own = np.arange(len(nodes)) - np.repeat(roots, sizes)  # number of each node in its tree
    children = np.stack([nodes["left"] - own, nodes["right"] - own], axis=1)
    found: Arrays = {
        "roots": roots.astype(np.uint16),
        "feature": np.where(leaf, 0, nodes["feature_idx"]).astype(np.uint8),
        "threshold": np.floor(np.where(leaf, 0, nodes["num_threshold"])).astype(np.int16),
        "child": np.where(leaf[:, None], 0, children).astype(np.int8),
        "value": np.where(leaf, nodes["value"], 0).astype(np.float32),
        "base": np.array(np.ravel(fitted._baseline_prediction)[0]),
        "depth": np.array(nodes["depth"].max(), np.int64),
        "measured": np.array(len(values)),
    }
    again = boosted.predicted(found, features)
    check(bool(np.abs(again - fitted.predict(features)).max() < 1e-6), "the arrays say what the trees say")
    return found


def main(folder: Path, out: Path) -> None:
    """Build everything into `out`."""
    write_npz(out / perplexity.FILE, gpt(folder / "hw_gpt_bench_ppl.npz"))
    known = accel(read(folder / "accel_nasbench.csv.xz"))
    write_npz(out / accel_nasbench.FILE, known)
    write_npz(out / mnasnet.FILE, mnasnet_trees(known))
    table, cuts = read(folder / "ofa_pools.csv.xz"), Arrays()
    for name in ofa.SUPERNETS:
        made = ofa_trees([row for row in table if row["pool"] == name], name)
        cuts |= {f"{name}.{key}": array for key, array in made.items()}
    write_npz(out / ofa.FILE, cuts)
    write_sums(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="SHARED_DATA_DIR", help="with the archives")
    add_out(parser)
    options = parser.parse_args()
    main(options.folder, options.out)
