"""Build the table of `space=nano_pilot` from what `siamnas measure` has written.

Run as: python tools/build_nano_pilot.py RUN_0 RUN_1 CODES [--out FOLDER]

with the folders of these measurements, CIFAR being a folder of image files (train/CLASS/*.jpg, test/CLASS/*.jpg):

    siamnas measure PILOT TRAIN images.train=1000 archs=200 seed=0
    siamnas measure PILOT TRAIN images.train=1000 archs=FILE seed=1      FILE: the first 30 names of that table
    siamnas measure PILOT what=code images.train=250 archs=FILE seed=2   FILE: all of its names

    PILOT   space=nano network=nano network.stem=32 network.widths=[32,64,128] network.cells=1
            images=folder images.path=CIFAR images.size=16 images.test=1000
    TRAIN   what=train_reduced 'what.phases=[{epochs:3,lr:5e-3},{epochs:1,lr:5e-4}]' what.batch_size=32
            what.augment.shift=0
"""

import argparse
from pathlib import Path

import numpy as np
from build_tables import Arrays, add_out, check, write_npz, write_sums

from siamnas.benchmarks import user_tables
from siamnas.spaces.nano import space
from siamnas.spaces.nano.pilot import CODE, CODE_SECONDS, FILE, LIGHT

EPOCHS = 4
FEWEST, TWICE = 200, 30


def build(first: str, second: str, codes: str, out: Path) -> None:
    """Write the table and its sum."""
    archs = space.space("nano", LIGHT, unique=False).archs
    runs = [user_tables.read([folder], archs, ())[0] for folder in (first, second)]
    (code,) = user_tables.read([codes], archs, ())
    kept = np.flatnonzero(np.isfinite(runs[0].columns["accuracy"]))
    arrays: Arrays = {"archs": archs[kept]}
    for number, run in enumerate(runs):
        accuracy = run.columns["accuracy"][kept] * 100
        arrays[f"test_{EPOCHS}_run{number}"] = np.round(accuracy, 6)
    arrays[f"train_seconds_{EPOCHS}"] = runs[0].seconds[kept].astype(np.float32)
    for number, name in enumerate(CODE, start=1):
        arrays[name] = code.columns[f"loss_{number}"][kept].astype(np.float32)
    arrays[CODE_SECONDS] = code.seconds[kept].astype(np.float32)
    check(len(kept) >= FEWEST, f"{len(kept)} cells")
    check(np.isfinite(arrays[f"test_{EPOCHS}_run1"]).sum() == TWICE, f"{TWICE} cells are trained twice")
    check(all(np.isfinite(arrays[name]).all() for name in CODE), "all cells have a code")
    write_npz(out / FILE, arrays)
    write_sums(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("first", "second", "codes"):
        parser.add_argument(name, help="folder of a measurement")
    add_out(parser)
    options = parser.parse_args()
    build(options.first, options.second, options.codes, options.out)
