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
from pathlib import Path

import jobs
import steps
import table

HERE = Path(__file__).parent


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--samples", type=int, default=5, help="rounds of samples (default: 5)")
    options.add_argument("--seconds", type=float, default=1.0, help="length of one sample of steps (default: 1)")
    options.add_argument(
        "--jobs",
        nargs="*",
        type=jobs.parse,
        default=[jobs.parse(f"{trainer}:30,100") for trainer in jobs.trainers()],
        metavar="TRAINER:N,N",
        help="whole jobs of 100 repeats, such as paper:30,60,100,170 fast:30 (default: N = 30 and 100 of both)",
    )
    options.add_argument("--job-samples", type=int, default=1, help="rounds of whole jobs (default: 1)")
    options.add_argument("--no-compile", action="store_true", help="leave out torch.compile, which needs g++")
    options.add_argument("--out", type=Path, default=HERE, help="folder of table.md, table.csv and speed.png, .svg")
    return options


def measure(options: argparse.Namespace, folder: Path) -> Iterator[table.Row]:
    """All parts, one after the other; a later row replaces the same one with fewer samples."""
    samples, seconds = options.samples, options.seconds
    yield from steps.training(samples, seconds)
    yield from steps.alternatives(samples, seconds, compiled=not options.no_compile)
    yield from steps.lightning(samples, 5 * seconds)
    yield from steps.ranking(samples)
    yield from jobs.start_up(samples, folder)
    wanted = [jobs.Job("paper", 30, repeats=1), *(job for group in options.jobs for job in group)]
    yield from jobs.whole(wanted, options.job_samples, folder)


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
