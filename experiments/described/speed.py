"""CPU seconds of the asks of a search without a list, and the memory of the process.

Run as: OMP_NUM_THREADS=1 python experiments/described/speed.py data/hw_gpt_bench_ppl.npz --evaluations 300

GPT-S and L, the six choices of NAS-Bench-201, pairs of DARTS cells (about 10^18), MnasNet and sub-networks of
once-for-all; the values are made up.
"""

import argparse
import resource
import time
from pathlib import Path

import numpy as np
import tasks

import siamnas
from siamnas.benchmarks.metric import Metric
from siamnas.candidates.known import Known
from siamnas.search import proposing
from siamnas.search.codes import GivenCodes
from siamnas.search.setting import Setting
from siamnas.spaces.domain import Domain
from siamnas.spaces.mobile import mnasnet, ofa

OPERATIONS = ["sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5", "max_pool_3x3", "avg_pool_3x3", "skip"]
MEGABYTE = 1024  # of kilobytes


def darts() -> Domain:
    """A normal and a reduction cell."""
    cell = siamnas.dag(OPERATIONS, nodes=4, inputs=2, sources=2)
    return siamnas.Space.of_choices({"normal": cell, "reduce": cell}, name="darts")


def measure(space: Domain, words: list[str], evaluations: int) -> tuple[float, list[float]]:
    """CPU seconds until the first ask can be made, and of each ask."""
    config = Setting(words[0], evaluations, True, 0, tuple(words[1:])).compose()
    began = time.process_time()
    known = Known(space)
    proposals = proposing.proposals(config, known, GivenCodes(None, 0), Metric("value", True, unit=""), 0)
    assert proposals is not None
    seconds, archs, values = [], list[int](), list[float]()
    start = time.process_time() - began
    for _ in range(evaluations):
        began = time.process_time()
        (found,) = proposals.propose(np.array(archs, dtype=np.int64), np.array(values), [], 1)
        seconds.append(time.process_time() - began)
        archs.append(found.arch)
        choices = space.features(known[found.arch][None]).values[0]
        values.append(float(np.nansum(choices * np.sin(np.arange(len(choices))))))
    return start, seconds


def main() -> None:
    """Print a line for each space."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="hw_gpt_bench_ppl.npz")
    parser.add_argument("--evaluations", type=int, default=300)
    parser.add_argument("--spaces", default="gpt_s,gpt_l,nb201,darts,mnasnet,mit_ofa,moofa")
    parser.add_argument("words", nargs="*", default=["gp"], help="the predictor, then overrides")
    args = parser.parse_args()
    made = {
        "gpt_s": lambda: tasks.gpt(args.data, "s")[0],
        "gpt_l": lambda: tasks.gpt(args.data, "l")[0],
        "nb201": lambda: tasks.nb201("nb201_c100")[0],
        "darts": darts,
        "mnasnet": lambda: mnasnet.space("mnasnet", ["macs<=300e6"]),
        "mit_ofa": lambda: ofa.space("mit_ofa", "mit_ofa", 160, None),
        "moofa": lambda: ofa.space("moofa", "moofa", 160, None),
    }
    for name in args.spaces.split(","):
        start, seconds = measure(made[name](), args.words, args.evaluations)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEGABYTE
        print(
            f"{name}: start {start:.2f} s, first ask {seconds[0]:.3f} s, median of the first 100 "
            f"{np.median(seconds[:100]):.3f} s, slowest of {len(seconds)} {max(seconds):.3f} s, {most} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
