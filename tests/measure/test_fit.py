"""A training is that of a plain PyTorch loop, the same when it is repeated, and ends where its loss is no number."""

import random
import signal
from dataclasses import replace

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf
from torch import Tensor, nn

from siamnas.cells.layers import Classifier, ConvBN
from siamnas.config.compose import CONF_DIR
from siamnas.experiment import build
from siamnas.images.augment import Mixup, Options
from siamnas.images.datamodule import ImageModule
from siamnas.images.dataset import Dataset
from siamnas.measure.measures.base import Failed
from siamnas.measure.measures.fit import Fitted, evaluate, fit
from siamnas.measure.measures.recipe import Phase, Recipe
from tests import warm
from tests.images.files import load
from tests.measure.conftest import table
from tests.support import ROOT

AUGMENT = Options(flip=True, shift=1, mixup=Mixup(1.5, 0.5))
RECIPE = Recipe([Phase(2, 1e-2), Phase(1, 1e-3)], 16, 0.1, AUGMENT, "32-true")


@pytest.fixture(scope="module")
def data() -> Dataset:
    return load("sample", train=40, test=30, size=8)


def network() -> nn.Module:
    pool = nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    features = nn.Sequential(ConvBN(3, 6, 3, activation=nn.ReLU()), pool, ConvBN(6, 4, 3, stride=2))
    return Classifier(features, 4, 10)


def trained(data: Dataset, recipe: Recipe = RECIPE, seed: int = 0, make=network) -> Fitted:
    return fit(make, data, recipe, seed, "cpu")


def bare(data: Dataset, recipe: Recipe, seed: int) -> tuple[list[float], nn.Module]:
    """The losses and the network of a plain loop."""
    torch.manual_seed(seed)
    net = network()
    batches = ImageModule(data, recipe.batch_size, recipe.augment, seed).train_dataloader()
    adam = torch.optim.Adam(net.parameters())
    losses = []
    for phase in recipe.phases:
        for _ in range(phase.epochs):
            of_images: list[Tensor] = []
            for images, targets in batches:
                smooth = (1 - recipe.label_smoothing) * targets + recipe.label_smoothing / 10
                loss = -(smooth * net(images).log_softmax(1)).sum(1)
                adam.param_groups[0]["lr"] = phase.lr
                adam.zero_grad()
                loss.mean().backward()
                adam.step()
                of_images += loss.tolist()
            losses.append(sum(of_images) / len(of_images))
    return losses, net


def weights(net: nn.Module) -> Tensor:
    return torch.cat([tensor.double().flatten() for tensor in net.state_dict().values()])


@pytest.mark.parametrize("seed", [0, 3])
def test_a_plain_loop_gives_the_same(data: Dataset, seed: int):
    with torch.random.fork_rng():
        losses, net = bare(data, RECIPE, seed)
    fitted = trained(data, seed=seed)
    assert fitted.losses == pytest.approx(losses, abs=1e-4)
    assert torch.allclose(weights(fitted.network), weights(net), atol=1e-3)
    assert fitted.seconds > 0


def test_the_seed_decides_all_and_the_global_state_is_left_alone(data: Dataset):
    def make() -> nn.Module:
        return nn.Sequential(network(), nn.Dropout(0.1))

    torch.manual_seed(1)
    first = trained(data, make=make)
    after = torch.rand(3)
    second = trained(data, make=make)
    assert first.losses == second.losses and torch.equal(weights(first.network), weights(second.network))
    torch.manual_seed(1)
    assert torch.equal(torch.rand(3), after)
    assert trained(data, make=make, seed=1).losses != first.losses


def test_so_is_what_a_network_draws_from_numpy_and_python(data: Dataset):
    def make() -> nn.Module:
        return nn.Sequential(network(), nn.Dropout(0.1 * np.random.rand() + 0.1 * random.random()))  # noqa: NPY002

    losses = []
    for user in range(2):
        np.random.seed(user)  # noqa: NPY002
        random.seed(user)
        losses.append(trained(data, make=make).losses)
        assert np.random.rand() == np.random.RandomState(user).rand()  # noqa: NPY002
        assert random.random() == random.Random(user).random()
    assert losses[0] == losses[1]


def test_half_the_bits_change_a_loss_little_and_keep_whole_weights(data: Dataset):
    exact, short = trained(data), trained(data, replace(RECIPE, precision="bf16-mixed"))
    assert short.losses != exact.losses and short.losses == pytest.approx(exact.losses, rel=0.02)
    assert weights(short.network).isfinite().all() and next(short.network.parameters()).dtype == torch.float32


def test_more_epochs_begin_alike(data: Dataset):
    more = trained(data, replace(RECIPE, phases=[*RECIPE.phases, Phase(1, 1e-4)])).losses
    assert len(more) == 4 and more[:3] == trained(data).losses


def test_a_loss_that_is_no_number_fails_with_its_epoch(data: Dataset):
    told: list[int] = []

    def make() -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(192, 10))

    wild = Recipe([Phase(1, 1e-3), Phase(3, 1e38)], 64, 0.0, AUGMENT, "32-true")  # one batch an epoch
    with pytest.raises(Failed, match=r"^its loss is (nan|inf) in epoch 3$"):
        fit(make, data, wild, 0, "cpu", on_epoch=lambda epoch, _: told.append(epoch))
    assert told == [1, 2]


def test_progress_and_epochs_are_told(data: Dataset):
    shares: list[float] = []
    epochs: list[tuple[int, float]] = []
    fitted = fit(network, data, RECIPE, 0, "cpu", shares.append, lambda *told: epochs.append(told))
    assert shares == pytest.approx([(i + 1) / 9 for i in range(9)])  # 3 batches in 3 epochs
    assert epochs == list(enumerate(fitted.losses, 1))


def test_ctrl_c_stays_what_it_is(data: Dataset):
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        fit(network, data, RECIPE, 0, "cpu", progress=interrupted)
    assert signal.getsignal(signal.SIGINT) == before


def test_nothing_is_said_and_nothing_written(data: Dataset, capfd, tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    trained(data)
    assert capfd.readouterr() == ("", "") and not list(tmp_path.iterdir())


def test_a_test_counts_what_is_right_and_depends_on_no_batch(data: Dataset):
    net = trained(data).network
    images, labels = next(iter(ImageModule(data, 64, None, 0).test_dataloader()))
    found = evaluate(net, data, 7, "cpu")
    with torch.no_grad():
        shares = net.eval()(images).softmax(1)
    chosen = shares[torch.arange(30), labels]
    assert found.accuracy == sum(shares.argmax(1) == labels).item() / 30
    assert found.loss == pytest.approx(-chosen.log().mean().item(), rel=1e-5)


def measured(option: str, data: Dataset, **changes):
    fields = OmegaConf.to_container(OmegaConf.load(CONF_DIR / "what" / f"{option}.yaml"))
    config = {"what": {**fields, **changes}}
    return build.measure(config, data, "cpu")


@pytest.mark.parametrize(("option", "changes"), [("code", {}), ("proxy_losses", {"epochs": 2})])
def test_a_code_is_the_losses(data: Dataset, option: str, changes: dict):
    measure = measured(option, data, **changes)
    values = measure(network, 5)
    epochs = changes.get("epochs", 3)
    assert measure.columns == ("loss_1", "loss_2", "loss_3")[:epochs]
    assert values.values == trained(data, measure.recipe, seed=5).losses and len(values.values) == epochs
    assert values.seconds > 0


@pytest.mark.parametrize("option", ["train", "train_reduced"])
def test_an_accuracy_is_that_of_the_test_images(data: Dataset, option: str):
    measure = measured(option, data, phases=[{"epochs": 2, "lr": 1e-2}, {"epochs": 1, "lr": 1e-3}], batch_size=16)
    tested = evaluate(trained(data, measure.recipe, seed=2).network, data, 30, "cpu")
    assert measure.columns == ("accuracy", "test_loss")
    assert measure(network, 2).values == pytest.approx((tested.accuracy, tested.loss), rel=1e-5)


def test_recipes_are_those_of_the_paper(data: Dataset):
    assert measured("train", data).recipe.rates == [1e-2] * 40 + [1e-3] * 30 + [1e-4] * 10
    code = measured("code", data).recipe
    assert (code.rates, code.batch_size, code.label_smoothing) == ([1e-3] * 3, 16, 0.01)
    assert code.augment.mixup == Mixup(1.5, 0.5)
    proxy = measured("proxy_losses", data).recipe
    assert (proxy.rates, proxy.batch_size, proxy.label_smoothing) == ([1e-3] * 3, 1024, 0.0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("what=code", "what.epochs=0"), "what.epochs=0: must be an integer of at least 1"),
        (
            ("what=code", "what.batch_size=1"),
            "what.batch_size=1: must be an integer from 2, for batch norm, to",
        ),
        (("what=code", "what.label_smoothing=1"), "what.label_smoothing=1: must be a number of at least 0 and below 1"),
        (("what=code", "what.augment.shift=-1"), "what.augment.shift=-1: must be an integer of at least 0"),
        (("what=train", "what.phases=[]"), "what.phases=[]: must be a list of one or more phases"),
        (("what=train", "what.phases=[{epochs:1}]"), "missing key what.phases[0].lr"),
        (
            ("what=flops", "space=gpt"),
            "is one of a list of architectures, and the space gpt_s has none; its own is network=gpt",
        ),
        (("what=code", "images=sample", "images.train=1"), "images.train=1: must be at least 2, for batch norm"),
    ],
)
def test_bad_input_is_named_before_any_work(measure, words: tuple[str, ...], message: str, tmp_path):
    shown = measure(*words, "archs=1")
    assert shown.code == 2 and message in " ".join(shown.err.split())
    assert not list(tmp_path.rglob("*.jsonl"))


@pytest.mark.slow
def test_codes_of_a_command(tmp_path):
    small = ("space=nb201_c10", "network=nb201", "network.widths=[4,8]", "network.cells=1")
    images = ("images=sample", "images.train=40", "images.size=8")
    words = ("what=code", "archs=2", *small, *images, "workers=1", "logger=none", f"out={tmp_path}")
    shown = warm.run(["-m", "siamnas", "measure", *words], ROOT)
    assert shown.returncode == 0, shown.stderr
    rows = table(tmp_path)
    assert len(rows) == 2
    for row in rows.values():
        assert list(row) == ["arch", "loss_1", "loss_2", "loss_3", "seconds", "failed"]
        assert all(1 < float(row[f"loss_{epoch}"]) < 5 for epoch in (1, 2, 3))
