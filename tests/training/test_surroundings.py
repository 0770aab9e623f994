"""Torch as the user has set it neither matters to a search nor is it changed by one."""

import pickle
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from siamnas import Search

TRAINED = ("trainer=debug", "trainer.epochs=2", "search=active", "search.initial_design.count=3")
PREDICTORS = {
    "gcn": TRAINED,
    "siams": TRAINED,
    "ensemble": (*TRAINED, "predictor.members=2"),
    "brp": ("predictor.epochs=2", "search=active", "search.initial_design.count=3"),
    "forest": ("search=active", "search.initial_design.count=3"),
}


def settings() -> dict[str, Any]:
    """All that a search must leave as it was."""
    return {
        "type": torch.get_default_dtype(),
        "device": str(torch.empty(0).device),
        "gradients": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "threads": torch.get_num_threads(),
        "denormals": np.float64(5e-324) * 1.0 > 0,
        "precision": torch.get_float32_matmul_precision(),
        "torch": torch.get_rng_state().tolist(),
        "numpy": pickle.dumps(np.random.get_state()),  # noqa: NPY002
        "python": random.getstate(),
    }


def chosen(predictor: str) -> tuple[int, ...]:
    """What a search evaluates, and what it thinks of it."""
    with Search("tiny_nb201", predictor, budget=6, overrides=PREDICTORS[predictor]) as search:
        while archs := search.ask(2):
            search.tell(archs, [float((search.space.types[arch] == 0).sum()) for arch in archs])
        return tuple(search.values)


@cache
def usual(predictor: str) -> tuple[int, ...]:
    """What it is where the user has set nothing."""
    return chosen(predictor)


@contextmanager
def changed(setting: str) -> Iterator[None]:
    """Torch with other settings; as it was afterwards."""
    with ExitStack() as kept:
        match setting:
            case "float64":
                kept.callback(torch.set_default_dtype, torch.get_default_dtype())
                torch.set_default_dtype(torch.float64)
            case "device":
                kept.callback(torch.set_default_device, None)
                torch.set_default_device("meta")
            case "device within":
                kept.enter_context(torch.device("meta"))
            case "no gradients":
                kept.enter_context(torch.no_grad())
            case "inference":
                kept.enter_context(torch.inference_mode())
            case "autocast":
                kept.enter_context(torch.autocast("cpu", dtype=torch.bfloat16))
            case "threads":
                kept.callback(torch.set_num_threads, torch.get_num_threads())
                torch.set_num_threads(2)
            case "precision":
                kept.callback(torch.set_float32_matmul_precision, torch.get_float32_matmul_precision())
                torch.set_float32_matmul_precision("medium")
            case "seed":
                torch.manual_seed(5)
                np.random.seed(5)  # noqa: NPY002
                random.seed(5)
        yield


@pytest.mark.parametrize("predictor", PREDICTORS)
def test_all_at_once_change_nothing(predictor: str):
    expected = usual(predictor)
    with ExitStack() as kept:
        for name in ("float64", "device", "no gradients", "inference", "autocast", "threads", "precision", "seed"):
            kept.enter_context(changed(name))
        before = settings()
        assert chosen(predictor) == expected
        assert settings() == before


@pytest.mark.parametrize("setting", ["float64", "device", "device within", "no gradients", "inference", "autocast"])
def test_each_alone_changes_nothing(setting: str):
    expected = usual("siams")
    with changed(setting):
        before = settings()
        assert chosen("siams") == expected
        assert settings() == before
