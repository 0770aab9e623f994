"""What it saves to stop hopeless trainings: the same searches of real networks with and without successive halving.

Run as: OMP_NUM_THREADS=1 python experiments/halving/measure.py [--seeds 0:2]   (again to go on)

An architecture is a cell of NAS-Bench-201 in a small network, trained for 9 epochs on the 400 images that ship with
siamnas; its value is the cross-entropy of the 100 test images after the last epoch. The search is the default one with
30 evaluations, one at a time. The weights and batches of an architecture are the same wherever it is trained, so that
one that is not stopped ends with the same value. `runs.csv` has a row for each seed and way: the CPU seconds and epochs
of all trainings, how many were stopped, the best value, and the seconds until a value was as good as the best of whole
trainings (empty: never). `table.csv` has the means, and the differences to whole trainings with their standard errors.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

import siamnas
from siamnas.images import sample
from siamnas.images.dataset import Images
from siamnas.runtime import csv_rows

EPOCHS, BATCH, RATE, DECAY = 9, 50, 1e-2, 0.05
NETWORK = ("network.width=8", "network.pool=2")
SIDE = 8  # pixels of an image
BUDGET = 30
WHOLE = "whole trainings"
WAYS: dict[str, siamnas.Halving | None] = {
    WHOLE: None,
    "halving from epoch 3": siamnas.Halving(EPOCHS, first=3),
    "halving from epoch 1": siamnas.Halving(EPOCHS, first=1),
}
Row = dict[str, str]
Pair = tuple[Tensor, Tensor]


class Training:
    """Trains architectures on the shipped images.

    Attributes:
        seconds: CPU time of all trainings so far.
        epochs: the same.
        found: (seconds, value) when a whole training ended.
    """

    def __init__(self, epochs: int) -> None:
        images = sample.load("cifar10_sample", None, None, SIDE, 0)
        self.train, self.test = _tensors(images.train), _tensors(images.test)
        self.last = epochs
        self.seconds, self.epochs = 0.0, 0
        self.found: list[tuple[float, float]] = []
        self.networks = siamnas.networks(siamnas.Search("nb201_c10").space, "nb201_reduced", 10, NETWORK)

    def __call__(self, arch: siamnas.Architecture, report: Callable[[int, float], None]) -> float:
        """The test loss after the last epoch."""
        torch.manual_seed(int(arch))
        network = self.networks(int(arch))
        optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
        steps = math.ceil(len(self.train[0]) / BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=self.last * steps)
        loss = math.nan
        for epoch in range(1, self.last + 1):
            began = time.thread_time()
            network.train()
            for batch in torch.randperm(len(self.train[0])).split(BATCH):
                x = self.train[0][batch]
                x = torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x)
                optimizer.zero_grad()
                functional.cross_entropy(network(x), self.train[1][batch]).backward()
                optimizer.step()
                schedule.step()
            network.eval()
            with torch.no_grad():
                loss = float(functional.cross_entropy(network(self.test[0]), self.test[1]))
            self.seconds += time.thread_time() - began
            self.epochs += 1
            report(epoch, loss)
        self.found.append((self.seconds, loss))
        return loss


def _tensors(images: Images) -> Pair:
    """Images (n, 3, H, W) in [-1, 1], and labels (n,)."""
    return torch.from_numpy(images.pixels).float() / 127.5 - 1, torch.from_numpy(images.labels).long()


def run(way: str, seed: int, budget: int, epochs: int) -> tuple[Row, list[tuple[float, float]]]:
    """A row without its last column, and when which value was found."""
    training = Training(epochs)
    rule = WAYS[way]
    stopping = None if rule is None else siamnas.Halving(epochs, rule.first, rule.eta)
    search = siamnas.Search("nb201_c10", budget=budget, maximise=False, seed=seed)
    with ThreadPoolExecutor(1) as executor:
        best = search.run(training, executor, stopping=stopping)
    assert best is not None
    stopped = int((search.history()["stopped"] != "").sum())
    row = {"way": way, "seed": str(seed), "seconds": f"{training.seconds:.1f}", "epochs": str(training.epochs)}
    return row | {"stopped": str(stopped), "best": f"{best.value:.4f}"}, training.found


def runs(path: Path, seeds: range, budget: int, epochs: int) -> Iterator[Row]:
    """All rows of a file, to which those that are missing are added."""
    done = {(row["way"], int(row["seed"])): row for row in csv_rows.read(path)}
    for seed in seeds:
        for way in WAYS:
            if (way, seed) not in done:
                row, found = run(way, seed, budget, epochs)
                goal = float(row["best"] if way == WHOLE else done[WHOLE, seed]["best"])
                reached = [seconds for seconds, value in found if round(value, 4) <= goal]
                done[way, seed] = row | {"seconds_to_best": f"{reached[0]:.1f}" if reached else ""}
                csv_rows.add(path, done[way, seed])
    return (row for (_, seed), row in done.items() if seed in seeds)


def table(rows: list[Row]) -> Iterator[Row]:
    """The means of each way, and what differs from whole trainings."""
    for way in WAYS:
        row = {"way": way, "seeds": str(sum(one["way"] == way for one in rows))}
        for key in ("seconds", "epochs", "stopped", "best"):
            ours, whole = (np.array([float(one[key]) for one in rows if one["way"] == name]) for name in (way, WHOLE))
            off = ours - whole
            error = off.std(ddof=1) / np.sqrt(len(off)) if len(off) > 1 else math.nan
            row |= {key: f"{ours.mean():.4g}", f"{key}_difference": f"{off.mean():.4g}", f"{key}_error": f"{error:.2g}"}
        reached = [float(one["seconds_to_best"]) for one in rows if one["way"] == way and one["seconds_to_best"]]
        yield row | {"as_good": str(len(reached)), "seconds_to_best": f"{np.mean(reached):.4g}" if reached else ""}


def main() -> None:
    """Run what is missing; print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", default="0:2", help="first:end")
    parser.add_argument("--budget", type=int, default=BUDGET)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--out", type=Path, default=Path("outputs/halving"), help="folder of the CSV files")
    given = parser.parse_args()
    torch.set_num_threads(1)
    found = list(runs(given.out / "runs.csv", range(*map(int, given.seeds.split(":"))), given.budget, given.epochs))
    lines = list(table(found))
    csv_rows.write(given.out / "table.csv", lines)
    for row in lines:
        off = (f"{key} {row[key]} ({row[f'{key}_difference']} +- {row[f'{key}_error']})" for key in ("seconds", "best"))
        as_good = f"as good in {row['as_good']} of {row['seeds']}"
        print(f"{row['way']:22} {', '.join(off)}; stopped {row['stopped']}; {as_good}")


if __name__ == "__main__":
    main()
