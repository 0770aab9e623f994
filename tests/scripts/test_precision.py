"""The check of `trainer.precision` rounds what a GPU rounds."""

from importlib import import_module
from types import ModuleType

import numpy as np
import pytest
import torch

from tests.support import ROOT


@pytest.fixture
def precision(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "experiments" / "precision")
    return import_module("rounded")


@pytest.mark.parametrize(("name", "bits"), [("high", 10), ("medium", 7)])
def test_rounding_keeps_the_bits_of_the_mantissa(precision: ModuleType, name: str, bits: int) -> None:
    x = torch.from_numpy(np.random.default_rng(0).normal(size=1000).astype(np.float32))
    fraction, exponent = np.frexp(x.double().numpy())
    expected = np.ldexp(np.round(fraction * 2 ** (bits + 1)), exponent - bits - 1)
    np.testing.assert_array_equal(precision.ROUNDINGS[name](x).numpy(), expected.astype(np.float32))


def test_products_are_rounded_forward_and_backward(precision: ModuleType) -> None:
    generator = torch.Generator().manual_seed(0)
    a, b, grad = (torch.randn(2, 3, 3, generator=generator, requires_grad=True) for _ in range(3))
    round_ = precision.ROUNDINGS["medium"]
    with precision.RoundedProducts(round_):
        out = torch.bmm(a, b)
        out.backward(grad.detach())
    assert torch.equal(out.detach(), torch.bmm(round_(a.detach()), round_(b.detach())))
    assert a.grad is not None
    assert torch.equal(a.grad, torch.bmm(round_(grad.detach()), round_(b.detach()).transpose(1, 2)))
