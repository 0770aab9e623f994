"""From CIFAR-10 images to a light network with trained weights: a search that trains, beside random search.

Run as: python examples/light_network.py CIFAR [--budget 12] [--out light_network] [--wandb offline]

CIFAR is a folder with train/CLASS/*.jpg and test/CLASS/*.jpg, cifar-10-batches-bin, or its archive. A random forest
chooses cells of the Nano space to train for a short time, on 1,000 images of 16x16 pixels; they are evaluated on
1,000 further train images. Random search trains as many; both begin with the same cells. The best of all trains longer,
on 5,000 images, and is tested on test images that nothing was chosen by. Every loss is in the dashboard (Weights &
Biases; `wandb sync` sends a run that was offline). A smaller run: see --help for the numbers of images.
"""

import argparse
import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
import wandb

import siamnas
from siamnas.images import cifar, folder
from siamnas.images.augment import Mixup, Options
from siamnas.images.dataset import Dataset, Images
from siamnas.measure.measures.fit import Fitted, evaluate, fit
from siamnas.measure.measures.recipe import Phase, Recipe
from siamnas.report.read.catalogue import METHODS
from siamnas.runtime import drawing
from siamnas.runtime.line_labels import name_ends

SIZE, SHORT, LONG, VALIDATION, TEST = 16, 1_000, 5_000, 1_000, 2_000
BODY = ["network.stem=32", "network.widths=[32,64,128]", "network.cells=1"]  # a quarter of the published widths
AUGMENT = Options(flip=True, shift=0, mixup=Mixup(1.5, 0.0))
SEARCHED = Recipe([Phase(3, 5e-3), Phase(1, 5e-4)], 32, 0.0, AUGMENT, "32-true")
LOOKS = (("o", "-"), ("x", "--"))  # markers and dashes of the methods
KEPT = Recipe([Phase(8, 5e-3), Phase(4, 5e-4)], 32, 0.0, AUGMENT, "32-true")
Mode = Literal["offline", "online", "disabled"]


def load(path: str, train: int, validation: int, test: int) -> tuple[Dataset, Dataset]:
    """The images to search with, which hold none of the test part, and those to train the result with."""
    parts = {"train": train + validation, "test": test, "size": SIZE, "seed": 0}
    if (Path(path) / "train").is_dir():
        everything = folder.load("cifar10", path, held_out=0.2, **parts)
    else:
        everything = cifar.cifar10("cifar10", path, **parts)
    pixels, labels = everything.train.pixels, everything.train.labels
    few = Images(pixels[: min(SHORT, train)], labels[: min(SHORT, train)])
    return (
        replace(everything, train=few, test=Images(pixels[train:], labels[train:])),
        replace(everything, train=Images(pixels[:train], labels[:train])),
    )


def search(predictor: str, space: siamnas.Space, budget: int, train: Callable[[str, int], float]) -> list[float]:
    """The accuracies of the cells that a predictor has chosen, in order."""
    chosen = siamnas.Search(space, predictor=predictor, budget=budget, seed=1000)
    values: list[float] = []
    while archs := chosen.ask(1):
        values.append(train(predictor, archs[0]))
        chosen.tell(archs, values[-1:])
    return values


def main(images: tuple[Dataset, Dataset], budget: int, out: Path, mode: Mode) -> None:
    """Search twice, train the best, write its weights, the accuracies and a figure."""
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    space = siamnas.Space.of_nano()
    network = siamnas.networks(space, "nano", overrides=BODY)
    searched, kept = images
    trained: dict[int, float] = {}
    run = wandb.init(project="siamnas", name="light_network", mode=mode, dir=out)

    def fitted(name: str, arch: int, data: Dataset, recipe: Recipe) -> Fitted:
        run.define_metric(f"{name}/*", step_metric=f"{name}/epoch")
        tell = lambda epoch, loss: run.log({f"{name}/epoch": epoch, f"{name}/loss": loss})  # noqa: E731
        return fit(lambda: network(arch), data, recipe, seed=0, device="cpu", on_epoch=tell)

    def accuracy(method: str, arch: int) -> float:
        if arch not in trained:  # both methods may want it
            made = fitted(f"{method}/{space.archs[arch]}", arch, searched, SEARCHED)
            trained[arch] = evaluate(made.network, searched, 500, "cpu").accuracy
        print(f"{method}: {space.archs[arch]}: {trained[arch]:.3f}", flush=True)
        return trained[arch]

    found = {name: search(name, space, budget, accuracy) for name in ("forest", "random")}
    best = max(trained, key=lambda arch: trained[arch])
    made = fitted("best", best, kept, KEPT)
    tested = evaluate(made.network, kept, 500, "cpu")
    name = str(space.archs[best])
    torch.save({"cell": name, "weights": made.network.state_dict()}, out / "weights.pt")
    run.summary.update({"cell": name, "accuracy": tested.accuracy})
    run.finish()
    print(f"best: {name}: {tested.accuracy:.3f} of {len(kept.test)} test images; weights: {out / 'weights.pt'}")
    draw(found, len(searched.test), out / "light_network.png")
    with (out / "light_network.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["cells trained", *found])
        lines.writerows([i, *row] for i, row in enumerate(zip(*found.values(), strict=True), start=1))


def draw(found: dict[str, list[float]], images: int, path: Path) -> None:
    """The accuracies of the short trainings on so many images, and the best so far."""
    with drawing.panels(1, 1, drawing.SINGLE) as figure:
        (axes,) = figure.axes
        for (method, values), (marker, dash) in zip(found.items(), LOOKS, strict=False):
            kind = METHODS[method]
            count = range(1, len(values) + 1)
            axes.step(count, np.maximum.accumulate(values), dash, where="post", color=kind.colour, label=kind.name)
            axes.plot(count, values, marker, color=kind.colour, alpha=0.6, label=f"_{method}")
        axes.set_xticks(range(2, len(next(iter(found.values()))) + 1, 2))
        axes.set(xlabel="cells trained", ylabel=f"accuracy on {images:,} images,\nshort training")
        name_ends(axes)
        path.write_bytes(drawing.render(figure)[1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("path", help="folder or archive of CIFAR-10")
    parser.add_argument("--budget", type=int, default=12, help="cells that each method trains")
    parser.add_argument("--train", type=int, default=LONG, help="images of the last training")
    parser.add_argument("--validation", type=int, default=VALIDATION, help="train images to evaluate the cells on")
    parser.add_argument("--test", type=int, default=TEST, help="test images to evaluate the result on")
    parser.add_argument("--out", type=Path, default=Path("light_network"), help="folder of what is written")
    parser.add_argument("--wandb", default="offline", choices=get_args(Mode), help="the dashboard")
    given = parser.parse_args()
    main(load(given.path, given.train, given.validation, given.test), given.budget, given.out, given.wandb)
