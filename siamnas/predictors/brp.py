"""BRP-NAS: a graph network that tells which of two cells is better (arXiv 2007.08668, code SamsungLabs/eagle)."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from siamnas.acquire.ranking import rank
from siamnas.errors import InputError
from siamnas.nn.brp import RelationNetwork, Unfolding, pool_inputs
from siamnas.oracle.table import Oracle
from siamnas.predictors.base import FitLog, Predictor
from siamnas.progress import Report, part_of
from siamnas.schema import Count, Positive, Rule, check
from siamnas.seeding import streams
from siamnas.spaces.space import FloatArray, IntArray, Space
from siamnas.training import lightning

LEAST_POOL = 2  # cells that make a pair


@dataclass(frozen=True)
class Settings:
    """The fields of `BRP`, with what is allowed."""

    width: Count
    layers: Count
    dropout: Annotated[float, Rule("a number from 0 to 0.9", lambda v: 0 <= v <= 0.9)]
    lr: Positive
    weight_decay: Annotated[float, Rule("a number of at least 0", lambda v: 0 <= v < float("inf"))]
    epochs: Count
    rounds: Count
    targets: Literal["softmax", "order"]


class BRP(Predictor):
    """Binary relation predictor with iterative data selection.

    The pool grows over the rounds: the first share of N is drawn at random; in each later round half of the share comes
    from the top of the current ranking and the rest at random from its best 1 / 2^round. Each round goes on with the
    weights of the round before and a fresh AdamW whose learning rate falls to 0 as half a cosine; its epochs grow
    linearly (epochs / rounds, twice that, ...). An epoch is one step over all ordered pairs of the pool.

    The space is ranked by comparing every cell with the pool, in both orders: the score is the mean log-probability
    that the cell wins. As log-odds(i better than j) = f_i + g_j (see `RelationNetwork`), it grows with f_i and falls
    with g_i whatever the pool; where training has made the comparison antisymmetric (g = -f) it gives the same order as
    counting wins or sorting by comparisons, without the ties of the one and the contradictions of the other.

    Differences to the published code: an epoch is one step instead of many on batches of up to 64 pairs (such a batch
    embeds 128 cells where the whole pool has N); no early stopping on the training loss; float32 instead of float64;
    the accuracies are not stretched to [0, 1] before their softmax; the cells keep the encoding of `Space` instead of
    being pruned of `zeros` and `skip_connect`; the remainder of N / rounds is spent instead of dropped.

    Args:
        space: the search space.
        identities: `seed + repeat` of each repeat.
        trainer: only `accelerator` is used; BRP-NAS has its own schedule.
        width: channels of each graph convolution.
        layers: number of graph convolutions.
        dropout: rate after each of them (rounded to 1/256).
        lr: learning rate of AdamW at the start of a round.
        weight_decay: of AdamW.
        epochs: of the last round.
        rounds: of the data selection; 1 draws all N at random.
        targets: what the network learns of a pair: `softmax` of the two accuracies (published) or their `order`.

    Raises:
        InputError: a field has a value that is not allowed, or a GPU is wanted and there is none.
    """

    def __init__(
        self,
        space: Space,
        identities: range,
        trainer: dict[str, Any],
        width: int,
        layers: int,
        dropout: float,
        lr: float,
        weight_decay: float,
        epochs: int,
        rounds: int,
        targets: Literal["softmax", "order"],
    ) -> None:
        super().__init__(space, identities, trainer)
        self.settings = Settings(width, layers, dropout, lr, weight_decay, epochs, rounds, targets)
        check(Settings, asdict(self.settings), "predictor")
        self.device = lightning.choose_device(trainer["accelerator"], trainer["precision"])
        # Repeats trained together. At this width one repeat alone fills a CPU core (measured: 5 at once take as long as
        # 5 in turn, 25 at once twice as long), and its result does not depend on how the repeats are split, to the bit.
        self.together = 1 if self.device == "cpu" else len(identities)
        self._unfolding = Unfolding.of(space, layers)
        self._groups: list[Group] = []
        self._pool: IntArray = np.empty((len(identities), 0), dtype=np.int64)

    def fit(self, oracle: Oracle, n: int, report: Report) -> FitLog:
        """Train on a pool that grows to n cells by iterative data selection."""
        if n < LEAST_POOL:
            raise InputError(f"search.n={n}: brp compares cells and needs at least {LEAST_POOL}")
        self._groups = self._make_groups()
        draws, chances = streams(self.identities, "pool"), streams(self.identities, "select")
        rounds = range(1, self.settings.rounds + 1)
        shares = [max(n * i // len(rounds), LEAST_POOL) for i in rounds]
        epochs = [max(self.settings.epochs * i // len(rounds), 1) for i in rounds]
        works = np.cumsum([0, *np.multiply(shares, epochs)]) / np.dot(shares, epochs)
        losses: list[FloatArray] = []
        for i, share in enumerate(shares):
            need = max(share - oracle.pool.shape[1], 0)
            if i == 0:
                oracle.fill(share, draws)
            elif need:
                oracle.query(self._select(oracle, need, i, chances))
            elif i < len(shares) - 1:
                continue  # the pool that was there before is larger than this round's share
            losses.append(self._train(oracle.pool, epochs[i], part_of(report, works[i], works[i + 1])))
        report(1.0)
        return FitLog({"loss": np.concatenate(losses)})

    def score(self, cells: IntArray) -> FloatArray:
        """(R, m) mean log-probability that a cell wins against the pool."""
        return self._score_all()[:, cells]

    def _make_groups(self) -> list["Group"]:
        """Fresh networks for all repeats, in groups that are trained together."""
        parts = [self.identities[i : i + self.together] for i in range(0, len(self.identities), self.together)]
        shape = (len(self.space.node_types) + 1, self.settings.width, self.settings.layers, self.settings.dropout)
        return [Group(RelationNetwork(streams(p, "init"), *shape), streams(p, "dropout")) for p in parts]

    def _select(self, oracle: Oracle, need: int, i: int, generators: list[np.random.Generator]) -> IntArray:
        """(R, need) free cells: half from the top of the ranking, the rest at random from its best 1 / 2^i."""
        best = len(self.space) // 2**i
        chosen = []
        for row, free, rng in zip(rank(self._score_all(), generators), oracle.free, generators, strict=True):
            line = row[free[row]]  # free cells, best first
            top, others = line[: need // 2], line[need // 2 :]
            missing = need - len(top)
            near = max(int(free[row[:best]].sum()) - len(top), missing)  # in a small space the best may not suffice
            chosen.append(np.concatenate([top, rng.choice(others[:near], missing, replace=False)]))
        return np.stack(chosen)

    def _train(self, pool: IntArray, epochs: int, report: Report) -> FloatArray:
        """One round of training on `pool` (R, N); (epochs, R) mean divergence of a pair."""
        self._pool = pool
        losses, first = [], 0
        for done, group in enumerate(self._groups):
            cells = pool[first : first + len(group.generators)]
            first += len(cells)
            module = Round(group, self.space, cells, epochs, self.settings)
            module.report = part_of(report, done / len(self._groups), (done + 1) / len(self._groups))
            # A round is one Lightning epoch: between its epochs Lightning does as much work as in a step.
            lightning.fit(module, range(epochs), 1, self.device, [])
            losses.append(np.stack(module.losses))
        return np.concatenate(losses, axis=1)

    @torch.inference_mode()
    def _score_all(self) -> FloatArray:
        """(R, M) scores of the whole space."""
        if not self._groups:
            raise RuntimeError("fit comes before score")
        scores: list[FloatArray] = []
        for group in self._groups:
            network = group.network.to(self.device)  # Lightning leaves it on the CPU
            for r in range(len(group.generators)):
                f, g = network.odds(self._unfolding.embed(network, r), r)
                pool = self._unfolding.cell[self._pool[len(scores)]]
                scores.append(win_log_probability(f, g, pool).cpu().numpy())
        return np.stack(scores)[:, self._unfolding.cell]


@dataclass(frozen=True)
class Group:
    """Repeats that are trained together: their networks and their generators for dropout."""

    network: RelationNetwork
    generators: list[np.random.Generator]


class Round(pl.LightningModule):
    """One round of training: every step takes all ordered pairs of each repeat's pool.

    Args:
        group: the networks, trained in place.
        space: the search space.
        pool: (R, N) cells.
        epochs: steps of the round.
        settings: of the predictor.
    """

    counts: Tensor
    adjacency: Tensor
    target: Tensor
    pairs: Tensor
    entropy: Tensor

    def __init__(self, group: Group, space: Space, pool: IntArray, epochs: int, settings: Settings) -> None:
        super().__init__()
        self.network = group.network
        self.generators = group.generators
        self.epochs = epochs
        self.settings = settings
        self.losses: list[FloatArray] = []
        self.report: Report = lambda share: None
        target = pair_targets(torch.from_numpy(space.label[pool]), settings.targets).float()
        pairs = ~torch.eye(pool.shape[1], dtype=torch.bool)
        # The loss is the Kullback-Leibler divergence, as published: cross-entropy minus the entropy of the targets.
        entropy = (torch.special.entr(target) + torch.special.entr(1 - target)).mul(pairs).sum(dim=(1, 2))
        counts, adjacency = pool_inputs(space, pool)
        self.register_buffer("counts", torch.from_numpy(counts))
        self.register_buffer("adjacency", torch.from_numpy(adjacency))
        self.register_buffer("target", target)
        self.register_buffer("pairs", pairs)
        self.register_buffer("entropy", entropy)

    def training_step(self, batch: int, batch_idx: int) -> Tensor:
        """Divergence summed over all ordered pairs i != j and over the repeats."""
        dropped = self.network.draw_dropped(self.generators, *self.counts.shape[1:3])
        f, g = self.network.odds(self.network(self.counts, self.adjacency, dropped))  # (R, N) each
        odds = f[:, :, None] + g[:, None, :]  # (R, N, N)
        cross = binary_cross_entropy_with_logits(odds, self.target, reduction="none")
        loss = cross.mul(self.pairs).sum(dim=(1, 2)) - self.entropy  # (R,)
        self.losses.append((loss.detach() / self.pairs.sum()).cpu().numpy())
        self.report((batch_idx + 1) / self.epochs)
        return loss.sum()

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """AdamW; its learning rate falls to zero over the round."""
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.settings.lr, weight_decay=self.settings.weight_decay, fused=True
        )
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=self.epochs)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def pair_targets(label: Tensor, targets: str) -> Tensor:
    """(R, N, N) probability that i is better than j, from the labels (R, N) as fractions.

    `softmax`: the softmax of the two accuracies; `order`: 1 if i is better, 0 if j is, 1/2 if they are equal.
    """
    difference = label[:, :, None] - label[:, None, :]
    return torch.sigmoid(difference) if targets == "softmax" else (difference.sign() + 1) / 2


def win_log_probability(f: Tensor, g: Tensor, pool: IntArray) -> Tensor:
    """Mean log-probability that a cell wins against the pool, in both orders of a pair.

    Args:
        f: (U,) part of the log-odds of the cell that is named first.
        g: (U,) part of the cell that is named second.
        pool: (N,) rows of the pool's cells.

    Returns:
        (U,) float64, at most 0.
    """
    first = f[:, None] + g[pool]  # (U, N) log-odds that the cell, named first, is better
    second = f[pool] + g[:, None]  # (U, N) log-odds that the pool's cell, named first, is better
    return (logsigmoid(first) + logsigmoid(-second)).double().mean(dim=1) / 2
