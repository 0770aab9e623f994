"""The naive graph predictor and the Siamese-Predictor (Siamese-NAS, arXiv 2210.00546)."""

from typing import Any, Literal

import numpy as np
from torch import Tensor

from siamnas.config.validate import Probability, Size
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.nn.fused.ops import Graph
from siamnas.nn.networks import GraphPredictorNetwork, SiameseNetwork
from siamnas.predictors.neural import TILES, NeuralPredictor
from siamnas.spaces.listed import Space
from siamnas.training.device import isolated


class GraphPredictor(NeuralPredictor):
    """The naive predictor: coarse accuracy only, no Estimation Code.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        trainer: the trainer config.
        channels: C of all layers.
        nsam: with the node self-attention module.
        pooling: "channels" or "nodes", see `siamnas.nn.layers.AccuracyUnit`.
        mixup: see `NeuralPredictor`.
    """

    def __init__(
        self,
        space: Space,
        seeds: range,
        trainer: dict[str, Any],
        channels: Size,
        nsam: bool,
        pooling: Literal["channels", "nodes"],
        mixup: Probability,
    ) -> None:
        self.sizes = {
            "node_types": len(space.node_types),
            "nodes": space.types.shape[1],
            "channels": channels,
            "nsam": nsam,
            "pooling": pooling,
        }
        super().__init__(space, seeds, trainer, mixup)

    def network(self, generators: list[np.random.Generator]) -> GraphPredictorNetwork:
        """See `NeuralPredictor.network`."""
        return GraphPredictorNetwork(generators, **self.sizes)


class SiamesePredictor(GraphPredictor):
    """The Siamese-Predictor: a coarse accuracy without, a fine accuracy with the Estimation Code.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        trainer: the trainer config.
        code_length: L of the Estimation Codes.
        channels: C of all layers.
        nsam: with the node self-attention module.
        pooling: "channels" or "nodes", see `siamnas.nn.layers.AccuracyUnit`.
        efm_shared_qv: see `siamnas.nn.efm.EstimationFusion`.
        efm_double_update: see `siamnas.nn.efm.EstimationFusion`.
        mixup: see `NeuralPredictor`.

    Raises:
        InputError: there are no Estimation Codes.
    """

    coded = True
    net: SiameseNetwork

    def __init__(
        self,
        space: Space,
        seeds: range,
        trainer: dict[str, Any],
        code_length: int,
        channels: Size,
        nsam: bool,
        pooling: Literal["channels", "nodes"],
        efm_shared_qv: bool,
        efm_double_update: bool,
        mixup: Probability,
    ) -> None:
        if not code_length:
            raise InputError(
                f"predictor: the Siamese-Predictor reads an Estimation Code and {space.name} has none; "
                "choose a code for the space, or predictor=gcn"
            )
        self.fusion: dict[str, Any] = {
            "code_length": code_length,
            "efm_shared_qv": efm_shared_qv,
            "efm_double_update": efm_double_update,
        }
        super().__init__(space, seeds, trainer, channels, nsam, pooling, mixup)

    def network(self, generators: list[np.random.Generator]) -> SiameseNetwork:
        """See `NeuralPredictor.network`."""
        return SiameseNetwork(generators, **self.sizes, **self.fusion)

    @isolated
    def refine(self, archs: IntArray, codes: FloatArray) -> FloatArray:
        """See `Predictor.refine`."""
        length = codes.shape[1]
        # Filled up like the tiles of architectures, see `_by_tiles`.
        padded = np.pad(codes, ((0, 0), (0, -length % TILES[self.device]), (0, 0)), mode="edge")

        def fine(stem: Tensor, graph: Graph, tile: slice) -> Tensor:
            return self.net.fine(stem, self.inputs.codes(padded[:, tile]), graph)

        scores = self._in_tiles(archs, fine)
        scores[np.isnan(codes).any(axis=2)] = np.nan
        return scores
