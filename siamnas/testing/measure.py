"""The contract of a measure."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from siamnas.images.dataset import Dataset
from siamnas.measure.measures.base import Measure, Values
from siamnas.testing import expect, small

WIDTHS = (4, 8)  # of two networks


class MeasureContract(ABC):
    """Subclass it as `TestMine` and say how yours is made: there are 32 images to train on, of 8x8 pixels."""

    @abstractmethod
    def make(self, images: Dataset, device: str) -> Measure:
        """A new measure."""

    def config(self) -> Mapping[str, Any]:
        """Its configuration: `_target_` and some or all of its keys."""
        return expect.target(self._made())

    def test_it_has_a_value_for_every_column(self) -> None:
        measure = self._made()
        assert measure.columns and len(set(measure.columns)) == len(measure.columns), "columns: names that differ"
        for width in WIDTHS:
            found = measure(small.network(width), 1)
            assert isinstance(found, Values), f"must be Values, not {type(found).__name__}"
            assert len(found.values) == len(measure.columns), "as many values as columns"
            assert all(isinstance(value, float) for value in found.values), "values: must be floats"
            assert np.isfinite(found.seconds) and found.seconds >= 0, "seconds: must be a number of at least 0"
        assert not np.isnan(found.values).all(), "values: there is none"

    def test_the_same_seed_gives_the_same_values_whatever_was_measured_before(self) -> None:
        measure, other = self._made(), self._made()
        first = measure(small.network(WIDTHS[0]), 3).values
        measure(small.network(WIDTHS[1]), 4)
        other(small.network(WIDTHS[1]), 9)
        expect.same(measure(small.network(WIDTHS[0]), 3).values, first, "values of the same network, again")
        expect.same(other(small.network(WIDTHS[0]), 3).values, first, "values of the same network, after another one")

    def test_the_values_depend_on_no_state_of_the_generators(self) -> None:
        def found(seed: int) -> tuple[float, ...]:
            torch.manual_seed(seed)
            return self._made()(small.network(WIDTHS[0]), 3).values

        expect.same(found(1), found(2), "values, whatever torch's global generator has drawn: seed it with `seed`")

    def test_the_generator_of_numpy_is_untouched(self) -> None:
        before = expect.numpy_state()
        self._made()(small.network(WIDTHS[0]), 3)
        assert expect.numpy_state() == before, (
            "the global generator of numpy was used; draw from siamnas.seeding.stream"
        )

    def test_it_makes_the_network_itself(self) -> None:
        made, make = [], small.network(WIDTHS[0])

        def network() -> nn.Module:
            made.append(make())
            return made[-1]

        self._made()(network, 3)
        assert made, "the network must be made by the measure, after it has seeded torch's generator"

    def test_the_images_stay_as_they_are(self) -> None:
        images = small.images()
        before = images.train.pixels.copy(), images.test.pixels.copy()
        self.make(images, "cpu")(small.network(WIDTHS[0]), 3)
        expect.same(images.train.pixels, before[0], "the images to train on")
        expect.same(images.test.pixels, before[1], "the images held out")

    def test_a_wrong_key_is_refused_by_name(self) -> None:
        expect.wrong_key_refused("what", self.config())

    def _made(self) -> Measure:
        return self.make(small.images(), "cpu")
