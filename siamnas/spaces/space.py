"""A search space as a few arrays."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]


@dataclass(frozen=True)
class Space:
    """M cells of V nodes over F node types, with everything that was measured of them.

    Attributes:
        name: name of the config, for example `nb201_c100`.
        node_types: the F names behind the one-hot node features.
        types: (M, V) uint8, the node type of every node.
        adjacency: A + I as float32, (V, V) where all cells share it, else (M, V, V); entry (i, j) is an edge i -> j.
        archs: (M,) str, each cell in the benchmark's own notation.
        columns: name -> (M,) float64, all measured columns in the units of the data card; NaN where not measured.
        label: (M,) accuracy as a fraction in [0, 1], the value that queries return and searches select by.
        label_name: the column behind `label`, for example `test_200_mean`.
        report: (M,) accuracy as a fraction, the value that results report for a selected cell.
        report_name: the column behind `report`.
        code: (M, L) float32 Estimation Codes; NaN rows for cells without one; L = 0 where the space has none.
        code_name: what the code is made of, for example `mote` or `flops,params`.
        code_seconds: (M,) cost of computing one code, NaN where unknown.
        train_seconds: (M,) cost of one query (training the cell), NaN where unknown.
    """

    name: str
    node_types: tuple[str, ...]
    types: NDArray[np.uint8]
    adjacency: NDArray[np.float32]
    archs: NDArray[np.str_]
    columns: dict[str, FloatArray]
    label: FloatArray
    label_name: str
    report: FloatArray
    report_name: str
    code: NDArray[np.float32]
    code_name: str
    code_seconds: FloatArray
    train_seconds: FloatArray
    card: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.types)

    @cached_property
    def support(self) -> NDArray[np.bool_]:
        """(V, V) True where any cell has the edge."""
        return np.logical_or.reduce(self.adjacency.reshape(-1, *self.adjacency.shape[-2:]) != 0, axis=0)

    @property
    def optimum(self) -> float:
        """Best reported accuracy of the space."""
        return float(self.report.max())

    @property
    def coded(self) -> NDArray[np.bool_]:
        """(M,) True where the cell has an Estimation Code (all True where the space has no codes at all)."""
        return np.logical_not(np.isnan(self.code).any(axis=1))
