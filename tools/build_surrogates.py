"""Build the surrogates that the package ships: what predicts the accuracy of networks that nobody has trained.

Run as: python tools/build_surrogates.py SHARED_DATA_DIR [--out FOLDER]

The card (siamnas/benchmarks/data/README.md) says what they are. The perplexity of transformers is predicted by the
networks of HW-GPT-Bench, rounded to half precision: its own numbers are kept to 1e-4.
"""

import argparse
from pathlib import Path

import numpy as np
from build_tables import Arrays, add_out, check, write_npz, write_sums

from siamnas.benchmarks import perplexity


def gpt(path: Path) -> Arrays:
    """The weights and biases of the perplexity networks of GPT-S, M and L."""
    source = np.load(path)
    numbers = range(1, perplexity.LAYERS + 1)
    names = {f"{s}.{kind}{i}": f"{s}_perplexity_{kind}{i}" for s in "sml" for i in numbers for kind in "wb"}
    arrays: Arrays = {name: source[key].astype(np.float16) for name, key in names.items()}
    check(all(np.isfinite(array).all() for array in arrays.values()), "weights fit half precision")
    return arrays


def main(folder: Path, out: Path) -> None:
    """Build everything into `out`."""
    write_npz(out / perplexity.FILE, gpt(folder / "hw_gpt_bench_ppl.npz"))
    write_sums(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="SHARED_DATA_DIR", help="with the archives")
    add_out(parser)
    options = parser.parse_args()
    main(options.folder, options.out)
