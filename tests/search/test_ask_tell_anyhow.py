"""Searches of one's own on little random spaces, with failures and restarts: they end with their budget spent."""

import math
import random

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError

PREDICTORS = ["random", "forest", "column", "gcn", "siams_nsam_bts"]
ACQUISITIONS = [
    [],
    ["acquisition=top"],
    ["acquisition=half"],
    ["acquisition=bts"],
    ["search=active"],
    ["search=active", "search.batch=3"],
]


def little_space(draw: random.Random) -> siamnas.Space:
    """Up to 30 random graphs of up to 5 nodes; the first column is known for free."""
    sizes = [draw.randint(1, 5) for _ in range(draw.choice([2, 5, 12, 30]))]
    operations = [[draw.choice("abcd") for _ in range(size)] for size in sizes]
    edges = [[(i, j) for i in range(size) for j in range(i + 1, size) if draw.random() < 0.6] for size in sizes]
    return siamnas.Space.of_graphs(operations, edges, columns={"flops": np.arange(len(sizes), dtype=float)})


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 40))])
def test_a_search_ends_with_its_budget_spent(seed, tmp_path):
    draw = random.Random(seed)
    space = little_space(draw)
    codes = np.random.default_rng(seed).normal(size=(len(space), 2))
    if draw.random() < 0.3:
        codes[draw.randrange(len(space))] = np.nan
    given = {
        "predictor": draw.choice(PREDICTORS),
        "budget": draw.randint(2, len(space)),
        "maximise": draw.random() < 0.5,
        "codes": codes,
        "journal": tmp_path,
        "overrides": ["trainer=fast", "trainer.epochs=4", *draw.choice(ACQUISITIONS)],
    }
    try:
        search = siamnas.Search(space, **given)
    except InputError as error:  # too small for this predictor
        assert "must be at" in str(error)
        return
    failing = draw.choice([0.0, 0.2, 0.9])
    for _ in range(200):
        if search.done:
            break
        search.ask(draw.randint(1, 6))
        assert search.open, "a search that has not ended waits for something"
        told = draw.sample(search.open, draw.randint(1, len(search.open)))
        search.tell(told, [math.nan if draw.random() < failing else draw.choice([0.0, -5.0, 1e9]) for _ in told])
        if draw.random() < 0.1:
            search.close()
            search = siamnas.Search(space, **given, reissue=False)
    assert search.done and len(search.values) == given["budget"]
