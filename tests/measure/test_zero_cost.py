"""Scores of networks that are not trained, against slow and obvious references."""

import copy
import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

import siamnas as package
from siamnas.cells.cost import count
from siamnas.cells.layers import Classifier
from siamnas.cells.nb201 import full
from siamnas.measure.measures.response import jacob_cov, naswot, zen
from siamnas.measure.measures.saliency import grad_norm, snip, synflow, synflow_code
from siamnas.measure.measures.zero_cost import SCORES, ZeroCost
from tests.measure.conftest import table
from tests.measures import images

SHAPE = (3, 4, 4)
DEAD = ["none"] * 6
USUAL = ["nor_conv_3x3", "none", "nor_conv_1x1", "skip_connect", "avg_pool_3x3", "nor_conv_3x3"]


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def small(*activations: nn.Module) -> nn.Sequential:
    """Convolution, batch norm, the activations with a convolution after each, classifier."""
    between = [layer for activation in activations for layer in (activation, nn.Conv2d(2, 2, 3, padding=1))]
    return nn.Sequential(nn.Conv2d(3, 2, 3, padding=1), nn.BatchNorm2d(2), *between, nn.Flatten(), nn.Linear(32, 2))


def batch(count: int = 3) -> tuple[Tensor, Tensor]:
    return torch.randn(count, *SHAPE), torch.arange(count) % 2


def shares(network: nn.Module) -> list[float]:
    """For each parameter tensor the sum of |R(w) - R(w = 0)| over its numbers, which is |w dR/dw| where R is affine."""
    network = copy.deepcopy(network).double().eval()

    def flow() -> float:
        with torch.no_grad():
            return float(network(torch.ones(1, *SHAPE, dtype=torch.float64)).sum())

    sums, whole = [], flow()
    for parameter in network.parameters():
        numbers, found = parameter.data.view(-1), 0.0
        for at, number in enumerate(numbers.tolist()):
            numbers[at] = 0
            found += abs(whole - flow())
            numbers[at] = number
        sums.append(found)
    return sums


def test_synflow_of_two_linear_layers_has_a_closed_form():
    first, second = nn.Linear(48, 5, bias=False), nn.Linear(5, 2, bias=False)
    flow = float((second.weight.abs() @ first.weight.abs()).sum().detach())
    assert synflow(nn.Sequential(nn.Flatten(), first, second), SHAPE) == pytest.approx(math.log1p(2 * flow))


def test_synflow_is_what_vanishes_with_each_absolute_weight():
    network = small(nn.ReLU(), nn.ReLU())
    positive = copy.deepcopy(network)
    positive[1] = nn.Identity()  # batch norm is left out
    for parameter in positive.parameters():
        parameter.data.abs_()
    weights = [share for share, of in zip(shares(positive), positive.parameters(), strict=True) if of.ndim > 1]
    assert synflow(network, SHAPE) == pytest.approx(math.log1p(sum(weights)), rel=1e-4)


def test_synflow_code_is_the_mean_over_all_tensors_with_their_signs():
    network = small()
    found = shares(network)
    assert len(found) == 6
    assert synflow_code(network, SHAPE) == pytest.approx(sum(found) / 6 / 1000, rel=1e-4)
    network.unused = nn.Linear(2, 2)
    network.forward = lambda x: nn.Sequential(*list(network)[:-1])(x)
    assert synflow_code(network, SHAPE) == pytest.approx(sum(found) / 6 / 1000, rel=1e-4), "no part of the mean"


def test_synflow_code_ends_at_1_and_synflow_does_not_overflow():
    network = nn.Sequential(nn.Flatten(), *(nn.Linear(48, 48) for _ in range(30)))
    for parameter in network.parameters():
        parameter.data.mul_(10)
    float32 = math.log(torch.finfo(torch.float32).max)
    assert synflow_code(network, SHAPE) == 1 and float32 < synflow(network, SHAPE) < math.inf


def test_snip_and_grad_norm_by_finite_differences():
    network, (pixels, labels) = small(nn.Mish()).double(), batch()
    pixels = pixels.double()
    saliency, norms = 0.0, 0.0
    for parameter in network.parameters():
        if parameter.ndim == 1:
            continue
        numbers, slopes = parameter.data.view(-1), []
        for at, number in enumerate(numbers.tolist()):
            losses = []
            for step in (1e-5, -1e-5):
                numbers[at] = number + step
                losses.append(float(cross_entropy(network(pixels), labels).detach()))
            numbers[at] = number
            slopes.append((losses[0] - losses[1]) / 2e-5)
        saliency += float(np.abs(slopes * parameter.detach().numpy().ravel()).sum())
        norms += math.hypot(*slopes)
    assert snip(network, pixels, labels) == pytest.approx(saliency, rel=1e-6)
    assert grad_norm(network, pixels, labels) == pytest.approx(norms, rel=1e-6)


@pytest.mark.parametrize("activation", [nn.ReLU(inplace=True), nn.Mish()])
def test_naswot_counts_the_activations_that_two_images_switch_alike(activation: nn.Module):
    network, (pixels, _) = small(activation, nn.ReLU()), batch(5)
    codes, maps = [], pixels
    for layer, after in pairwise(network):
        maps = layer(maps)
        if isinstance(after, (nn.ReLU, nn.Mish)):
            codes.append((maps > 0).flatten(1))
    code = torch.cat(codes, dim=1).tolist()
    kernel = [[sum(a == b for a, b in zip(one, other, strict=True)) for other in code] for one in code]
    assert naswot(network, pixels) == pytest.approx(math.log(np.linalg.det(kernel)))


def test_naswot_of_equal_images_does_not_exist():
    pixels, _ = batch()
    assert math.isnan(naswot(small(nn.ReLU()), pixels[[0, 1, 1]]))


def test_jacobian_covariance_by_one_image_at_a_time():
    network, (pixels, _) = small(nn.ReLU()), batch(4)
    network[1] = nn.Identity()  # batch norm makes the images depend on each other
    jacobians = [torch.autograd.functional.jacobian(lambda x: network(x[None]).sum(), image) for image in pixels]
    values = np.linalg.eigvals(np.corrcoef([jacobian.flatten().double().numpy() for jacobian in jacobians])).real
    expected = -sum(math.log(value + 1e-5) + 1 / (value + 1e-5) for value in values)
    assert jacob_cov(network, pixels) == pytest.approx(expected, rel=1e-3)


def test_zen_score_step_by_step():
    first, norm, second = nn.Conv2d(3, 2, 3, bias=False), nn.BatchNorm2d(2), nn.Conv2d(2, 2, 1, bias=False)
    network = Classifier(nn.Sequential(first, norm, second), 2, 2)
    torch.manual_seed(1)
    score = zen(network, (3, *SHAPE))
    torch.manual_seed(1)
    first.weight.data, second.weight.data = torch.randn(2, 3, 3, 3), torch.randn(2, 2, 1, 1)
    pixels, noise = torch.randn(3, *SHAPE), torch.randn(3, *SHAPE)
    with torch.no_grad():
        entering = first(pixels).transpose(0, 1).flatten(1)  # (channels, values)
        change = (network.features(pixels + 0.01 * noise) - network.features(pixels)).abs().sum(dim=(1, 2, 3)).mean()
        sigma = torch.stack([((values - values.mean()) ** 2).mean() for values in entering]).mean().sqrt()
    assert score == pytest.approx(float(change.log() + sigma.log()), rel=1e-4)


def scored(network: Callable[[], nn.Module], *scores: str) -> dict[str, float]:
    measure = ZeroCost(images(8), "cpu", list(scores), 8)
    assert measure.columns == scores
    return dict(zip(scores, measure(network, 3).values, strict=True))


def test_a_score_is_the_same_alone_and_after_others():
    def network() -> nn.Module:
        return nn.Sequential(nn.Dropout(0.1), full(USUAL, [3, 4], 1, 4))

    together = scored(network, *SCORES)
    assert all(map(math.isfinite, together.values())) and len(set(together.values())) == len(SCORES)
    assert scored(network, *reversed(SCORES)) == together
    assert {name: scored(network, name)[name] for name in SCORES} == together
    assert scored(lambda: full(USUAL, [3, 4], 1, 4), "snip") != scored(lambda: full(USUAL, [4, 4], 1, 4), "snip")


@pytest.mark.parametrize("name", SCORES)
def test_a_network_is_left_as_it_was(name: str):
    made = full(USUAL, [3, 4], 1, 4)
    before = copy.deepcopy(made.state_dict())
    scored(lambda: made, name)
    assert all(torch.equal(before[key], value) for key, value in made.state_dict().items())
    assert all(parameter.grad is None for parameter in made.parameters())
    assert not any(module._forward_pre_hooks for module in made.modules())


def test_a_network_that_does_not_see_its_input_has_no_response():
    found = scored(lambda: full(DEAD, [3, 4], 1, 4), *SCORES)
    assert found["synflow"] == found["snip"] == found["grad_norm"] == 0
    assert 0 < found["synflow_code"] < 1e-3, "the bias of the classifier"
    assert all(math.isnan(found[name]) for name in ("naswot", "jacob_cov", "zen"))


def test_convolutions_that_get_only_zeros_do_not_spoil_a_score():
    dangling = ["none", "skip_connect", "none", "none", "nor_conv_3x3", "nor_conv_1x1"]  # 1->3 begins at a zero
    assert all(map(math.isfinite, scored(lambda: full(dangling, [3, 4], 1, 4), *SCORES).values()))


@pytest.mark.parametrize(("network", "changes"), [("nano", ["stem=4", "widths=[4,8]"]), ("nb_macro", ["last=8"])])
def test_networks_of_the_other_spaces_have_all_scores(network: str, changes: list[str]):
    nodes = ["input", "atten", "dwconv3x3", "output"] if network == "nano" else ["input", *["mb3_k3"] * 8, "output"]
    space = package.Space.of_graphs([nodes], [list(pairwise(range(len(nodes))))])
    made = package.networks(space, network, 4, [f"network.{change}" for change in changes])
    found = scored(lambda: made(0), *SCORES)
    assert all(map(math.isfinite, found.values()))
    cost = count(made(0), (3, 8, 8))
    assert (found["flops"], found["params"]) == (cost.multiply_adds / 1e6, cost.params / 1e6)


def test_the_command_writes_the_scores_in_their_order(measure, tmp_path: Path):
    assert measure("what=zero_cost", "what.batch=4", "what.scores=[naswot,synflow]", "archs=3").code == 0
    for row in table(tmp_path).values():
        assert list(row) == ["arch", "naswot", "synflow", "seconds", "failed"] and float(row["synflow"]) > 0
    assert measure("what=zero_cost", "what.batch=4", "archs=1", "name=default_scores").code == 0
    (row,) = table(tmp_path / "default_scores").values()
    assert list(row)[1:-2] == list(SCORES)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["what.scores=[synflo]"], "what.scores[0]=synflo: must be synflow or synflow_code or snip or grad_norm"),
        (["what.scores=[snip,snip]"], "what.scores=['snip', 'snip']: must be a list of one or more scores, each once"),
        (["what.scores=[]"], "what.scores=[]: must be a list of one or more scores, each once"),
        (["what.batch=5"], "what.batch=5: must be at most 4, the images to train on"),
    ],
)
def test_what_can_not_be_scored_is_named(measure, words: list[str], message: str):
    shown = measure("what=zero_cost", *words)
    assert shown.code == 2 and message in " ".join(shown.err.split())
