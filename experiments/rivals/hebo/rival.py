"""HEBO with its default options."""

import logging
import math
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from hebo.design_space.design_space import DesignSpace
from hebo.optimizers.hebo import HEBO as Optimiser

sys.path.append(str(Path(__file__).resolve().parents[1]))
from suggested import START, Rival  # noqa: E402

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)


class HEBO(Rival):
    """See the file."""

    def begin(self) -> None:
        """See `Rival`."""
        np.random.seed(self.seed)  # noqa: NPY002 (it draws from the global generators)
        torch.manual_seed(self.seed)
        places = [
            {"name": name, "type": "cat", "categories": list(range(count))}
            for name, count in zip(self.names, self.options, strict=True)
        ]
        self.hebo = Optimiser(DesignSpace().parse(places), rand_sample=START, scramble_seed=self.seed)

    def suggest(self) -> list[int]:
        """See `Rival`."""
        return [int(value) for value in self.hebo.suggest(n_suggestions=1)[self.names].iloc[0]]

    def observe(self, row: list[int], value: float | None) -> None:
        """See `Rival`."""
        if value is not None and math.isfinite(value):
            self.hebo.observe(pd.DataFrame([row], columns=self.names), np.array([[-value]]))
