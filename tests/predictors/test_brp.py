"""BRP-NAS against slow per-cell references."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from torch.nn import functional

from siamnas.acquire.ranking import rank
from siamnas.errors import InputError
from siamnas.nn.brp import Rectify, RelationNetwork, Unfolding, pool_inputs
from siamnas.oracle.table import Oracle
from siamnas.predictors.brp import BRP, Group, Round, Settings, pair_targets, win_log_probability
from siamnas.progress import no_report
from siamnas.search.topk import TopK
from siamnas.seeding import streams
from tests.support import tiny_space

FIELDS = {
    "width": 24, "layers": 4, "dropout": 0.2, "lr": 3e-3, "weight_decay": 5e-4, "epochs": 20, "rounds": 3,
    "targets": "softmax",
}  # fmt: skip
TRAINER = {"accelerator": "cpu", "precision": "highest"}


def per_cell(space, seed=0):
    """The same cells, each with an adjacency of its own: some edges are missing."""
    rng = np.random.default_rng(seed)
    keep = rng.random((len(space), 10, 10)) < 0.8
    adjacency = np.where(keep | np.eye(10, dtype=bool), space.adjacency, 0).astype(np.float32)
    return dataclasses.replace(space, adjacency=adjacency)


@pytest.fixture(params=["shared", "per cell"])
def space(request):
    shared = tiny_space(cells=40)
    return shared if request.param == "shared" else per_cell(shared)


def network(repeats=2, width=6, layers=4, dropout=0.0):
    """Networks whose gains and shifts are not 1 and 0."""
    net = RelationNetwork(streams(range(repeats), "init"), 10, width, layers, dropout)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in [*net.gain, *net.shift]:
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return net


def slow_embedding(net, r, space, cell, dropped=None):
    """One cell through one repeat's network, node by node as published: the embedding (H,)."""
    nodes = space.types.shape[1] + 1
    edges = space.adjacency if space.adjacency.ndim == 2 else space.adjacency[cell]
    h = [functional.one_hot(torch.tensor(t), 10).float() for t in (9, *space.types[cell].tolist())]
    for i in range(len(net.weight)):
        support = [x @ net.weight[i][r] for x in h]
        new = []
        for v in range(nodes):
            sources = range(nodes) if v == 0 else [u for u in range(1, nodes) if edges[v - 1, u - 1]]
            out = sum(support[u] for u in sources) + net.bias[i][r, 0]
            out = functional.layer_norm(out, out.shape, net.gain[i][r, 0], net.shift[i][r, 0])
            out = torch.relu(out)
            if dropped is not None and (v == 0 or i < len(net.weight) - 1):
                out = torch.where(dropped[i][v], 0.0, out * net.scale)
            new.append(out)
        h = new
    return h[0]


def slow_log_odds(net, r, first, second):
    """log P(first is better) - log P(second is better) by the published log-softmax of a pair."""
    both = torch.cat([first, second])
    logits = both @ net.head[r].flatten(0, 1) + net.head_bias[r]
    log_p = functional.log_softmax(logits, dim=0)
    return log_p[0] - log_p[1]


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_forward_equals_slow_reference(space, layers):
    net = network(layers=layers)
    pool = np.array([[3, 1, 4], [9, 2, 6]])
    counts, adjacency = (torch.from_numpy(array) for array in pool_inputs(space, pool))
    embedding = net(counts, adjacency)
    f, g = net.odds(embedding)
    for r in range(2):
        slow = [slow_embedding(net, r, space, cell) for cell in pool[r]]
        torch.testing.assert_close(embedding[r], torch.stack(slow))
        for i in range(3):
            for j in range(3):
                torch.testing.assert_close(f[r, i] + g[r, j], slow_log_odds(net, r, slow[i], slow[j]))


def test_dropout_equals_slow_reference(space):
    net = network(dropout=0.3)
    pool = np.array([[3, 1], [9, 2]])
    counts, adjacency = (torch.from_numpy(array) for array in pool_inputs(space, pool))
    dropped = net.draw_dropped(streams(range(2), "dropout"), 11, 2)
    embedding = net(counts, adjacency, dropped)
    for r in range(2):
        for i, cell in enumerate(pool[r]):
            masks = [layer[r, :, i] for layer in dropped]
            torch.testing.assert_close(embedding[r, i], slow_embedding(net, r, space, cell, masks))


def test_dropout_has_its_rate_and_ignores_neighbours():
    net = network(repeats=3, width=64, dropout=0.2)
    dropped = net.draw_dropped(streams(range(3), "dropout"), 11, 20)
    assert [tuple(layer.shape) for layer in dropped] == [(3, 11, 20, 64)] * 3 + [(3, 1, 20, 64)]
    assert torch.cat([layer.flatten() for layer in dropped]).float().mean() == pytest.approx(0.2, abs=0.01)
    alone = net.draw_dropped(streams(range(2, 3), "dropout"), 11, 20)
    assert all(torch.equal(many[2], one[0]) for many, one in zip(dropped, alone, strict=True))
    assert network(dropout=0.0).draw_dropped(streams(range(2), "dropout"), 11, 20) is None


def test_rectify_is_relu_and_mask():
    x = torch.randn(50, dtype=torch.float64, requires_grad=True)
    dropped = torch.rand(50) < 0.3
    torch.testing.assert_close(Rectify.apply(x, dropped), torch.relu(x).masked_fill(dropped, 0))
    torch.autograd.gradcheck(lambda x: Rectify.apply(x, dropped), x)
    torch.autograd.gradcheck(lambda x: Rectify.apply(x, None), x)


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_unfolding_equals_forward(space, layers):
    net = network(layers=layers)
    cells = np.tile(np.arange(len(space)), (2, 1))
    counts, adjacency = (torch.from_numpy(array) for array in pool_inputs(space, cells))
    expected = net(counts, adjacency)
    unfolding = Unfolding.of(space, layers)
    for r in range(2):
        for block in (7, 4096):
            torch.testing.assert_close(unfolding.embed(net, r, block)[unfolding.cell], expected[r])


def test_unfolding_shares_rows():
    unfolding = Unfolding.of(tiny_space(cells=5**6), 4)
    assert [len(offsets) for offsets in unfolding.offsets] == [276, 15_626, 25_286, 15_625]


@pytest.mark.parametrize("targets", ["softmax", "order"])
def test_loss_is_the_divergence_of_all_ordered_pairs(targets):
    space = tiny_space(cells=30)
    space.label[5] = space.label[3]  # a tie
    pool = np.array([[3, 5, 8, 9], [1, 2, 3, 5]])
    net = network()
    module = Round(Group(net, streams(range(2), "dropout")), space, pool, 1, Settings(**{**FIELDS, "targets": targets}))
    loss = module.training_step(0, 0)
    label = torch.from_numpy(space.label)
    expected = []
    for r in range(2):
        embedded = {cell: slow_embedding(net, r, space, cell) for cell in pool[r]}
        total = torch.tensor(0.0)
        for i in pool[r]:
            for j in pool[r]:
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
    space, net = tiny_space(cells=30), network()
    pool = np.array([4, 7, 9])
    unfolding = Unfolding.of(space, 4)
    f, g = net.odds(unfolding.embed(net, 1), 1)
    score = win_log_probability(f, g, unfolding.cell[pool])[unfolding.cell]
    for x in (0, 4, 20):
        wins = []
        for j in pool:
            e_x, e_j = (slow_embedding(net, 1, space, cell) for cell in (x, j))
            wins.append(functional.logsigmoid(slow_log_odds(net, 1, e_x, e_j)))
            wins.append(functional.logsigmoid(-slow_log_odds(net, 1, e_j, e_x)))
        assert score[x].item() == pytest.approx(torch.stack(wins).mean().item(), rel=1e-4)


def fit(space, identities, n, oracle=None, together=1, **fields):
    predictor = BRP(space, identities, TRAINER, **{**FIELDS, **fields})
    predictor.together = together
    oracle = oracle or Oracle(space, len(identities))
    log = predictor.fit(oracle, n, no_report)
    return predictor, oracle, log


@pytest.mark.parametrize("together", [1, 3, 4])
def test_repeat_in_a_batch_equals_repeat_alone(together):
    space = tiny_space(cells=60)
    many, oracle, log = fit(space, range(5, 9), 12, together=together)
    one, alone, log_one = fit(space, range(7, 8), 12)
    assert [len(group.generators) for group in many._groups] == {1: [1] * 4, 3: [3, 1], 4: [4]}[together]
    assert oracle.pool[2].tolist() == alone.pool[0].tolist()
    if together == 1:
        assert (log.curves["loss"][:, 2] == log_one.curves["loss"][:, 0]).all()
        assert (many.score(np.arange(60))[2] == one.score(np.arange(60))[0]).all()
    np.testing.assert_allclose(log.curves["loss"][:, 2], log_one.curves["loss"][:, 0], rtol=1e-2, atol=1e-6)
    np.testing.assert_allclose(many.score(np.arange(60))[2], one.score(np.arange(60))[0], atol=1e-3)
    assert len({tuple(pool) for pool in oracle.pool.tolist()}) == 4


@settings(max_examples=10, deadline=None)
@given(n=st.integers(2, 25), rounds=st.integers(1, 6), before=st.integers(0, 25), seed=st.integers(0, 99))
def test_fit_spends_n_and_takes_free_cells(n, rounds, before, seed):
    space = tiny_space(cells=30, seed=seed, uncoded=5)
    oracle = Oracle(space, 2)
    oracle.query(oracle.draw(before, streams(range(2), "before")))
    first = oracle.pool
    _, _, log = fit(space, range(2), n, oracle, rounds=rounds, epochs=rounds, width=4)
    assert oracle.pool.shape == (2, max(n, before))
    assert (oracle.pool[:, :before] == first).all()
    assert oracle.cost().queries.tolist() == [max(n, before)] * 2
    assert oracle.cost().codes.tolist() == [0, 0]
    for pool in oracle.pool:
        assert len(set(pool)) == len(pool)
        assert space.coded[pool].all()
    assert np.isfinite(log.curves["loss"]).all()


def test_selection_takes_the_top_and_a_random_part_of_the_best():
    space = tiny_space(cells=64)
    predictor, oracle, _ = fit(space, range(3), 12)
    order = rank(predictor.score(np.arange(64)), streams(range(3), "select"))  # what the selection draws first
    chosen = predictor._select(oracle, 8, 2, streams(range(3), "select"))
    for r in range(3):
        line = [cell for cell in order[r] if cell not in oracle.pool[r]]
        assert chosen[r, :4].tolist() == line[:4]
        assert set(chosen[r, 4:]) <= set(order[r, :16]) | set(line[:8])
        assert len(set(chosen[r])) == 8


def test_learns_and_ranks_through_the_search():
    space, shares = tiny_space(cells=300), []
    predictor = BRP(space, range(2), TRAINER, **{**FIELDS, "width": 48, "epochs": 60})
    result = TopK(30, 10, 20, 40, "keep").run(predictor, Oracle(space, 2), shares.append)
    assert (result["spearman"] > 0.6).all()
    assert (result["best"][:, 9] > np.quantile(space.report, 0.97)).all()
    assert result["curve/loss"].shape == (2, 20 + 40 + 60)
    assert result["curve/loss"][:, -1].max() < result["curve/loss"][:, 0].min() / 5
    assert result["codes"].tolist() == [0, 0]
    assert shares == sorted(shares)


def test_config_fits_the_class():
    config = OmegaConf.to_container(OmegaConf.load(Path(__file__).parents[2] / "conf/predictor/brp.yaml"))
    assert config.pop("_target_") == "siamnas.predictors.brp.BRP"
    predictor = BRP(tiny_space(cells=10), range(1), TRAINER, **config)
    assert predictor.settings == Settings(600, 4, 0.2, 3.5e-4, 5e-4, 250, 5, "softmax")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": "rank"}, r"predictor\.targets=rank: must be softmax or order"),
        ({"width": 0}, r"predictor\.width=0: must be an integer of at least 1"),
        ({"dropout": 1.0}, r"predictor\.dropout=1\.0: must be a number from 0 to 0\.9"),
    ],
)
def test_bad_fields_are_named(change, message):
    with pytest.raises(InputError, match=message):
        BRP(tiny_space(cells=10), range(1), TRAINER, **{**FIELDS, **change})


def test_a_pair_needs_two_cells():
    with pytest.raises(InputError, match=r"search\.n=1: brp compares cells and needs at least 2"):
        fit(tiny_space(cells=10), range(1), 1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_missing_gpu_is_named():
    with pytest.raises(InputError, match=r"trainer\.accelerator=gpu: no CUDA device"):
        BRP(tiny_space(cells=10), range(1), {"accelerator": "gpu", "precision": "highest"}, **FIELDS)


def test_score_before_fit_is_an_error():
    with pytest.raises(RuntimeError, match="fit comes before score"):
        BRP(tiny_space(cells=10), range(1), TRAINER, **FIELDS).score(np.arange(3))
