"""Sub-networks of once-for-all supernets: what they cost, and the surrogate of their accuracy."""

import numpy as np
import pytest

from siamnas.config.compose import compose
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from siamnas.spaces.mobile import ofa
from siamnas.testing import DomainContract

# Measured sub-networks, the first and the best of an image size: their peak memory and accuracy.
MEASURED = {
    ("mit_ofa", 128): {
        "stage0=3:7/3,3/3,3/4 stage1=3:3/6,7/3,3/3 stage2=3:3/3,5/6,7/6 stage3=3:5/4,7/6,3/6 stage4=2:3/4,3/3": (
            262912,
            0.682,
        ),
        "stage0=4:3/6,5/6,5/4,7/6 stage1=3:7/4,7/4,7/4 stage2=3:5/4,5/4,5/4 stage3=4:3/4,5/4,3/6,3/6 "
        "stage4=4:5/6,3/3,5/6,7/3": (492384, 0.70752),
    },
    ("moofa", 224): {
        "stage0=3:3/2,5/2,7/2 stage1=3:3/2,7/2,7/2 stage2=2:3/2,3/2 stage3=4:3/2,7/2,5/2,3/2 stage4=2:7/2,7/2": (
            385728,
            0.69752,
        ),
        "stage0=3:5/2,7/2,7/4 stage1=4:5/3,3/4,7/3,5/4 stage2=4:7/4,5/4,3/4,7/4 stage3=4:5/4,7/3,3/2,3/4 "
        "stage4=3:3/4,7/4,5/2": (686976, 0.76656),
    },
}


def load(pool, size, *words):
    words = ("space=ofa_mobilenetv3", f"space.pool={pool}", f"space.image_size={size}", *words)
    return build.space_or_benchmark(configuration.load(*compose(words)).config)


@pytest.mark.parametrize(("pool", "size"), MEASURED)
def test_memory_is_that_of_the_table_and_accuracies_are_near(pool, size):
    found = load(pool, size, "space.constraints=[]")
    domain, (memory, accuracy) = found.domain, zip(*MEASURED[pool, size].values(), strict=True)
    rows = domain.stack([domain.parse(text) for text in MEASURED[pool, size]])
    columns = domain.graphs(rows).columns
    assert columns["peak_memory"].tolist() == list(memory)
    for name, known in domain.given.items():
        assert [known(domain.choices(row)) for row in rows] == columns[name].tolist()
    assert np.abs(found.surrogate.labels(rows) - accuracy).max() < 0.012
    assert "measured networks, cross-validated tau .8" in found.surrogate.name


@pytest.mark.parametrize(("pool", "size"), MEASURED)
def test_half_of_the_measured_memory_is_the_limit_by_default(pool, size):
    domain = load(pool, size).domain
    assert domain.name == f"{pool}_{size}" and domain.size == (9**2 + 9**3 + 9**4) ** 5
    memory = domain.graphs(domain.sample(np.random.default_rng(0), 200)).columns["peak_memory"]
    assert memory.max() <= ofa.SUPERNETS[pool].medians[size]


def test_an_image_size_that_nobody_measured_is_refused():
    with pytest.raises(InputError, match="space.image_size=224: must be one of 128, 160, 192 with space.pool=mit_ofa"):
        load("mit_ofa", 224)
    with pytest.raises(InputError, match="space.pool=ofa: must be one of mit_ofa, moofa"):
        configuration.load(*compose(["space=ofa_mobilenetv3", "space.pool=ofa"]))


class TestContract(DomainContract):
    def make(self):
        return ofa.space("ofa", "moofa", 128, None)
