"""BRP-NAS: which of two architectures is better (arXiv 2007.08668, code SamsungLabs/eagle)."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from siamnas.config.validate import Condition, Count, Few, NotNegative, Rate, Size, Times
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.nn.brp import RelationNetwork, Unfolding
from siamnas.predictors.base import Predictor
from siamnas.runtime.progress import part_of
from siamnas.seeding import streams
from siamnas.spaces.listed import Space
from siamnas.training import lightning
from siamnas.training.device import choose_device, device_of, isolated
from siamnas.training.pairs import Group, PairTraining
from siamnas.training.training_set import TrainingSet


class BRP(Predictor):
    """Binary relation predictor, published with a training set that grows in rounds (`acquisition=half`).

    Each fit is a round of training: it goes on with the weights of the round before and a fresh AdamW whose learning
    rate falls to 0 as half a cosine; its epochs grow linearly (epochs / rounds, twice that, ...). An epoch is one step
    over all ordered pairs of the training set, or with `batch` as many as it takes to go through them in random order.

    The space is ranked by comparing every architecture with the training set, in both orders: the score is the mean
    log-probability that it wins. As log-odds(i better than j) = f_i + g_j (see `RelationNetwork`), it grows with f_i
    and falls with g_i whatever the training set is. Where training has made the comparison antisymmetric (g = -f), it
    gives the same order as counting wins or sorting by comparisons, without the ties of the one and the contradictions
    of the other.

    Differences to the published code: an epoch is one step (published: `batch=60`); a step embeds each architecture
    once, with one draw of dropout, instead of once for each of its pairs; no early stopping on the training loss;
    float32 instead of float64; the accuracies are not stretched to [0, 1] before their softmax; they keep the encoding
    of `Space` instead of being pruned of `zeros` and `skip_connect`; the remainder of N / rounds is spent instead of
    dropped.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        trainer: only `accelerator` is used; BRP-NAS has its own schedule.
        width: channels of each graph convolution.
        layers: number of graph convolutions.
        dropout: rate after each of them (rounded to 1/256).
        lr: learning rate of AdamW at the start of a round.
        weight_decay: of AdamW.
        epochs: of the last round.
        batch: ordered pairs per step in the last round, see `conf/predictor/brp.yaml`; None: all of them.
        targets: what the network learns of a pair: `softmax` of the two accuracies (published) or their `order`.

    Raises:
        InputError: a GPU is wanted and there is none.
    """

    least = 2  # architectures that make a pair
    results_version = 2  # 1: products by oneDNN on every processor

    @classmethod
    def backend(cls, trainer: Mapping[str, Any]) -> str | None:
        """See `Predictor`; no kernels of ours are used."""
        return "cuda" if device_of(trainer["accelerator"]) == "cuda" else None

    def __init__(
        self,
        space: Space,
        seeds: range,
        trainer: dict[str, Any],
        width: Size,
        layers: Few,
        dropout: Annotated[float, Condition("a number from 0 to 0.9", lambda v: 0 <= v <= 0.9)],
        lr: Rate,
        weight_decay: NotNegative,
        epochs: Times,
        batch: Count | None,
        targets: Literal["softmax", "order"],
    ) -> None:
        super().__init__(space, seeds, trainer)
        self.epochs = epochs
        self.batch = batch
        self.shape = (len(space.node_types) + 1, width, layers, dropout)
        self.optimiser = (lr, weight_decay)
        self.targets = targets
        self.device = choose_device(trainer["accelerator"])
        # Repeats trained together. At this width one repeat alone fills a CPU core (measured: 5 at once take as long as
        # 5 in turn, 25 at once twice as long), and its result does not depend on how the repeats are split, to the bit.
        self.together = 1 if self.device == "cpu" else len(seeds)
        if self.device == "cpu":
            # glibc keeps twice the largest block that was given back (up to 32 MiB) for the next one; otherwise every
            # step asks the system for its memory anew, which takes a tenth to a quarter of the time.
            torch.empty(31 * 2**20, dtype=torch.uint8, device="cpu")
        self._layers = layers
        self._unfolding = Unfolding.of(space, layers)
        self._groups = self._make_groups()
        self._training_set: IntArray = np.empty((len(seeds), 0), dtype=np.int64)
        self._usable = np.empty((len(seeds), 0), dtype=bool)

    def move(self, space: Space) -> None:
        """See `Predictor`."""
        self.space, self._unfolding = space, Unfolding.of(space, self._layers)
        self.__dict__.pop("features", None)

    @isolated
    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Go on with a round of training on the training set; its epochs grow linearly with `stage.until`."""
        self._training_set = training_set.archs
        self._usable = training_set.usable(labels)
        epochs = max(self.stage.epochs(self.epochs), 1)
        batch = max(self.stage.epochs(self.batch), 1) if self.batch else None  # grows as the epochs do
        first = 0
        losses = []
        for done, group in enumerate(self._groups):
            rows = slice(first, first + len(group.dropout))
            first = rows.stop
            told = (training_set.archs[rows], labels[rows], self._usable[rows])
            module = PairTraining(group, self.space, *told, epochs, batch, self.targets, self.optimiser)
            module.report = part_of(self.stage.report, done / len(self._groups), (done + 1) / len(self._groups))
            # A round is one Lightning epoch: between its epochs Lightning does as much work as in a step.
            lightning.fit(module, range(epochs * module.steps), 1, self.device, [])
            losses.append(np.stack(module.losses))
        self.curves.setdefault("loss", []).extend(np.concatenate(losses, axis=1))

    @isolated
    def score(self, archs: IntArray) -> FloatArray:
        """(R, m) mean log-probability that an architecture wins against the training set."""
        if not self._training_set.size:
            raise RuntimeError("fit comes before score")
        return np.take_along_axis(self._score_all(), self.rows(archs), axis=1)

    @isolated
    def _make_groups(self) -> list["Group"]:
        """Fresh networks for all repeats, in groups that are trained together."""
        parts = [self.seeds[i : i + self.together] for i in range(0, len(self.seeds), self.together)]
        return [Group.of(RelationNetwork(streams(p, "init"), *self.shape), p) for p in parts]

    @torch.inference_mode()
    def _score_all(self) -> FloatArray:
        """(R, M) scores of the whole space."""
        scores: list[FloatArray] = []
        for group in self._groups:
            network = group.network.to(self.device)  # Lightning leaves it on the CPU
            for r in range(len(group.dropout)):
                f, g = network.odds(self._unfolding.embed(network, r), r)
                seat = len(scores)
                training_set = self._unfolding.arch[self._training_set[seat][self._usable[seat]]]
                scores.append(win_log_probability(f, g, training_set).cpu().numpy())
        return np.stack(scores)[:, self._unfolding.arch]


def win_log_probability(f: Tensor, g: Tensor, training_set: IntArray) -> Tensor:
    """Mean log-probability that an architecture wins against the training set, in both orders of a pair.

    Args:
        f: (U,) part of the log-odds of the one that is named first.
        g: (U,) part of the one that is named second.
        training_set: (N,) rows of f and g that belong to the training set.

    Returns:
        (U,) float64, at most 0.
    """
    first = f[:, None] + g[training_set]  # (U, N) log-odds that it is better, named first
    second = f[training_set] + g[:, None]  # (U, N) log-odds that one of the training set is better, named first
    return (logsigmoid(first) + logsigmoid(-second)).double().mean(dim=1) / 2
