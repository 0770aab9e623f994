"""Small spaces without a list, and what their architectures are worth."""

import functools

import numpy as np

import siamnas
from siamnas.benchmarks.metric import Metric
from siamnas.candidates.known import Known
from siamnas.search import proposing
from siamnas.search.codes import GivenCodes
from siamnas.search.setting import Setting
from siamnas.spaces.domain import Domain

OPERATIONS = ("conv3x3", "conv1x1", "skip_connect", "zero")


@functools.cache
def chains() -> Domain:
    """Three to six layers, about half of which fulfil a limit."""
    layer = {"kernel": [3, 5, 7], "expand": [3, 4, 6]}
    description = {"width": [16, 24, 32], "layers": siamnas.repeat(layer, 3, 6), "pool": ["max", "mean"]}
    flops = "width * sum(l.kernel * l.expand for l in layers)"
    return siamnas.Space.of_choices(description, "chains", {"flops": flops}, ["flops<=2500"])


@functools.cache
def cells() -> Domain:
    """A cell of four nodes: 4,096 architectures, many of them equal."""
    edges = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]
    flops = {"flops": lambda choices: 1 + list(choices["dag"].values()).count("conv3x3")}
    return siamnas.Space.of_choices(siamnas.dag(list(OPERATIONS), edges=edges), "cells", flops)


@functools.cache
def functions() -> Domain:
    """The user's own functions: tuples of two to five layers."""

    def sample(rng: np.random.Generator) -> tuple[str, ...]:
        return tuple(rng.choice(OPERATIONS[:3], size=rng.integers(2, 6)).tolist())

    def mutate(arch: tuple[str, ...], rng: np.random.Generator) -> tuple[str, ...]:
        place = rng.integers(len(arch))
        return (*arch[:place], str(rng.choice(OPERATIONS[:3])), *arch[place + 1 :])

    def graph(arch: tuple[str, ...]) -> tuple[list[str], list[tuple[int, int]]]:
        return ["input", *arch, "output"], [(i, i + 1) for i in range(len(arch) + 1)]

    return siamnas.Space.of_sampler(sample, mutate, graph, nodes=7, columns={"flops": lambda arch: 1.0 + len(arch)})


DOMAINS = {"chains": chains, "cells": cells, "functions": functions}


def value(domain: Domain, arch) -> float:
    """What an architecture is worth, in [0, 1]; equal graphs have equal worths."""
    counts = np.bincount(
        domain.graphs(domain.stack([arch])).pruned.operations[0] + 1, minlength=len(domain.node_types) + 1
    )
    weights = np.random.default_rng(0).random(len(domain.node_types) + 1) / 30
    return float(counts[1:] @ weights[1:])


@functools.cache
def config(predictor: str, words: tuple[str, ...], budget: int, seed: int):
    return Setting(predictor, budget, True, seed, words).compose()


def proposals(domain: Domain, predictor="gp", words=(), budget=20, seed=0, known=None):
    """Proposals of a search on a domain, and its numbers."""
    known = known or Known(domain)
    composed = config(predictor, tuple(words), budget, seed)
    return proposing.proposals(composed, known, GivenCodes(None, 0), Metric("value", True, unit=""), seed), known


def asynchronous(made, known, budget, workers=3, seed=0, fails=0.0):
    """Evaluated in the order in which workers of uneven speed come back: numbers, values and proposals."""
    rng, done, values, open_, log = np.random.default_rng(seed), [], [], [], []
    while len(done) < budget:
        free = min(workers - len(open_), budget - len(done) - len(open_))
        found = made.propose(np.array(done, dtype=int), np.array(values), open_, free) if free else []
        log += found
        open_ += [one.arch for one in found]
        done.append(open_.pop(rng.integers(len(open_))))
        values.append(np.nan if rng.random() < fails else value(known.domain, known[done[-1]]))
    return done, np.array(values), log
