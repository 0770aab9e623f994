"""Every shipped measure fulfils the contract of measures."""

import pytest
from omegaconf import OmegaConf

from siamnas.config.instantiate import make
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
