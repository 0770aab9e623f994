"""Prune a transformer: train a small GPT once as a supernet, then choose its sub-network under a limit of parameters.

Run as: python examples/prune_transformer.py   (again to go on)

The text is the source of Python's standard library. Every layer has heads and an MLP of its own; a sub-network has the
first channels, heads and layers of the supernet (as in once-for-all networks, arXiv 1908.09791, and whittle), and is
worth its perplexity on held-out text. siamnas.Search, evolution, random networks and the largest ones spend as many
evaluations under the same limit; what they have chosen is then tested on other text.
"""

import argparse
import csv
import math
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

import siamnas
from siamnas.runtime import drawing
from siamnas.runtime.line_labels import name_ends

VOCABULARY, CONTEXT, HEAD = 128, 64, 16  # characters; characters that are seen; channels of a head
BLOCK = {"heads": [1, 2, 4], "mlp_ratio": [1, 2, 4]}
DESCRIPTION = {"embed": [32, 48, 64], "layers": siamnas.repeat(BLOCK, 2, 5)}
PARAMS = f"{2 * VOCABULARY}*embed + sum({4 * HEAD}*embed*l.heads + 3*l.mlp_ratio*embed**2 + 4*embed for l in layers)"
LARGEST = {"embed": 64, "layers": [{"heads": 4, "mlp_ratio": 4}] * 5}
SMALLEST = {"embed": 32, "layers": [{"heads": 1, "mlp_ratio": 1}] * 2}
SHARE = 0.5  # of the parameters of the largest network, at most

BATCH, RATE, WARM, KEPT = 16, 3e-3, 20, 50  # windows of a step, learning rate, steps until it is reached, between files
WINDOWS = {"valid": 128, "test": 256}  # of an evaluation
AT = (10, 30)  # evaluations
LISTED = 17_472  # random networks of which the largest are taken

Choices = Mapping[str, Any]
Batch = tuple[Tensor, Tensor]


def text() -> dict[str, Tensor]:
    """The top modules of the standard library as characters: one file in ten each for choosing and for testing."""
    parts: dict[str, list[bytes]] = {"train": [], "valid": [], "test": []}
    for number, path in enumerate(sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))):
        part = {0: "valid", 1: "test"}.get(number % 10, "train")
        parts[part].append(path.read_text(encoding="utf-8").encode("ascii", "replace"))
    return {part: torch.tensor(np.frombuffer(b"".join(files), np.uint8).copy()) for part, files in parts.items()}


def windows(characters: Tensor, begins: Tensor) -> Batch:
    """(B, T) characters and those that follow them."""
    rows = characters[begins[:, None] + torch.arange(CONTEXT + 1)].long()
    return rows[:, :-1], rows[:, 1:]


class Supernet:
    """The largest network; the weights of any other one are the first of its own.

    Args:
        space: of all networks.
    """

    def __init__(self, space: Any) -> None:
        self._build = siamnas.networks(space, "gpt", VOCABULARY, [f"network.head={HEAD}"])
        torch.manual_seed(0)
        self.whole: nn.Module = self._build(LARGEST)

    def loss(self, choices: Choices, batch: Batch) -> Tensor:
        """Mean cross entropy of the next character, in nats, of the sub-network with these choices."""
        with torch.device("meta"):
            shape = self._build(choices)
        weights = dict(self.whole.named_parameters())
        cut = {name: weights[name][tuple(map(slice, part.shape))] for name, part in shape.named_parameters()}
        logits = functional_call(shape, cut, (batch[0],))
        return nn.functional.cross_entropy(logits.flatten(0, 1), batch[1].flatten())


def learn(net: Supernet, optimizer: torch.optim.Optimizer, some: Sequence[Choices], batch: Batch) -> list[float]:
    """One step of several networks on one batch; their losses before it."""
    optimizer.zero_grad()
    losses = []
    for choices in some:
        loss = net.loss(choices, batch)
        loss.backward()
        losses.append(loss.item())
    nn.utils.clip_grad_norm_(net.whole.parameters(), 1.0)
    optimizer.step()
    return losses


def train(net: Supernet, space: Any, characters: Tensor, steps: int, file: Path) -> None:
    """Train, or go on: in every step the largest, the smallest and two random networks (sandwich rule, 1903.05134)."""
    optimizer = torch.optim.AdamW(net.whole.parameters(), RATE, betas=(0.9, 0.95), weight_decay=0.1)
    kept: dict[str, Any] = {"weights": net.whole, "optimizer": optimizer}
    first = 0
    if file.exists():
        saved = torch.load(file)
        first = saved.pop("step")
        for name, part in kept.items():
            part.load_state_dict(saved[name])
    for step in range(first, steps):
        rng = np.random.default_rng([0, step])  # the same step after an interruption
        batch = windows(characters, torch.from_numpy(rng.integers(len(characters) - CONTEXT, size=BATCH)))
        for group in optimizer.param_groups:
            group["lr"] = RATE * min((step + 1) / WARM, (1 + math.cos(math.pi * step / steps)) / 2)
        losses = learn(net, optimizer, [LARGEST, SMALLEST, *map(space.choices, space.sample(rng, 2))], batch)
        if (step + 1) % KEPT == 0 or step + 1 == steps:
            torch.save({name: part.state_dict() for name, part in kept.items()} | {"step": step + 1}, f"{file}.new")
            Path(f"{file}.new").replace(file)
            print(f"step {step + 1} of {steps}: largest {losses[0]:.3f}, smallest {losses[1]:.3f} nats", flush=True)


class Evaluations:
    """Perplexities of sub-networks, each computed once and kept in a file by the text of the architecture.

    Args:
        net: trained.
        space: of the texts.
        texts: to be evaluated on, by name.
        file: CSV.
    """

    def __init__(self, net: Supernet, space: Any, texts: Mapping[str, Tensor], file: Path) -> None:
        self._net, self._space, self._file = net, space, file
        begins = {part: torch.linspace(0, len(texts[part]) - CONTEXT - 1, count) for part, count in WINDOWS.items()}
        self._batches = {part: windows(texts[part], at.long()) for part, at in begins.items()}
        rows = list(csv.reader(file.read_text().splitlines())) if file.exists() else []
        self._known = {(arch, part): float(value) for arch, part, value in rows}

    def __call__(self, arch: str, part: str = "valid") -> float:
        """The perplexity of an architecture."""
        if (arch, part) not in self._known:
            with torch.no_grad():
                loss = self._net.loss(self._space.choices(self._space.parse(arch)), self._batches[part])
            self._known[arch, part] = math.exp(loss.item())
            with self._file.open("a", newline="") as file:
                csv.writer(file).writerow([arch, part, self._known[arch, part]])
        return self._known[arch, part]


def searched(space: Any, value: Evaluations, seed: int, *words: str) -> Iterator[str]:
    """The architectures that a search has evaluated, in their order."""
    search = siamnas.Search(space, budget=AT[-1], maximise=False, seed=seed, overrides=words)
    while archs := search.ask():
        search.tell(archs, [value(archs[0].name)])
        yield archs[0].name


def largest(space: Any, value: Evaluations, seed: int) -> Iterator[str]:
    """The largest of many random architectures."""
    rows = space.sample(np.random.default_rng([seed, 1]), LISTED)
    order = np.argsort(-space.graphs(rows).columns["params"], kind="stable")
    yield from (space.describe(rows[seat]) for seat in order[: AT[-1]])


def random(space: Any, value: Evaluations, seed: int) -> Iterator[str]:
    """Random architectures."""
    yield from map(space.describe, space.sample(np.random.default_rng([seed, 2]), AT[-1]))


METHODS: dict[str, Callable[[Any, Evaluations, int], Iterator[str]]] = {
    "siamnas.Search": searched,
    "largest": largest,
    "evolution": lambda space, value, seed: searched(space, value, seed, "search=evolution"),
    "random": random,
}


def compare(space: Any, value: Evaluations, seeds: range) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """A row for what each method has chosen, and method -> (seeds, evaluations) the best perplexity so far."""
    rows, curves = [], {}
    for method, archs in METHODS.items():
        found = [list(archs(space, value, seed)) for seed in seeds]
        values = np.array([[value(arch) for arch in one] for one in found])
        for at in AT:
            for seed, one, best in zip(seeds, found, values[:, :at].argmin(axis=1), strict=True):
                rows.append({"method": method, "evaluations": at, "seed": seed} | told(space, value, one[best]))
        curves[method] = np.minimum.accumulate(values, axis=1)
        print(f"{method}: {' / '.join(f'{curves[method][:, at - 1].mean():.3f} @{at}' for at in AT)}", flush=True)
    return rows, curves


def told(space: Any, value: Evaluations, arch: str) -> dict[str, Any]:
    """The columns of the table for one architecture."""
    params = int(space.graphs(space.parse(arch)[None]).columns["params"][0])
    perplexities = {"perplexity": round(value(arch), 4), "test": round(value(arch, "test"), 4)}
    return perplexities | {"params": params, "architecture": arch}


def draw(curves: Mapping[str, np.ndarray], limit: int, path: Path) -> None:
    """The best perplexity so far: mean of the seeds, and all of them."""
    at = np.arange(AT[-1]) + 1
    with drawing.panels(1, 1, drawing.SINGLE) as figure:
        (axes,) = figure.axes
        for method, curve in curves.items():
            (line,) = axes.plot(at, curve.mean(axis=0), drawstyle="steps-post", label=method)
            axes.plot(at, curve.T, color=line.get_color(), alpha=0.15, linewidth=0.7)
        axes.set(xlabel="sub-networks evaluated", ylabel="best perplexity on held-out text", xlim=(0, AT[-1]))
        axes.set_title(f"sub-networks of at most {limit:,} parameters")
        axes.set_ylim(top=float(np.percentile(np.concatenate([curve[:, 1:].ravel() for curve in curves.values()]), 90)))
        name_ends(axes)
        path.write_bytes(drawing.render(figure)[1])


def main(out: Path, steps: int, seeds: range) -> None:
    """Train, search, test, and write a table and a figure."""
    out.mkdir(parents=True, exist_ok=True)
    everything = siamnas.Space.of_choices(DESCRIPTION, "gpt", {"params": PARAMS})
    net, texts = Supernet(everything), text()
    limit = int(SHARE * sum(parameter.numel() for parameter in net.whole.parameters()))
    print(f"{everything.size:,} networks; {len(texts['train']):,} characters to train; limit {limit:,} parameters")
    train(net, everything, texts["train"], steps, out / f"supernet-{steps}.pt")
    space = siamnas.Space.of_choices(DESCRIPTION, "gpt", {"params": PARAMS}, [f"params<={limit}"])
    rows, curves = compare(space, Evaluations(net, space, texts, out / f"evaluations-{steps}.csv"), seeds)
    with (out / "prune_transformer.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    draw(curves, limit, out / "prune_transformer.png")
    best = {method: curve[:, AT[0] - 1] for method, curve in curves.items()}
    for method in list(METHODS)[1:]:
        wins = int((best["siamnas.Search"] < best[method]).sum())
        print(f"siamnas.Search is better than {method} with {AT[0]} evaluations in {wins} of {len(seeds)} seeds")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("prune_transformer"), help="folder of what is written")
    parser.add_argument("--steps", type=int, default=500, help="of the training of the supernet")
    parser.add_argument("--seeds", default="0:10", help="first:end, of the searches")
    given = parser.parse_args()
    main(given.out, given.steps, range(*map(int, given.seeds.split(":"))))
