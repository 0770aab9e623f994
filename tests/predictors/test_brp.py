"""BRP-NAS: what it learns of pairs, and how it ranks."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from siamnas.acquisition.half import HalfAndHalf
from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.jobs.evaluation import evaluate
from siamnas.nn.brp import Unfolding
from siamnas.oracle.table import TableOracle
from siamnas.predictors.brp import BRP, win_log_probability
from siamnas.training.pairs import Group, PairTraining, pair_targets
from tests.predictors.brp import network, slow_embedding, slow_log_odds
from tests.support import draw, fit, run, tiny_benchmark, tiny_search

FIELDS = {
    "width": 24, "layers": 4, "dropout": 0.2, "lr": 3e-3, "weight_decay": 5e-4, "epochs": 20, "batch": None,
    "targets": "softmax",
}  # fmt: skip
TRAINER = {"accelerator": "cpu", "precision": "highest"}


@pytest.mark.parametrize("targets", ["softmax", "order"])
def test_loss_is_the_divergence_of_all_ordered_pairs(targets):
    space, label = tiny_benchmark(30).space, tiny_benchmark(30).measured.label
    label[5] = label[3]  # a tie
    training_set = np.array([[3, 5, 8, 9], [1, 2, 3, 5]])
    net = network()
    told = (training_set, label[training_set], np.ones_like(training_set, dtype=bool))
    module = PairTraining(Group.of(net, range(2)), space, *told, 1, None, targets, (3e-3, 5e-4))
    loss = module.training_step(0, 0)
    label = torch.from_numpy(label)
    expected = []
    for r in range(2):
        embedded = {arch: slow_embedding(net, r, space, arch) for arch in training_set[r]}
        total = torch.tensor(0.0)
        for i in training_set[r]:
            for j in training_set[r]:
                if i == j:
                    continue
                logits = torch.cat([embedded[i], embedded[j]]) @ net.head[r].flatten(0, 1) + net.head_bias[r]
                if targets == "softmax":
                    target = functional.softmax(label[[i, j]], dim=0)
                else:
                    target = torch.tensor([label[i] > label[j], label[i] < label[j]]) + 0.5 * (label[i] == label[j])
                total = total + functional.kl_div(functional.log_softmax(logits, 0), target.float(), reduction="sum")
        expected.append(total)
    torch.testing.assert_close(loss, sum(expected), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(module.losses[0], [x.item() / 12 for x in expected], rtol=1e-3, atol=1e-6)


def test_order_targets_of_equal_labels_are_one_half():
    target = pair_targets(torch.tensor([[0.5, 0.7, 0.5]]), "order")[0]
    assert target.tolist() == [[0.5, 0, 0.5], [1, 0.5, 1], [0.5, 0, 0.5]]


def test_score_is_the_mean_log_probability_of_winning():
    space, net = tiny_benchmark(30).space, network()
    training_set = np.array([4, 7, 9])
    unfolding = Unfolding.of(space, 4)
    f, g = net.odds(unfolding.embed(net, 1), 1)
    score = win_log_probability(f, g, unfolding.arch[training_set])[unfolding.arch]
    for x in (0, 4, 20):
        wins = []
        for j in training_set:
            e_x, e_j = (slow_embedding(net, 1, space, arch) for arch in (x, j))
            wins.append(functional.logsigmoid(slow_log_odds(net, 1, e_x, e_j)))
            wins.append(functional.logsigmoid(-slow_log_odds(net, 1, e_j, e_x)))
        assert score[x].item() == pytest.approx(torch.stack(wins).mean().item(), rel=1e-4)


def made(benchmark, seeds, **fields):
    return BRP(benchmark.space, seeds, TRAINER, **{**FIELDS, **fields})


@pytest.mark.slow
@pytest.mark.parametrize(("together", "batch"), [(1, None), (3, None), (4, None), (1, 5), (3, 5)])
def test_repeat_in_a_batch_equals_repeat_alone(together, batch):
    benchmark = tiny_benchmark(60)
    found = []
    for seeds in (range(5, 9), range(7, 8)):
        predictor = made(benchmark, seeds, batch=batch, epochs=20 if batch is None else 4)
        predictor.together = together
        predictor._groups = predictor._make_groups()
        search, oracle = tiny_search(predictor, benchmark, HalfAndHalf(3), n=12)
        found.append((predictor, run(search, oracle)))
    (many, all_found), (one, alone) = found
    assert [len(group.dropout) for group in many._groups] == {1: [1] * 4, 3: [3, 1], 4: [4]}[together]
    assert all_found.state.archs[2].tolist() == alone.state.archs[0].tolist()
    losses = all_found.state.curves["loss"][:, 2], alone.state.curves["loss"][:, 0]
    scores = many.score(np.arange(60))[2], one.score(np.arange(60))[0]
    if together == 1:
        np.testing.assert_array_equal(*losses)
        np.testing.assert_array_equal(*scores)
    np.testing.assert_allclose(*losses, rtol=1e-2, atol=1e-6)
    np.testing.assert_allclose(*scores, atol=1e-3)
    assert len({tuple(training_set) for training_set in all_found.state.archs.tolist()}) == 4


def test_a_pair_in_which_an_evaluation_failed_is_left_out():
    """The loss is that of the training set without the failed ones."""
    space, label = tiny_benchmark(30).space, tiny_benchmark(30).measured.label
    training_set = np.array([[3, 5, 8, 9], [1, 2, 3, 5]])
    usable = np.array([[True, False, True, True], [True, True, False, True]])
    labels = np.where(usable, label[training_set], np.nan)
    short = np.stack([row[keep] for row, keep in zip(training_set, usable, strict=True)])
    losses = []
    for archs, values, which in (
        (training_set, labels, usable),
        (short, label[short], np.ones_like(short, dtype=bool)),
    ):
        group = Group.of(network(), range(2))
        module = PairTraining(group, space, archs, values, which, 1, None, "softmax", (3e-3, 5e-4))
        losses.append((module.training_step(0, 0).item(), module.losses[0]))
    assert losses[0][0] == pytest.approx(losses[1][0], rel=1e-4)
    np.testing.assert_allclose(losses[0][1], losses[1][1], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(("rounds", "lengths"), [(1, [20]), (3, [6, 13, 20]), (5, [4, 8, 12, 16, 20])])
def test_the_epochs_of_the_rounds_grow(rounds, lengths):
    benchmark = tiny_benchmark(40)
    predictor = made(benchmark, range(1), width=4)
    seen = []

    class Watched(HalfAndHalf):
        def choose(self, state, count, index):
            seen.append(len(predictor.curves["loss"]))
            return super().choose(state, count, index)

    run(*tiny_search(predictor, benchmark, Watched(rounds), n=15))
    assert [*seen, len(predictor.curves["loss"])] == np.cumsum(lengths).tolist()


def test_it_goes_on_with_the_weights_of_the_round_before():
    benchmark = tiny_benchmark(40)
    predictor = made(benchmark, range(1), width=4)
    training_set = draw(40, 9, 1)
    fit(predictor, benchmark, training_set, until=0.5)
    before = predictor._groups[0].network
    half = predictor.score(np.arange(40))
    fit(predictor, benchmark, training_set)
    assert predictor._groups[0].network is before
    assert not np.array_equal(predictor.score(np.arange(40)), half)


def test_learns_and_ranks_through_the_search():
    benchmark, shares = tiny_benchmark(300), []
    predictor = made(benchmark, range(2), width=48, epochs=60)
    search, oracle = tiny_search(predictor, benchmark, HalfAndHalf(3), n=30, k=10, depth=40)
    search.report = shares.append
    run(search, oracle)
    result = evaluate(search, oracle, benchmark)
    assert (result["spearman"] > 0.5).all()
    assert (result["best"][:, 39] > np.quantile(benchmark.measured.report, 0.97)).all()
    assert result["curve/loss"].shape == (2, 20 + 40 + 60)
    assert result["curve/loss"][:, -1].max() < result["curve/loss"][:, 0].min() / 5
    assert result["codes"].tolist() == [0, 0]
    assert shares == sorted(shares)


def test_the_published_configuration(make_job):
    """Its own acquisition function comes with it, and its fields fit the class."""
    job = make_job("predictor=brp", "trainer.accelerator=cpu")
    benchmark = tiny_benchmark(10)
    predictor = build.predictor(job.config, benchmark.space, TableOracle(benchmark, 1), range(1))
    assert predictor.shape == (10, 600, 4, 0.2) and predictor.optimiser == (3.5e-4, 5e-4)
    assert (predictor.epochs, predictor.targets) == (250, "softmax")
    assert job.config["acquisition"] == {"_target_": "siamnas.acquisition.half.HalfAndHalf", "rounds": 5}


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("targets=rank", r"predictor\.targets=rank: must be softmax or order"),
        ("batch=0", r"predictor\.batch=0: must be an integer of at least 1"),
        ("width=0", r"predictor\.width=0: must be an integer of at least 1"),
        ("dropout=1.0", r"predictor\.dropout=1\.0: must be a number from 0 to 0\.9"),
    ],
)
def test_bad_fields_are_named(make_job, word, message):
    with pytest.raises(InputError, match=message):
        make_job("predictor=brp", f"predictor.{word}")


def test_a_pair_needs_two_architectures():
    benchmark = tiny_benchmark(10)
    with pytest.raises(InputError, match=r"search\.n=1: must be at least 2 for this predictor"):
        tiny_search(made(benchmark, range(1)), benchmark, HalfAndHalf(3), n=1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_missing_gpu_is_named():
    with pytest.raises(InputError, match=r"trainer\.accelerator=gpu: no CUDA device"):
        BRP(tiny_benchmark(10).space, range(1), {"accelerator": "gpu", "precision": "highest"}, **FIELDS)


def test_score_before_fit_is_an_error():
    with pytest.raises(RuntimeError, match="fit comes before score"):
        made(tiny_benchmark(10), range(1)).score(np.arange(3))
