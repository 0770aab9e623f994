"""BRP-NAS on minibatches of pairs."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from siamnas.acquisition.half import HalfAndHalf
from siamnas.seeding import streams
from siamnas.training import lightning
from siamnas.training.pairs import Group, PairTraining, batch_numbers
from tests.predictors.brp import network, slow_embedding, slow_log_odds
from tests.predictors.test_brp import made
from tests.support import own_edges, run, tiny_benchmark, tiny_search


@pytest.mark.parametrize("edges", ["shared", "own"])
def test_the_steps_of_an_epoch_are_the_divergence_of_every_pair_once(edges):
    benchmark = tiny_benchmark(30)
    space = benchmark.space if edges == "shared" else own_edges(benchmark.space)
    training_set, net = np.array([[3, 5, 8, 9, 2], [1, 2, 3, 5, 7]]), network()
    label = torch.from_numpy(benchmark.measured.label[training_set])
    module = PairTraining(
        Group.of(net, range(2)),
        space,
        training_set,
        label.numpy(),
        np.ones_like(training_set, dtype=bool),
        1,
        3,
        "softmax",
        (1e-3, 0),
    )
    assert module.steps == 7
    seen, sums = [], np.zeros(2)
    for step in range(module.steps):
        loss, expected = module.training_step(step, step).item(), 0.0
        for r, i, j in np.argwhere(module.number == step):
            e_i, e_j = (slow_embedding(net, r, space, training_set[r, x]) for x in (i, j))
            odds = slow_log_odds(net, r, e_i, e_j)
            log_p = functional.logsigmoid(torch.stack([odds, -odds]))
            target = functional.softmax(label[r, [i, j]], dim=0).float()
            divergence = functional.kl_div(log_p, target, reduction="sum").item()
            expected += divergence
            sums[r] += divergence
            seen.append((r, i, j))
        assert loss == pytest.approx(expected, rel=1e-4, abs=1e-6)
    assert sorted(seen) == [(r, i, j) for r in range(2) for i in range(5) for j in range(5) if i != j]
    np.testing.assert_allclose(module.losses, [sums / 20], rtol=1e-4)


def test_only_what_occurs_is_embedded(monkeypatch):
    benchmark, embedded = tiny_benchmark(30), []
    training_set, net = np.arange(12)[None], network(repeats=1, dropout=0.3)
    module = PairTraining(
        Group.of(net, range(1)), benchmark.space, training_set, benchmark.measured.label[training_set],
        np.ones_like(training_set, dtype=bool), 1, 2, "softmax", (1e-3, 0),
    )  # fmt: skip
    forward = net.forward
    monkeypatch.setattr(
        net, "forward", lambda counts, *rest: (embedded.append(counts.shape[2]), forward(counts, *rest))[1]
    )
    for step in range(module.steps):
        module.training_step(step, step)
        assert embedded[step] == len(np.unique(np.argwhere(module.number[0] == step)))
    assert max(embedded) <= 4


def test_each_epoch_draws_its_own_batches():
    pairs = ~np.eye(6, dtype=bool)[None]
    rng = streams(range(1), "batches")
    one, other = batch_numbers(pairs, 4, rng), batch_numbers(pairs, 4, rng)
    assert np.bincount(one[pairs]).tolist() == np.bincount(other[pairs]).tolist() == [4] * 7 + [2]
    assert not np.array_equal(one, other) and (one[~pairs] == -1).all()


def test_the_learning_rate_is_that_of_the_epoch():
    benchmark, training_set, epochs, rates = tiny_benchmark(30), np.arange(4)[None], 5, []

    class Watched(PairTraining):
        def training_step(self, step, batch_idx):
            rates.append(self.optimizers().param_groups[0]["lr"])
            return super().training_step(step, batch_idx)

    told = (training_set, benchmark.measured.label[training_set], np.ones_like(training_set, dtype=bool))
    module = Watched(Group.of(network(repeats=1), range(1)), benchmark.space, *told, epochs, 6, "softmax", (1e-2, 0))
    lightning.fit(module, range(epochs * module.steps), 1, "cpu", [])
    cosine = 1e-2 * (1 + np.cos(np.pi * np.arange(epochs) / epochs)) / 2
    np.testing.assert_allclose(rates, np.repeat(cosine, 2), rtol=1e-6)


def test_batches_grow_with_the_rounds(monkeypatch):
    sizes = []
    monkeypatch.setattr(
        "siamnas.predictors.brp.PairTraining", lambda *a: (sizes.append(a[-3]), PairTraining(*a))[1]
    )  # fmt: skip
    benchmark = tiny_benchmark(40)
    predictor = made(benchmark, range(1), width=4, epochs=5, batch=64)
    run(*tiny_search(predictor, benchmark, HalfAndHalf(5), n=15))
    assert sizes == [12, 25, 38, 51, 64]
    assert len(predictor.curves["loss"]) == 1 + 2 + 3 + 4 + 5
