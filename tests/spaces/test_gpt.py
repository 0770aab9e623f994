"""The transformers of HW-GPT-Bench: their number, their parameters, the limit by default, and their perplexity."""

import numpy as np
import pytest

from siamnas.config.compose import compose
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from siamnas.spaces import gpt
from siamnas.testing import DomainContract

# The number of networks, and half of the parameters of the largest (shared/data/README.md, hw_gpt_bench_ppl.npz).
KNOWN = {"s": (1.9e12, 95.2e6), "m": (5.4e23, 252.8e6), "l": (1.5e35, 536.3e6)}
# Perplexity of the largest transformer with biases and of the smallest without, from the same place.
PERPLEXITY = {"s": (21.2994, 43.0184), "m": (20.6879, 36.2223), "l": (18.0214, 30.3387)}


@pytest.mark.parametrize("scale", gpt.WIDTHS)
def test_its_size_and_its_limit_are_those_of_the_benchmark(scale):
    space = build.space_or_benchmark(configuration.load(*compose(["space=gpt", f"space.scale={scale}"])).config).domain
    size, limit = KNOWN[scale]
    assert space.name == f"gpt_{scale}" and space.size == pytest.approx(size, rel=0.03)
    assert gpt.largest(scale) / 2 == pytest.approx(limit, rel=1e-3)
    params = space.graphs(space.sample(np.random.default_rng(0), 500)).columns["params"]
    assert params.max() <= gpt.largest(scale) / 2


def test_parameters_are_those_of_the_formula():
    space = gpt.space("gpt", "s", [])
    for arch in space.sample(np.random.default_rng(0), 20):
        c = space.choices(arch)
        d = c["embed"]
        layers = [256 * d * one["heads"] + 3 * one["mlp_ratio"] * d**2 + 4 * d for one in c["layers"]]
        assert space.graphs(arch[None]).columns["params"][0] == 2 * 50_254 * d + sum(layers)


@pytest.mark.parametrize("scale", gpt.WIDTHS)
def test_perplexity_is_that_of_the_benchmark(scale):
    found = gpt.load("gpt", scale, [])
    depth, width, heads, ratios = gpt.DEPTHS[scale], gpt.WIDTHS[scale], gpt.HEADS[scale], gpt.RATIOS
    texts = [
        f"embed={width[end]} layers={depth[end]}:"
        + ",".join([f"{ratios[end]}/{heads[end]}"] * depth[end])
        + f" bias={end < 0}"
        for end in (-1, 0)
    ]
    rows = found.domain.stack([found.domain.parse(text) for text in texts])
    np.testing.assert_allclose(found.surrogate.labels(rows), PERPLEXITY[scale], rtol=1e-4)
    assert not found.surrogate.metric.maximise and scale.upper() in found.surrogate.name


def test_what_needs_a_list_ends_with_one_sentence():
    with pytest.raises(InputError, match="space=gpt_s: has no list of its architectures"):
        build.benchmark(configuration.load(*compose(["space=gpt"])).config)
    with pytest.raises(InputError, match="space.scale=xl: must be one of s, m, l"):
        configuration.load(*compose(["space=gpt", "space.scale=xl"]))


class TestContract(DomainContract):
    def make(self):
        return gpt.space("gpt", "s", None)
