"""Zero-cost scores of the function that a new network is: NASWOT, Jacobian covariance, Zen-score.

Batch norm takes the statistics of the batch, as in training. Where the score of a network does not exist, most often
since its output does not depend on its input, it is NaN.
"""

import torch
from torch import Tensor, nn

from siamnas.cells.layers import Classifier
from siamnas.measure.measures.passes import forward, gradients, watched

ACTIVATIONS = (nn.ReLU, nn.ReLU6, nn.Mish, nn.SiLU, nn.GELU, nn.Hardswish)
NORMS = (nn.BatchNorm2d,)
EPSILON = 1e-5  # of the Jacobian covariance
NOISE = 0.01  # of the Zen-score


def naswot(network: nn.Module, images: Tensor) -> float:
    """Logarithm of det K, K_ij the number of activations that images i and j switch alike (arXiv 2006.04647).

    One is on for an input above 0, be it a ReLU or the mish that the networks of the Nano space have instead. Only
    activations that are modules count: not those within `atten`. NaN where K is singular.

    Args:
        network: with new weights.
        images: (B, 3, H, W).
    """
    kernel = torch.zeros(len(images), len(images), dtype=torch.float64, device=images.device)

    def look(inputs: Tensor) -> None:
        on = (inputs > 0).flatten(1).float()
        kernel.add_(on @ on.T + (1 - on) @ (1 - on).T)

    with torch.no_grad(), watched(network, ACTIVATIONS, look):
        forward(network, images, training=True)
    return _finite(torch.linalg.slogdet(kernel).logabsdet)


def jacob_cov(network: nn.Module, images: Tensor) -> float:
    """-sum of ln(v + k) + 1 / (v + k) over the eigenvalues v of the Jacobians' correlations; k = 1e-5.

    The Jacobian of an image is the gradient of the sum of all outputs for its pixels; the correlations (B, B) are
    Pearson's (arXiv 2006.04647, first version).

    Args:
        network: with new weights.
        images: (B, 3, H, W).
    """
    images = images.clone().requires_grad_()
    found = gradients(forward(network, images, training=True).sum(), [images])
    if not found:
        return float("nan")
    correlations = torch.corrcoef(found[0][1].flatten(1).double())
    if not correlations.isfinite().all():
        return float("nan")
    shifted = torch.linalg.eigvalsh(correlations) + EPSILON
    return _finite(-(shifted.log() + 1 / shifted).sum())


def zen(network: nn.Module, shape: tuple[int, ...]) -> float:
    """Zen-score: ln E |f(x) - f(x + 0.01 e)| + sum over batch norms of ln sigma (arXiv 2102.01063, Algorithm 1).

    f are the features before the global average pool (of a network that is no `Classifier`: its outputs), weights, x
    and e standard normal, E the mean over the batch x of the sums of absolute differences (as published; the paper
    writes a norm), sigma^2 the mean over channels of the variance that a batch norm finds in x; one that gets a
    constant is left out. Residual links stay. All that is normal is one draw of torch's generator on the CPU.

    Args:
        network: with new weights; they do not matter.
        shape: of the batch, (B, channels, height, width).
    """
    features = network.features if isinstance(network, Classifier) else network
    weights = {name: parameter for name, parameter in features.named_parameters() if parameter.ndim > 1}
    device = next(network.parameters()).device
    state = {name: torch.randn(weight.shape).to(device) for name, weight in weights.items()}
    images, noise = torch.randn(2, *shape).to(device)
    logs: list[Tensor] = []

    def look(inputs: Tensor) -> None:
        logs.append(inputs.double().var(dim=(0, 2, 3), correction=0).mean().log() / 2)

    with torch.no_grad():
        with watched(features, NORMS, look):
            before = forward(features, images, training=True, state=state)
        after = forward(features, images + NOISE * noise, training=True, state=state)
    change = (after - before).abs().double().sum() / len(images)
    return _finite(change.log() + sum(log for log in logs if log != -torch.inf))


def _finite(value: Tensor) -> float:
    """The value, NaN for an infinite one."""
    return float(value) if value.isfinite() else float("nan")
