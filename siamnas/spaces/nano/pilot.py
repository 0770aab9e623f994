"""Some light cells of the Nano space, trained by us for a few epochs: a stand-in for Tiny-NanoBench."""

from dataclasses import replace

import numpy as np

from siamnas.benchmarks import shipped, user_tables
from siamnas.benchmarks.codes import CodeOptions, estimation_code
from siamnas.benchmarks.constraints import Constraints, within
from siamnas.benchmarks.labels import Accuracy, tabled
from siamnas.benchmarks.user_tables import Losses, Table
from siamnas.config.validate import Word
from siamnas.errors import InputError
from siamnas.graphs.columns import Columns
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.nano.space import space as nano_space

FILE = "nano_pilot.npz"
LIGHT = ["flops<=35"]
CODE = ("code_loss_1", "code_loss_2", "code_loss_3")
CODE_SECONDS = "code_seconds"


@shipped.reads(FILE)
def load(
    name: Word,
    dataset: Word,
    constraints: Constraints,
    unique: bool,
    label: Accuracy,
    report: Accuracy,
    code: CodeOptions,
    measured: list[Word],
    data_dir: Word | None,
) -> Benchmark:
    """The pilot's cells in the order of `siamnas.spaces.nano.space.space`, with that space's FLOPs and parameters.

    Args:
        name: name of the space.
        dataset: cifar10.
        constraints: keep only cells whose published network fulfils them, see `siamnas.benchmarks.constraints`.
        unique: see `Space`.
        label: `split`, `epochs` and `run` of the accuracy that queries return.
        report: the same for the accuracy that results report.
        code: Estimation Code; kind `pilot` is the first `length` losses of a short training of its own (at most 3).
        measured: tables of `siamnas measure`.
        data_dir: folder of `nano_pilot.npz`; None for the packaged one.

    Raises:
        InputError: an option that the table does not have, or a table that is not the shipped one.
    """
    if dataset != "cifar10":
        raise InputError(f"space.dataset={dataset}: must be cifar10")
    table, light = shipped.load(FILE, data_dir), nano_space(name, LIGHT, unique)
    numbers = {arch: i for i, arch in enumerate(light.archs.tolist())}
    every = np.array([numbers[arch] for arch in table["archs"].tolist()])
    keep = within({key: values[every] for key, values in light.columns.items()}, constraints, len(every))
    cells = every[keep]
    measured_columns = {key: table[key][keep].astype(np.float64) for key in table if key != "archs"}
    seconds = measured_columns.pop(CODE_SECONDS)
    columns: Columns = {key: values[cells] for key, values in light.columns.items()} | measured_columns

    archs = light.archs[cells]
    losses = Table({key: columns[key] for key in CODE}, seconds)
    tables = [losses, *user_tables.read(measured, archs, columns)]
    columns |= user_tables.columns(tables)
    published = {"pilot": Losses(np.stack([columns[key] for key in CODE], axis=1), seconds)}
    codes = estimation_code(code, columns, published, tables, len(keep))
    price = columns.get(f"train_seconds_{label.epochs}", np.full(len(keep), np.nan))
    free, answers = tabled(columns, label, report, codes, price, tables)
    space = replace(
        light,
        types=light.types[cells],
        adjacency=light.adjacency[cells],
        archs=archs,
        columns=free,
        card=shipped.card("Nano (Siamese-NAS), trained by siamnas", dataset, FILE, len(keep), len(every)),
    )
    return Benchmark(space, answers)
