"""Every shipped measure fulfils the contract of measures."""

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf
from torch import nn

from siamnas.config.instantiate import make
from siamnas.measure import worker
from siamnas.measure.evaluator import NetworkEvaluator
from siamnas.measure.measures.base import Measure, Values
from siamnas.testing import MeasureContract
from tests.support import ROOT

FILES = {path.stem: path for path in sorted((ROOT / "conf" / "what").glob("*.yaml"))}
SMALL = {"batch_size": 8, "epochs": 2, "phases": [{"epochs": 2, "lr": 1e-3}], "batch": 8, "image": [3, 8, 8]}


class TestShipped(MeasureContract):
    """As their config files are, with less to do."""

    @pytest.fixture(autouse=True, params=FILES)
    def named(self, request: pytest.FixtureRequest) -> None:
        fields = OmegaConf.to_container(OmegaConf.load(FILES[request.param]))
        self.fields = {**fields, **{key: value for key, value in SMALL.items() if key in fields}}

    def make(self, images, device):
        return make("what", self.fields, {"images": images, "device": device})

    def config(self):
        return self.fields


class Drawing(Measure):
    """What a network draws from the global generators."""

    columns = ("numpy", "python", "torch")

    def __call__(self, network: Callable[[], nn.Module], seed: int) -> Values:
        network()
        return Values((np.random.rand(), random.random(), float(torch.rand(()))), 1.0)  # noqa: NPY002


def test_what_is_drawn_depends_on_the_seed_alone():
    evaluator = cast(NetworkEvaluator, SimpleNamespace(measure=Drawing(), network=lambda name: nn.Identity()))
    rows = []
    for user in range(2):
        np.random.seed(user)  # noqa: NPY002
        rows.append(worker.one(evaluator, "a", 5))
        assert np.random.rand() == np.random.RandomState(user).rand()  # noqa: NPY002
    assert rows[0] == rows[1] and rows[0].failed == "" and rows[0] != worker.one(evaluator, "a", 6)
