"""Every shipped acquisition function fulfils the contract of acquisition functions."""

import pytest
from omegaconf import OmegaConf

from siamnas.config.instantiate import make
from siamnas.testing import AcquisitionContract
from tests.support import ROOT

FILES = {path.stem: path for path in sorted((ROOT / "conf" / "acquisition").glob("*.yaml"))}


class TestShipped(AcquisitionContract):
    """As their config files are."""

    @pytest.fixture(autouse=True, params=FILES)
    def named(self, request: pytest.FixtureRequest) -> None:
        around = {"objective": "flops", "trainer": {"ranked_share": 0.3}}
        config = OmegaConf.create({**around, "acquisition": OmegaConf.load(FILES[request.param])})
        self.fields = OmegaConf.to_container(config, resolve=True)["acquisition"]

    def make(self):
        return make("acquisition", self.fields)

    def config(self):
        return self.fields
