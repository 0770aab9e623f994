"""BRP-NAS: a graph network that tells which of two cells is better (arXiv 2007.08668, code SamsungLabs/eagle)."""

from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from siamnas.errors import InputError
from siamnas.nn.brp import RelationNetwork, Unfolding, pool_inputs
from siamnas.predictors.base import FitLog, Predictor, Report
from siamnas.search.oracle import Oracle
from siamnas.search.ranking import rank
from siamnas.seeding import streams
from siamnas.spaces.space import FloatArray, IntArray, Space

TARGETS = ("softmax", "order")
LEAST_POOL = 2  # cells that make a pair


class BRP(Predictor):
    """Binary relation predictor with iterative data selection.

    The pool grows over the rounds: the first share of N is drawn at random; in each later round half of the share comes
    from the top of the current ranking and the rest at random from its best 1 / 2^round. Each round goes on with the weights
    of the round before and a fresh AdamW whose learning rate falls to 0 as half a cosine; its epochs grow linearly
    (epochs / rounds, twice that, ...). An epoch is one step over all ordered pairs of the pool.

    The space is ranked by comparing every cell with the pool, in both orders: the score is the mean log-probability that
    the cell wins. As log-odds(i better than j) = f_i + g_j (see `RelationNetwork`), it grows with f_i and falls with g_i
    whatever the pool; where training has made the comparison antisymmetric (g = -f) it gives the same order as counting
    wins or sorting by comparisons, without the ties of the first and the contradictions of the second.

    Differences to the published code: an epoch is one step instead of many on batches of up to 64 pairs (a pair batch
    of 64 embeds 128 cells where the whole pool has 30); no early stopping on the training loss; float32 instead of
    float64; the cells keep the encoding of `Space` instead of being pruned of `zeros` and `skip_connect`.

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
        InputError: unknown targets.
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
        targets: str,
    ) -> None:
        super().__init__(space, identities, trainer)
        if targets not in TARGETS:
            raise InputError(f"predictor.targets={targets}: choose one of {', '.join(TARGETS)}")
        self.lr = lr
        self.weight_decay = weight_decay
        self.epochs = epochs
        self.rounds = rounds
        self.targets = targets
        self.network = RelationNetwork(streams(identities, "init"), len(space.node_types) + 1, width, layers, dropout)
        self.device = torch.device("cpu")
        self._unfolding = Unfolding.of(space, layers)
        self._pool: IntArray = np.empty((len(identities), 0), dtype=np.int64)

    def fit(self, oracle: Oracle, n: int, report: Report) -> FitLog:
        """Train on a pool that grows to n cells by iterative data selection."""
        if n < LEAST_POOL:
            raise InputError(f"search.n={n}: brp compares cells and needs at least {LEAST_POOL}")
        draws, chances, drops = (streams(self.identities, name) for name in ("pool", "select", "dropout"))
        shares = [max(n * done // self.rounds, LEAST_POOL) for done in range(1, self.rounds + 1)]
        works = [share * epochs for share, epochs in zip(shares, self._schedule(), strict=True)]
        losses: list[FloatArray] = []
        for done, (share, epochs) in enumerate(zip(shares, self._schedule(), strict=True)):
            need = max(share - oracle.pool.shape[1], 0)
            if done == 0:
                oracle.query(oracle.draw(need, draws))
            elif need:
                oracle.query(self._select(oracle, need, done, chances))
            elif done < self.rounds - 1:
                continue  # a pool that was there before is larger than this round's
            begin, part = sum(works[:done]) / sum(works), works[done] / sum(works)
            losses.append(self._train(oracle, epochs, drops, lambda x, b=begin, p=part: report(b + p * x)))
        report(1.0)
        return FitLog({"loss": np.concatenate(losses)})

    def score(self, cells: IntArray) -> FloatArray:
        """(R, m) mean log-probability that a cell wins against the pool."""
        return self._score_all()[:, cells]

    def _schedule(self) -> list[int]:
        """Epochs of each round."""
        return [max(self.epochs * done // self.rounds, 1) for done in range(1, self.rounds + 1)]

    def _select(self, oracle: Oracle, need: int, done: int, generators: list[np.random.Generator]) -> IntArray:
        """(R, need) free cells: half from the top of the ranking, the rest at random from its best 1 / 2^done."""
        order = rank(self._score_all())
        free = oracle.free
        best = len(self.space) // 2**done
        chosen = []
        for row, open_, rng in zip(order, free, generators, strict=True):
            line = row[open_[row]]  # free cells, best first
            top, others = line[: need // 2], line[need // 2 :]
            near = max(int(open_[row[:best]].sum()) - len(top), need - len(top))
            chosen.append(np.concatenate([top, rng.choice(others[:near], need - len(top), replace=False)]))
        return np.stack(chosen)

    def _train(self, oracle: Oracle, epochs: int, generators: list[np.random.Generator], report: Report) -> FloatArray:
        """Train on the pool; (epochs, R) mean divergence of a pair."""
        self._pool = oracle.pool
        label = torch.from_numpy(self.space.label[self._pool]).float()
        target = pair_targets(label, self.targets)
        module = Round(self.network, self.space, self._pool, target, generators, report)
        module.schedule(epochs, self.lr, self.weight_decay)
        trainer = pl.Trainer(
            max_epochs=1,
            accelerator=self.trainer.get("accelerator", "auto"),
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_model_summary=False,
            enable_progress_bar=False,
        )
        trainer.fit(module, train_dataloaders=range(epochs))
        self.device = trainer.strategy.root_device
        return np.stack(module.losses)

    @torch.inference_mode()
    def _score_all(self) -> FloatArray:
        """(R, M) scores of the whole space."""
        scores = np.empty((len(self.identities), len(self.space)))
        network = self.network.to(self.device)
        for r in range(len(scores)):
            f, g = network.odds(self._unfolding.embed(network, r), r)  # (U,)
            pool = torch.from_numpy(self._unfolding.cell[self._pool[r]]).to(self.device)
            first = f[:, None] + g[pool]  # (U, N) log-odds that the cell, named first, is the better one
            second = f[pool] + g[:, None]  # (U, N) log-odds that the pool's cell, named first, is the better one
            wins = (logsigmoid(first) + logsigmoid(-second)).double().mean(dim=1) / 2
            scores[r] = wins.cpu().numpy()[self._unfolding.cell]
        return scores


def pair_targets(label: Tensor, targets: str) -> Tensor:
    """Probability that i is better than j, (R, N, N), from the labels (R, N) as fractions.

    `softmax` is the softmax of the two accuracies, `order` says 1, 1/2 or 0.
    """
    difference = label[:, :, None] - label[:, None, :]
    return torch.sigmoid(difference) if targets == "softmax" else (difference.sign() + 1) / 2


class Round(pl.LightningModule):
    """One round of training: each step takes all ordered pairs of each repeat's pool.

    Args:
        network: trained in place.
        space: the search space.
        pool: (R, N) cells.
        target: (R, N, N) from `pair_targets`.
        generators: one per repeat, for dropout.
        report: called with the finished share of the round.
    """

    def __init__(
        self,
        network: RelationNetwork,
        space: Space,
        pool: IntArray,
        target: Tensor,
        generators: list[np.random.Generator],
        report: Report,
    ) -> None:
        super().__init__()
        self.network = network
        self.generators = generators
        self.losses: list[FloatArray] = []
        self._report = report
        for name, array in zip(("counts", "adjacency"), pool_inputs(space, pool), strict=True):
            self.register_buffer(name, torch.from_numpy(array))
        cells = pool.shape[1]
        self.register_buffer("target", target)
        self.register_buffer("pairs", ~torch.eye(cells, dtype=torch.bool))
        # The loss is the Kullback-Leibler divergence, as published: cross-entropy minus the entropy of the targets.
        entropy = torch.special.entr(target) + torch.special.entr(1 - target)
        self.register_buffer("entropy", (entropy * ~torch.eye(cells, dtype=torch.bool)).sum(dim=(1, 2)))

    def schedule(self, steps: int, lr: float, weight_decay: float) -> None:
        """Length of the round and what AdamW is told."""
        self.steps, self.lr, self.weight_decay = steps, lr, weight_decay

    def training_step(self, batch: int, batch_idx: int) -> Tensor:
        """Sum of the divergence over all ordered pairs i != j and all repeats."""
        nodes, cells = self.counts.shape[1:3]
        dropped = self.network.draw_dropped(self.generators, nodes, cells)
        f, g = self.network.odds(self.network(self.counts, self.adjacency, dropped))  # (R, N) each
        odds = f[:, :, None] + g[:, None, :]  # (R, N, N)
        cross = binary_cross_entropy_with_logits(odds, self.target, reduction="none")
        loss = (cross * self.pairs).sum(dim=(1, 2)) - self.entropy
        self.losses.append((loss.detach() / self.pairs.sum()).cpu().numpy())
        self._report((batch_idx + 1) / self.steps)
        return loss.sum()

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """AdamW; its learning rate falls to zero over the round."""
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.lr, weight_decay=self.weight_decay, fused=True)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=self.steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}
