"""Training R repeats at once: independence, the pool, BTS, phases, the closing selection and the budget."""

from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from siamnas.errors import InputError
from siamnas.nn.fused import kernels
from siamnas.oracle.table import Oracle
from siamnas.predictors.neural import NeuralPredictor
from siamnas.predictors.siamese import GraphPredictor, SiamesePredictor
from siamnas.progress import no_report
from siamnas.seeding import streams
from siamnas.spaces.space import Space
from siamnas.training.callbacks import BatchTopSampler, Phases, bts_additions, phase_starts
from siamnas.training.data import CellMixup, PoolDataModule, PoolDataset
from siamnas.training.lightning import choose_device, fit
from siamnas.training.module import AccuracyModule
from tests.support import tiny_space

BTS = {"start": 0.3, "rounds": 10, "top": 10, "order": "published", "window": [0.25, 0.75]}
FIELDS: dict[str, Any] = {"channels": 8, "nsam": True, "pooling": "channels", "mixup": 0.0}
EFM: dict[str, Any] = {"efm_shared_qv": True, "efm_double_update": True}


def trainer(epochs: int = 20, **changes: Any) -> dict[str, Any]:
    phases = [{"share": 0.2, "lr": 1e-3}, {"share": 0.5, "lr": 1e-3}, {"share": 0.3, "lr": 1e-4}]
    fields = {"batch_size": 8, "epochs": epochs, "phases": phases, "closing_epochs": 3, "closing_lr": 1e-4}
    fields |= {"ranked_share": 0.1, "norm_momentum": 0.003, "precision": "highest", "recalibrate": False}
    return {**fields, "accelerator": "cpu", "compile": False, **changes}


def siamese(space: Space, identities: range, epochs: int = 20, sampler: Any = None, **fields: Any) -> SiamesePredictor:
    return SiamesePredictor(space, identities, trainer(epochs), **{**FIELDS, **EFM, **fields}, sampler=sampler)


@pytest.mark.parametrize("sampler", [None, BTS])
@pytest.mark.parametrize("mixup", [0.0, 0.5])
def test_a_repeat_in_a_batch_equals_the_repeat_alone(sampler: Any, mixup: float) -> None:
    space = tiny_space(cells=150)
    cells = np.arange(150)
    batch, alone = (siamese(space, r, 8, sampler, mixup=mixup) for r in (range(3, 7), range(5, 6)))
    oracles = [Oracle(space, 4), Oracle(space, 1)]
    logs = [p.fit(o, 30, no_report) for p, o in zip((batch, alone), oracles, strict=True)]
    np.testing.assert_array_equal(oracles[0].pool[2], oracles[1].pool[0])
    np.testing.assert_allclose(logs[0].curves["loss"][:, 2], logs[1].curves["loss"][:, 0], rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(batch.score(cells)[2], alone.score(cells)[0], atol=1e-4)
    top = np.tile(np.arange(7), (4, 1))
    fine = [p.refine(top[: len(p.identities)], space.code[top[: len(p.identities)]]) for p in (batch, alone)]
    np.testing.assert_allclose(fine[0][2], fine[1][0], atol=1e-4)


def test_the_same_repeat_gives_the_same_numbers_again() -> None:
    space = tiny_space(cells=100)
    scores = []
    for _ in range(2):
        predictor = siamese(space, range(2), 4, BTS)
        predictor.fit(Oracle(space, 2), 20, no_report)
        scores.append(predictor.score(np.arange(100)))
    np.testing.assert_array_equal(*scores)


@pytest.mark.parametrize("sampler", [None, BTS])
@pytest.mark.parametrize("n", [4, 11, 30, 40])
def test_the_budget_is_kept(n: int, sampler: Any) -> None:
    space = tiny_space(cells=200, uncoded=5)
    oracle = Oracle(space, 2)
    siamese(space, range(2), 4, sampler).fit(oracle, n, no_report)
    assert oracle.pool.shape == (2, n - 3)
    assert all(len(set(row)) == n - 3 for row in oracle.pool.tolist())
    assert space.coded[oracle.pool].all()
    queries = oracle.cost().queries
    assert ((n - 3 <= queries) & (queries <= n)).all()


def test_codes_are_only_paid_by_who_reads_them() -> None:
    space = tiny_space(cells=100)
    oracle = Oracle(space, 2)
    GraphPredictor(space, range(2), trainer(2), **FIELDS, sampler=BTS).fit(oracle, 20, no_report)
    assert oracle.cost().codes.tolist() == [0, 0]
    oracle = Oracle(space, 2)
    siamese(space, range(2), 2).fit(oracle, 20, no_report)
    assert (oracle.cost().codes >= 17).all()


def test_a_fit_goes_on_from_the_labelled_pool() -> None:
    space = tiny_space(cells=100)
    oracle = Oracle(space, 2)
    oracle.query(np.array([[0, 1, 2], [3, 4, 5]]))
    siamese(space, range(2), 2).fit(oracle, 20, no_report)
    assert oracle.pool.shape == (2, 17)
    assert oracle.pool[:, :3].tolist() == [[0, 1, 2], [3, 4, 5]]


@given(st.integers(1, 500), st.sampled_from(["published", "even"]))
def test_bts_additions_sum_to_the_budget(budget: int, order: str) -> None:
    first, rounds = bts_additions(budget, 0.3, 10, order)
    assert first == max(int(0.3 * budget), 1)
    assert first + sum(rounds) == budget
    assert len(rounds) == 10
    if order == "even":
        assert max(rounds) - min(rounds) <= 1
    else:
        assert len(set(rounds[:9])) == 1


def test_bts_additions_as_published() -> None:
    assert bts_additions(27, 0.3, 10, "published") == (8, [1] * 9 + [10])
    assert bts_additions(97, 0.3, 10, "published") == (29, [6] * 9 + [14])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 5))
def test_bts_chooses_the_best_ranked_of_a_random_share(seed: int, count: int, uncoded: int) -> None:
    space = tiny_space(cells=80, seed=seed % 7, uncoded=uncoded)
    oracle = Oracle(space, 3)
    oracle.query(oracle.draw(10, streams(range(seed, seed + 3), "pool")))
    seen: list[np.ndarray] = []

    def by_label(cells: np.ndarray, top: int) -> np.ndarray:
        seen.append(cells)
        return np.take_along_axis(cells, np.argsort(-space.label[cells], axis=1)[:, :top], axis=1)

    generators = streams(range(seed, seed + 3), "bts")
    sampler = BatchTopSampler(oracle, [count], [0], 0.25, 5, by_label, generators)
    chosen = sampler.choose(count)
    assert seen[0].shape == (3, 20)
    for r in range(3):
        candidates, taken = set(seen[0][r].tolist()), set(chosen[r].tolist())
        assert len(candidates) == 20
        assert len(taken) == count
        assert not candidates & set(oracle.pool[r].tolist())
        assert space.coded[seen[0][r]].all()
        assert min(space.label[list(taken)]) >= max((space.label[c] for c in candidates - taken), default=0)


def test_bts_rounds_are_in_the_middle_half_of_the_epochs() -> None:
    predictor = siamese(tiny_space(cells=50), range(1), sampler=BTS)
    assert predictor.sampler is not None
    assert predictor.sampler.epochs(200) == list(range(50, 150, 10))


def test_cells_added_by_bts_are_trained_on_in_the_same_epoch() -> None:
    """The pool grows at the start of an epoch, and Lightning must not have drawn the epoch's batches before."""
    space = tiny_space(cells=60)
    oracle = Oracle(space, 1)
    predictor = siamese(space, range(1), epochs=10, sampler={**BTS, "rounds": 1, "window": [0.5, 0.9]})
    sizes: list[int] = []
    original = PoolDataset.__iter__

    def spy(self: PoolDataset) -> Any:
        sizes.append(self.oracle.pool.shape[1])
        return original(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PoolDataset, "__iter__", spy)
        predictor.fit(oracle, 23, no_report)
    assert sizes == [6] * 5 + [20] * 8


def test_steps_per_epoch_and_drawing_with_replacement() -> None:
    space = tiny_space(cells=60)
    oracle = Oracle(space, 2)
    oracle.query(oracle.draw(3, streams(range(2), "pool")))
    dataset = PoolDataset(oracle, 8, 5, range(2), 0.0, True)
    (epoch,) = list(dataset)
    assert len(epoch) == 5
    assert epoch[0].x.shape == (2, 9, 10, 8)
    assert epoch[0].code.shape == (2, 3, 8)
    pool_labels = space.label[oracle.pool]
    for step in epoch:
        for r in range(2):
            assert set(step.label[r].tolist()) <= set(pool_labels[r].astype(np.float32).tolist())


def test_phases_set_the_rate_and_forget_the_moments() -> None:
    starts, fresh = phase_starts(200, trainer()["phases"], 1e-4)
    assert starts == {0: 1e-3, 40: 1e-3, 140: 1e-4, 200: 1e-4}
    assert fresh == {40, 140}

    space = tiny_space(cells=60)
    seen: list[tuple[float, bool]] = []

    class Watch(pl.Callback):
        def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
            assert isinstance(pl_module, AccuracyModule)
            seen.append((pl_module.adam.param_groups[0]["lr"], bool(pl_module.adam.state)))

    oracle = Oracle(space, 1)
    oracle.query(oracle.draw(8, streams(range(1), "pool")))
    module = AccuracyModule(siamese(space, range(1)).net, starts[0])
    data = PoolDataset(oracle, 8, 1, range(1), 0.0, True)
    fit(module, PoolDataModule(data), 5, "cpu", [Phases({0: 0.5, 2: 0.25, 4: 0.125}, {2}), Watch()])
    assert seen == [(0.5, False), (0.5, True), (0.25, False), (0.25, True), (0.125, True)]


def test_closing_selection_keeps_the_weights_of_the_best_evaluated_cell() -> None:
    """Every repeat ends with the weights of its own best closing epoch."""
    space = tiny_space(cells=100)
    predictor = siamese(space, range(4), epochs=5)
    oracle = Oracle(space, 4)
    history: list[tuple[np.ndarray, np.ndarray]] = []
    best = NeuralPredictor.best

    def spy(self: NeuralPredictor, oracle: Oracle, cells: np.ndarray, top: int) -> np.ndarray:
        order = best(self, oracle, cells, top)
        weights = self.net.unit.weight.detach().clone().numpy()
        history.append((space.label[order[:, 0]], weights))
        return order

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NeuralPredictor, "best", spy)
        predictor.fit(oracle, 20, no_report)
    assert len(history) == 3
    winners = np.argmax([accuracy for accuracy, _ in history], axis=0)
    final = predictor.net.unit.weight.detach().numpy()
    for r, winner in enumerate(winners):
        np.testing.assert_array_equal(final[r], history[winner][1][r])


def test_mixup_mixes_inputs_and_labels_alike() -> None:
    space = tiny_space(cells=60)
    oracle = Oracle(space, 3)
    oracle.query(oracle.draw(20, streams(range(3), "pool")))
    plain = PoolDataset(oracle, 8, 1, range(3), 0.0, True).step(oracle.pool[:, :8])
    mixed = CellMixup(1.0, streams(range(3), "mixup"))(plain)
    for r in range(3):
        rng = streams(range(3), "mixup")[r]
        rng.random()
        share, order = rng.beta(1.5, 1.5), rng.permutation(8)
        for name in ("x", "code", "label"):
            before, after = getattr(plain, name)[r].numpy(), getattr(mixed, name)[r].numpy()
            np.testing.assert_allclose(after, share * before + (1 - share) * before[..., order], rtol=1e-5)
    assert mixed.graph is plain.graph


def test_recalibration_takes_the_statistics_of_the_pool() -> None:
    space = tiny_space(cells=60)
    oracle = Oracle(space, 2)
    predictor = SiamesePredictor(space, range(2), trainer(2, recalibrate=True), **FIELDS, **EFM, sampler=None)
    predictor.fit(oracle, 20, no_report)
    data = PoolDataset(oracle, 8, 1, range(2), 0.0, True)
    step = data.step(oracle.pool)
    predictor.net.train()
    in_training = predictor.net(step.x, step.code, step.graph)[0]
    predictor.net.eval()
    torch.testing.assert_close(predictor.net(step.x, step.code, step.graph)[0], in_training, atol=1e-5, rtol=1e-4)
    assert all(abs(m.momentum - 0.003) < 0.004 for m in predictor.net.modules() if hasattr(m, "momentum"))


def test_it_learns() -> None:
    """Ranks unseen cells far better than chance after a short training."""
    space = tiny_space(cells=300)
    predictor = siamese(space, range(3), epochs=60)
    oracle = Oracle(space, 3)
    log = predictor.fit(oracle, 60, no_report)
    assert (log.curves["loss"][-1] < 0.2 * log.curves["loss"][0]).all()
    scores = predictor.score(np.arange(300))
    for r in range(3):
        unseen = np.setdiff1d(np.arange(300), oracle.pool[r])
        assert np.corrcoef(scores[r, unseen], space.label[unseen])[0, 1] > 0.5


def test_cells_with_their_own_adjacency() -> None:
    """A space whose cells differ in their edges trains as well, and equal edges give equal numbers."""
    shared = tiny_space(cells=80)
    own = Space(**{**vars(shared), "adjacency": np.tile(shared.adjacency, (80, 1, 1))})
    scores = []
    for space in (shared, own):
        predictor = siamese(space, range(2), epochs=3, sampler=BTS)
        predictor.fit(Oracle(space, 2), 20, no_report)
        scores.append(predictor.score(np.arange(80)))
    np.testing.assert_allclose(*scores, atol=1e-4)


def test_different_edges_count_in_training_and_ranking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells that differ in their edges only: fused and plain agree, and a repeat alone is the repeat in a batch."""
    shared = tiny_space(cells=80)
    rng = np.random.default_rng(0)
    adjacency = np.triu(rng.random((80, 10, 10)) < 0.3, 1) + np.eye(10)
    types = np.tile(shared.types[:1], (80, 1))
    space = Space(**{**vars(shared), "types": types, "adjacency": adjacency.astype(np.float32)})
    everything = np.arange(80)
    batch, alone = (siamese(space, identities, epochs=3, mixup=0.5) for identities in (range(2), range(1, 2)))
    for predictor in (batch, alone):
        predictor.fit(Oracle(space, len(predictor.identities)), 20, no_report)
    scores = batch.score(everything)
    assert scores[0].std() > 1e-4, "only the edges tell the cells apart"
    np.testing.assert_allclose(alone.score(everything)[0], scores[1], atol=1e-4)
    np.testing.assert_allclose(batch.score(np.tile(everything, (2, 1))), scores, atol=1e-6)
    monkeypatch.setattr(kernels, "load", lambda *_, **__: None)
    np.testing.assert_allclose(batch.score(everything), scores, atol=1e-5)


def test_a_space_without_codes_is_refused() -> None:
    space = tiny_space(cells=20)
    bare = Space(**{**vars(space), "code": np.empty((20, 0), dtype=np.float32), "code_name": "none"})
    with pytest.raises(InputError, match=r"space\.code\.kind=none.*predictor=gcn"):
        siamese(bare, range(1))


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what happens without a GPU")
def test_a_missing_gpu_is_an_input_error() -> None:
    space = tiny_space(cells=20)
    with pytest.raises(InputError, match=r"trainer\.accelerator=gpu"):
        SiamesePredictor(space, range(1), trainer(accelerator="gpu"), **FIELDS, **EFM, sampler=None)


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["highest", "high"])
@pytest.mark.parametrize("graphs", [False, True])
def test_a_gpu_gives_what_the_cpu_gives(precision: str, graphs: bool) -> None:
    space, scores = tiny_space(cells=150), []
    for accelerator in ("cpu", "gpu"):
        fields = trainer(8, accelerator=accelerator, precision=precision, compile=graphs)
        predictor, oracle = SiamesePredictor(space, range(4), fields, **FIELDS, **EFM, sampler=BTS), Oracle(space, 4)
        predictor.fit(oracle, 30, no_report)
        scores.append(predictor.score(np.arange(150)))
    np.testing.assert_allclose(*scores, atol=1e-3 if precision == "highest" else 0.05)


def test_precision_is_that_of_torch() -> None:
    before = torch.get_float32_matmul_precision()
    try:
        choose_device("cpu", "high")
        assert torch.get_float32_matmul_precision() == "high"
    finally:
        torch.set_float32_matmul_precision(before)
