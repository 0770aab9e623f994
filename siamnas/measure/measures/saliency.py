"""Zero-cost scores that sum what single weights matter: SynFlow, SNIP, GradNorm.

Weights are those of convolutions and linear layers. A network whose output does not depend on them scores 0.
"""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from siamnas.measure.measures.passes import forward, gradients

CLIP = 1000


def synflow(network: nn.Module, shape: tuple[int, ...]) -> float:
    """ln(1 + sum over weights of |w dR/dw|), R the sum of the outputs for one input of ones (arXiv 2006.05467).

    With the absolute values of all parameters. Batch norm is left out (arXiv 2101.08134): its running statistics and
    weights, those of a new network, change nothing. The sum is that of this paper and grows exponentially with the
    depth, so it is taken in float64, and its logarithm is the score; 0 for a sum of 0.

    Args:
        network: with new weights.
        shape: of one input, (channels, height, width).
    """
    tensors = [*network.named_parameters(), *network.named_buffers()]
    state = {name: tensor.detach().abs().double() for name, tensor in tensors if tensor.is_floating_point()}
    weights = _weights(state[name].requires_grad_() for name, _ in network.named_parameters())
    ones = torch.ones(1, *shape, dtype=torch.float64, device=_device(network))
    flow = forward(network, ones, training=False, state=state).sum()
    return math.log1p(sum(float((weight * gradient).abs().sum()) for weight, gradient in gradients(flow, weights)))


def synflow_code(network: nn.Module, shape: tuple[int, ...]) -> float:
    """SynFlow as an Estimation Code (Siamese-NAS, arXiv 2210.00546, ablation), from 0 to 1.

    The mean, over the parameter tensors that R depends on, of the sum of |w dR/dw|; cut off at 1000 and divided by it.
    R is the sum of the outputs for one input of ones. As in the published code, the parameters keep their signs, those
    of batch norm and biases count too, and batch norm takes its running statistics. An output that depends on nothing
    but the last bias still has that share.

    Args:
        network: with new weights.
        shape: of one input, (channels, height, width).
    """
    ones = torch.ones(1, *shape, device=_device(network))
    flow = forward(network, ones, training=False).sum()
    sums = [float((weight * gradient).abs().sum()) for weight, gradient in gradients(flow, network.parameters())]
    return min(sum(sums) / max(len(sums), 1), CLIP) / CLIP


def snip(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum over weights of |w dL/dw|, L the mean cross-entropy of a batch (arXiv 1810.02340; summed: 2101.08134)."""
    return sum(float((weight * gradient).abs().sum()) for weight, gradient in _of_loss(network, images, labels))


def grad_norm(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum over layers of the Euclidean norm of dL/dw, L the mean cross-entropy of a batch (arXiv 2101.08134)."""
    return sum(float(gradient.norm()) for _, gradient in _of_loss(network, images, labels))


def _of_loss(network: nn.Module, images: Tensor, labels: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Weights, and their gradients of the loss of images (B, 3, H, W) with labels (B,) while training."""
    loss = cross_entropy(forward(network, images, training=True), labels)
    return gradients(loss, _weights(network.parameters()))


def _weights(parameters: Iterable[Tensor]) -> list[Tensor]:
    """Those of convolutions and linear layers: biases and batch norm have vectors."""
    return [parameter for parameter in parameters if parameter.ndim > 1]


def _device(network: nn.Module) -> torch.device:
    return next(network.parameters()).device
