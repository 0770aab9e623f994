"""How fast siamnas is, beside what it is made of: all in one run, one table, one figure.

Run as: python experiments/speed/measure.py  (about 15 minutes on two cores, which should be idle; see --help)

Samples of what is compared alternate, so that a disturbance hits all of it. A cell of the table is the median of the
samples, with the lowest and the highest. Ratios are taken within each round of samples: they are the claim, not the
times, which are those of one machine. Every finished part is written at once, so an interrupted run keeps what it has.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jobs
import steps
import table

HERE = Path(__file__).parent
PARTS = ("steps", "alternatives", "lightning", "ranking", "start-up", "jobs")


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what to measure (default: all)")
    options.add_argument("--space", default="nb201_c100", help="option of the group space (default: nb201_c100)")
    options.add_argument("--samples", type=int, default=5, help="rounds of samples (default: 5)")
    options.add_argument("--seconds", type=float, default=1.0, help="length of one sample of steps (default: 1)")
    options.add_argument(
        "--jobs",
        nargs="*",
        type=jobs.parse,
        default=[jobs.parse(f"{trainer}:30,100") for trainer in jobs.trainers()],
        metavar="TRAINER:N,N",
        help="whole jobs, such as paper:30,60,100,170 fast:30 (default: N = 30 and 100 of both); "
        "the first with one repeat, too",
    )
    options.add_argument("--job-samples", type=int, default=1, help="rounds of whole jobs (default: 1)")
    options.add_argument(
        "--repeats",
        type=int,
        nargs="+",
        default=[1, 10, 25, 30, 100],
        help="R of the training steps; the ranking and the whole jobs have the most (default: 1 10 25 30 100)",
    )
    options.add_argument("--chunk", type=int, default=25, help="R where there is only one (default: 25)")
    options.add_argument("--no-compile", action="store_true", help="leave out torch.compile, which needs g++")
    options.add_argument("--out", type=Path, default=HERE, help="folder of table.md, table.csv and speed.png, .svg")
    return options


def measure(options: argparse.Namespace, folder: Path) -> Iterator[table.Row]:
    """All parts, one after the other; a later row replaces the same one with fewer samples."""
    words = (f"space={options.space}",)
    sizes = steps.Sizes(options.samples, options.seconds, tuple(options.repeats), options.chunk, words)
    wanted = [replace(job, repeats=max(options.repeats)) for group in options.jobs for job in group]
    wanted = [*(replace(job, repeats=1) for job in wanted[:1]), *wanted]
    parts = {
        "steps": lambda: steps.training(sizes),
        "alternatives": lambda: steps.alternatives(sizes, compiled=not options.no_compile),
        "lightning": lambda: steps.lightning(sizes),
        "ranking": lambda: steps.ranking(sizes),
        "start-up": lambda: jobs.start_up(options.samples, folder, words),
        "jobs": lambda: jobs.whole(wanted, options.job_samples, folder, words),
    }
    for name in PARTS:
        if name in options.parts:
            yield from parts[name]()


def main() -> None:
    """Measure, and write after every row."""
    options = parser().parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    machine = table.machine()
    sys.stdout.write(machine + "\n")
    rows: dict[table.Key, table.Row] = {}
    with tempfile.TemporaryDirectory() as folder:
        for row in measure(options, Path(folder)):
            rows[row.key] = row
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()
            table.write(list(rows.values()), machine, options.out)
    table.picture(list(rows.values()), options.out)


if __name__ == "__main__":
    main()
