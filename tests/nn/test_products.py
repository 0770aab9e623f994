"""Products and their gradients against plain PyTorch."""

import pytest
import torch

from siamnas.nn.products import linear, matmul


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("instructions", ["AVX2", "AVX512"])
def test_matmul_is_the_product(bias, instructions, monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: instructions)
    a, b, c = torch.randn(7, 5).t(), torch.randn(4, 7).t(), torch.randn(4)  # neither is contiguous
    torch.testing.assert_close(matmul(a, b, c if bias else None), a @ b + (c if bias else 0))


@pytest.mark.parametrize("repeats", [1, 3])
def test_linear_has_the_gradients_of_its_definition(repeats):
    x, weight, bias = torch.randn(repeats, 6, 5), torch.randn(repeats, 5, 4), torch.randn(repeats, 1, 4)
    found = []
    for f in (linear, lambda x, weight, bias: x @ weight + bias):
        inputs = [p.clone().requires_grad_() for p in (x, weight, bias)]
        out = f(*inputs)
        found.append([out, *torch.autograd.grad(out.sin().sum(), inputs)])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)
