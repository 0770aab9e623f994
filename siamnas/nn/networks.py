"""The naive graph predictor and the Siamese-Predictor, R copies each (Siamese-NAS, Figures 2 and 3)."""

import numpy as np
import torch
from torch import Tensor, nn

from siamnas.nn.efm import EstimationFusion
from siamnas.nn.fused import Graph
from siamnas.nn.fused.ranking import Group, Trunk
from siamnas.nn.layers import AccuracyUnit, GraphConvGroup
from siamnas.nn.nsam import NodeSelfAttention


class GraphPredictorNetwork(nn.Module):
    """Three graph-convolution groups, a mean and one sigmoid unit.

    Args:
        generators: one per repeat, for the weights.
        node_types: F.
        nodes: V.
        channels: C.
        nsam: put the node self-attention module between the second and the third group.
        pooling: see `AccuracyUnit`.
    """

    def __init__(
        self,
        generators: list[np.random.Generator],
        node_types: int,
        nodes: int,
        channels: int,
        nsam: bool,
        pooling: str,
    ) -> None:
        super().__init__()
        self.first = GraphConvGroup(generators, node_types, channels)
        self.second = GraphConvGroup(generators, channels, channels)
        self.nsam = NodeSelfAttention(generators, channels) if nsam else None
        self.third = GraphConvGroup(generators, channels, channels)
        self.unit = AccuracyUnit(generators, channels, nodes, pooling)

    def stem(self, x: Tensor, graph: Graph) -> Tensor:
        """The first two groups: one-hot node types (R, F, V, B) -> features (R, C, V, B)."""
        return self.second(self.first(x, graph), graph)

    def stem_sides(self, x: Tensor, graph: Graph) -> Tensor:
        """The two directions of `stem` before their mean, (R, 2, C, V, B)."""
        return self.second.sides(self.first(x, graph), graph)

    def trunk(self, x: Tensor, graph: Graph) -> Tensor:
        """The rest of the trunk: features after the stem -> features, (R, C, V, B) both."""
        if self.nsam is not None:
            x = self.nsam(x, graph)
        return self.third(x, graph)

    def coarse(self, x: Tensor, graph: Graph) -> Tensor:
        """Features after the stem (R, C, V, B) -> coarse accuracies (R, B)."""
        return self.unit(self.trunk(x, graph))

    def after_stem(self) -> Trunk:
        """What `coarse` does, for a ranking of many architectures in inference."""
        first, later = self.third, [self.third]
        if self.nsam is not None:
            first, later = self.nsam.qkv, [self.nsam.group, self.third]
        return Trunk(
            Group(first.weight, *first.norm.folded()),
            Group(
                torch.cat([group.weight for group in later], dim=1),
                *(torch.cat(arrays, dim=1) for arrays in zip(*(group.norm.folded() for group in later), strict=True)),
            ),
            over_channels=self.unit.axis == 1,
            accuracy=self.unit.of_means,
        )

    def forward(self, x: Tensor, code: Tensor, graph: Graph) -> Tensor:
        """One-hot node types (R, F, V, B) -> all predictions of a training step, (1, R, B); the code is not read."""
        return self.coarse(self.stem(x, graph), graph)[None]


class SiameseNetwork(GraphPredictorNetwork):
    """One trunk, two branches: coarse without, fine with the Estimation Code; both end in the same shared unit.

    Args:
        generators: one per repeat, for the weights.
        node_types: F.
        nodes: V.
        channels: C.
        nsam: see `GraphPredictorNetwork`.
        pooling: see `AccuracyUnit`.
        code_length: L.
        efm_shared_qv: see `EstimationFusion`.
        efm_double_update: see `EstimationFusion`.
    """

    def __init__(
        self,
        generators: list[np.random.Generator],
        node_types: int,
        nodes: int,
        channels: int,
        nsam: bool,
        pooling: str,
        code_length: int,
        efm_shared_qv: bool,
        efm_double_update: bool,
    ) -> None:
        super().__init__(generators, node_types, nodes, channels, nsam, pooling)
        self.fusion = EstimationFusion(generators, channels, nodes, code_length, efm_shared_qv, efm_double_update)

    def fine(self, x: Tensor, code: Tensor, graph: Graph) -> Tensor:
        """Features after the stem (R, C, V, B) and codes (R, L, B) -> fine accuracies (R, B)."""
        return self.unit(self.fusion(self.trunk(x, graph), code, graph))

    def forward(self, x: Tensor, code: Tensor, graph: Graph) -> Tensor:
        """One-hot types (R, F, V, B), codes (R, L, B) -> coarse and fine accuracies of a training step, (2, R, B)."""
        features = self.trunk(self.stem(x, graph), graph)
        return torch.stack([self.unit(features), self.unit(self.fusion(features, code, graph))])
