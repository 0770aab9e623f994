"""BRP-NAS one architecture after the other, node by node, as it was published."""

import torch
from torch.nn import functional

from siamnas.nn.brp import RelationNetwork
from siamnas.seeding import streams


def network(repeats=2, width=6, layers=4, dropout=0.0):
    """Networks whose gains and shifts are not 1 and 0."""
    net = RelationNetwork(streams(range(repeats), "init"), 10, width, layers, dropout)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in [*net.gain, *net.shift]:
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return net


def slow_embedding(net, r, space, arch, dropped=None):
    """One architecture through one repeat's network, node by node as published: the embedding (H,)."""
    nodes = space.types.shape[1] + 1
    edges = space.adjacency if space.adjacency.ndim == 2 else space.adjacency[arch]
    h = [functional.one_hot(torch.tensor(t), 10).float() for t in (9, *space.types[arch].tolist())]
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
