"""What columns as features are worth, and what they cost where they say nothing.

Run as: OMP_NUM_THREADS=1 python experiments/transfer/columns.py [PAIR ...] [--seeds 2000:2050]   (again to go on)

A default search with columns against one without any, from the same seed, on a random part of a space (another for
every seed): `own` are FLOPs and parameters, `random` those of another architecture, drawn without replacement. Inverted
ones need no row: with the sign of a feature neither its squared distances nor its products change. `columns_runs.csv`
and `columns_table.csv` are as `gains.py` says.
"""

import numpy as np
from gains import Found, Order, Values, kept, main, search, space_of, table

TASKS = ("nb201_img16", "nb_macro", "tiny_nb201")
PAIRS = [(kind, task) for task in TASKS for kind in ("own", "random")]


def columns(task: str, kind: str, rows: Order, seed: int) -> dict[str, Values]:
    """Those of a kind, of some architectures."""
    space, _ = table(task)
    told = rows if kind == "own" else np.random.default_rng(seed).permutation(rows)
    return {name: np.asarray(space.columns[name], dtype=np.float64)[told] for name in ("flops", "params")}


def searched(seed: int, share: float, pairs: list[tuple[str, str]]) -> Found:
    """All pairs of a seed."""
    seeds = range(seed, seed + 1)
    alone: dict[str, Order] = {}
    for kind, task in pairs:
        rows = kept(task, seed, share)
        values = table(task)[1][rows]
        if task not in alone:
            alone[task] = search(space_of(task, rows), values, seeds)[0]
        told = space_of(task, rows, columns(task, kind, rows, seed))
        yield kind, task, values, alone[task], search(told, values, seeds)[0]


if __name__ == "__main__":
    main("columns_", PAIRS, searched)
