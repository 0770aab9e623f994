"""NAS-Bench-Macro: 6,561 chains of 8 layers, each identity, MB3_K3 or MB6_K5, on CIFAR-10."""

import numpy as np

from siamnas.benchmarks import shipped, user_tables
from siamnas.benchmarks.codes import CodeOptions, estimation_code
from siamnas.benchmarks.constraints import Constraints, within
from siamnas.benchmarks.labels import Accuracy, tabled
from siamnas.config.validate import Word
from siamnas.errors import InputError
from siamnas.graphs import roles
from siamnas.graphs.columns import Columns, sort
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space

FILE = "nb_macro.npz"
LAYERS = 8
DIGITS = ("identity", "mb3_k3", "mb6_k5")  # what the digits 0, 1, 2 of the benchmark's names stand for
NODE_TYPES = ("input", *DIGITS, "output")
FIRST = (1, 3, 6)  # nodes of the layers that begin a stage: there an identity is a 1x1 convolution of stride 2


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
    """NAS-Bench-Macro in the order of the digit strings; V = 10 nodes: input, the 8 layers, output.

    Args:
        name: name of the space.
        dataset: cifar10.
        constraints: keep only networks that fulfil them, see `siamnas.benchmarks.constraints`.
        unique: see `Space`.
        label: `split`, `epochs` and `run` of the accuracy that queries return.
        report: the same for the accuracy that results report.
        code: Estimation Code of kind columns, measured, file or none; nothing was published for this space.
        measured: tables of `siamnas measure`.
        data_dir: folder of `nb_macro.npz`; None for the packaged one.

    Raises:
        InputError: an option that the table does not have, or a table that is not the shipped one.
    """
    if dataset != "cifar10":
        raise InputError(f"space.dataset={dataset}: must be cifar10")
    table = shipped.load(FILE, data_dir)
    total = len(table["operations"])
    whole: Columns = {key: table[key] for key in table if key != "operations"}
    keep = within(sort(whole)[0], constraints, total)
    columns = {name: values[keep] for name, values in whole.items()}
    layers = table["operations"][keep]

    archs = np.array(["".join(map(str, network)) for network in layers.tolist()])
    tables = user_tables.read(measured, archs, columns)
    columns |= user_tables.columns(tables)
    codes = estimation_code(code, columns, {}, tables, len(keep))
    types = np.zeros((len(keep), LAYERS + 2), np.uint8)
    types[:, 1:-1] = layers + 1
    types[:, -1] = NODE_TYPES.index("output")
    free, answers = tabled(columns, label, report, codes, np.full(len(keep), np.nan), tables)
    space = Space(
        name=name,
        node_types=NODE_TYPES,
        types=types,
        adjacency=(np.eye(LAYERS + 2) + np.eye(LAYERS + 2, k=1)).astype(np.float32),
        archs=archs,
        columns=free,
        card=shipped.card("NAS-Bench-Macro", dataset, FILE, len(keep), total),
        table=roles.table(NODE_TYPES, fixed=FIRST),
        unique=unique,
    )
    return Benchmark(space, answers)
