"""Batches are varied as a loop over images would do it, and the same for the same generator."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator, Tensor

from siamnas.config.validate import built, check
from siamnas.errors import InputError
from siamnas.images.augment import Augment, Options, crop, mix, moments, normalise
from siamnas.images.dataset import Images
from tests.images.files import noise

OFF = {"flip": False, "shift": 0, "mixup": {"alpha": 1.5, "probability": 0.0}}
PLAIN = torch.tensor([[0.0] * 3, [1.0] * 3])  # moments that leave the bytes as they are


def augment(classes: int = 4, seed: int = 0, moments: Tensor = PLAIN, **options: Any) -> Augment:
    return Augment(moments, classes, Generator().manual_seed(seed), built(Options, {**OFF, **options}))


def batch(size: int, side: int = 5) -> tuple[Tensor, Tensor]:
    images = noise(*[i % 4 for i in range(size)], size=side)
    return torch.from_numpy(images.pixels), torch.from_numpy(images.labels)


def variant(image: np.ndarray, flip: bool, corner: tuple[int, int], margin: int) -> np.ndarray:
    """One image, mirrored and shifted, pixel by pixel."""
    channels, height, width = image.shape
    result = np.zeros_like(image)
    for row in range(height):
        for column in range(width):
            y, x = row + corner[0] - margin, column + corner[1] - margin
            if 0 <= y < height and 0 <= x < width:
                result[:, row, column] = image[:, y, width - 1 - x if flip else x]
    return result


@settings(max_examples=25)
@given(st.integers(1, 4), st.integers(0, 3), st.tuples(st.integers(1, 5), st.integers(1, 5)), st.integers(0, 9))
def test_crops_are_those_of_a_loop(size: int, margin: int, shape: tuple[int, int], seed: int):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(1, 256, (size, 3, *shape), np.uint8)
    flips, corners = rng.random(size) < 0.5, rng.integers(0, 2 * margin + 1, (2, size))
    found = crop(*map(torch.from_numpy, (pixels, flips, corners)), margin)
    slow = [variant(pixels[i], bool(flips[i]), tuple(corners[:, i]), margin) for i in range(size)]
    assert found.dtype == torch.uint8 and np.array_equal(found.numpy(), np.stack(slow))


@pytest.mark.parametrize(("flip", "shift"), [(True, 0), (False, 1), (True, 2)])
def test_every_variant_of_an_image_is_drawn_as_often(flip: bool, shift: int):
    image = noise(0, size=5).pixels[0]
    ways = [
        (mirrored, row, column)
        for mirrored in ([False, True] if flip else [False])
        for row in range(2 * shift + 1)
        for column in range(2 * shift + 1)
    ]
    known = {bytes(variant(image, mirrored, (row, column), shift)): 0 for mirrored, row, column in ways}
    assert len(known) == len(ways)
    size = 200 * len(ways)
    pixels = torch.from_numpy(image).expand(size, 3, 5, 5)
    images, _ = augment(flip=flip, shift=shift)(pixels, torch.zeros(size, dtype=torch.int64))
    for found in images.byte().numpy():
        known[bytes(found)] += 1  # nothing but these
    assert min(known.values()) > 200 - 5 * 200**0.5 and max(known.values()) < 200 + 5 * 200**0.5


def test_nothing_is_done_where_nothing_is_asked_for():
    pixels, labels = batch(6)
    images, targets = augment()(pixels, labels)
    assert torch.equal(images, pixels.float()) and torch.equal(targets.argmax(1), labels)
    assert torch.equal(targets.sum(1), torch.ones(6)) and targets.max() == 1


def test_mixing_is_that_of_a_loop():
    values, shares, partners = (
        torch.randn(5, 3, 2, 2),
        torch.tensor([1, 0.25, 0, 0.5, 0.9]),
        torch.tensor([3, 3, 1, 4, 0]),
    )
    slow = [shares[i] * values[i] + (1 - shares[i]) * values[partners[i]] for i in range(5)]
    assert torch.allclose(mix(values, shares, partners), torch.stack(slow), atol=1e-6)
    assert torch.equal(mix(values, shares, partners)[0], values[0])  # a share of 1 changes nothing


@pytest.mark.parametrize(("alpha", "probability"), [(1.5, 0.5), (0.2, 1.0), (1.0, 0.25)])
def test_mixup_draws_a_coin_and_a_beta_share_for_each_image(alpha: float, probability: float):
    size = 4000
    # Every image is of a class of its own, so the targets tell who was mixed with whom, and how.
    labels = torch.arange(size)
    pixels = torch.zeros(size, 3, 1, 1, dtype=torch.uint8)
    pixels[:, 0, 0, 0], pixels[:, 1, 0, 0] = labels % 256, labels // 256
    images, targets = augment(size, mixup={"alpha": alpha, "probability": probability})(pixels, labels)
    assert torch.allclose(targets.sum(1), torch.ones(size), atol=1e-5)
    # Images are mixed as their targets are.
    assert torch.allclose(images[:, :, 0, 0], targets @ pixels[:, :, 0, 0].float(), atol=1e-2)
    own = targets[labels, labels].double()
    mixed = own < 1
    assert float(mixed.double().mean()) == pytest.approx(probability, abs=0.04)
    assert float(own[mixed].mean()) == pytest.approx(0.5, abs=0.04)
    variance = 1 / (4 * (2 * alpha + 1))  # of Beta(alpha, alpha)
    assert float(own[mixed].var()) == pytest.approx(variance, rel=0.12)
    partners = (targets - torch.diag(targets.diagonal())).argmax(1)[mixed]
    assert len(set(partners.tolist())) == len(partners)  # a permutation


@pytest.mark.parametrize("options", [{}, {"flip": True, "shift": 2, "mixup": {"alpha": 0.4, "probability": 0.5}}])
def test_the_same_generator_gives_the_same_batches(options: dict[str, Any]):
    pixels, labels = batch(32)
    one, same, other = augment(**options), augment(**options), augment(seed=1, **options)
    first, again = one(pixels, labels), same(pixels, labels)
    assert all(map(torch.equal, first, again))
    second = one(pixels, labels)
    assert all(map(torch.equal, second, same(pixels, labels)))
    if options:
        assert not torch.equal(first[0], second[0]) and not torch.equal(first[0], other(pixels, labels)[0])
    state = torch.get_rng_state()
    one(pixels, labels)
    assert torch.equal(torch.get_rng_state(), state)  # whoever draws from torch's generator is not disturbed


@given(st.integers(1, 2500), st.integers(0, 3))
@settings(max_examples=10)
def test_moments_are_those_of_all_pixels(size: int, seed: int):
    pixels = np.random.default_rng(seed).integers(0, 200, (size, 3, 2, 2), np.uint8) // np.array([1, 2, 5]).reshape(
        3, 1, 1
    )
    images = Images(pixels.astype(np.uint8), np.zeros(size, np.int64))
    found = moments(images)
    assert found[0].numpy() == pytest.approx(images.pixels.mean(axis=(0, 2, 3)), rel=1e-5)
    deviation = images.pixels.astype(float).std(axis=(0, 2, 3))
    assert found[1].numpy() == pytest.approx(np.where(deviation > 0, deviation, 1), rel=1e-4, abs=1e-5)
    normal = normalise(torch.from_numpy(images.pixels), found).double()
    assert normal.mean(dim=(0, 2, 3)).abs().max() < 1e-4
    assert normal.std(dim=(0, 2, 3), correction=0).numpy() == pytest.approx((deviation > 0).astype(float), abs=1e-3)


def test_a_constant_channel_stays_finite():
    pixels = np.full((3, 3, 2, 2), 7, np.uint8)
    found = moments(Images(pixels, np.zeros(3, np.int64)))
    assert torch.equal(normalise(torch.from_numpy(pixels), found), torch.zeros(3, 3, 2, 2))


def test_what_is_shifted_in_is_black():
    pixels = torch.full((64, 3, 4, 4), 200, dtype=torch.uint8)
    images, _ = augment(shift=3, moments=torch.tensor([[100.0] * 3, [50.0] * 3]))(pixels, torch.zeros(64).long())
    assert sorted(set(images.flatten().tolist())) == [-2, 2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shift": -1}, "augment.shift=-1: must be an integer of at least 0"),
        ({"flip": 1}, "augment.flip=1: must be true or false"),
        ({"mixup": {"alpha": 0, "probability": 0.5}}, "augment.mixup.alpha=0: must be a number above 0"),
        ({"mixup": {"alpha": 1, "probability": 2}}, "augment.mixup.probability=2: must be a number from 0 to 1"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], message: str):
    check(Options, OFF, "augment")
    with pytest.raises(InputError) as error:
        check(Options, {**OFF, **options}, "augment")
    assert message in str(error.value)
