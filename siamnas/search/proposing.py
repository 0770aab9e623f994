"""A configuration -> what proposes architectures whatever is still open."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from siamnas.acquisition.random import Random
from siamnas.acquisition.several import SeveralObjectives
from siamnas.benchmarks.metric import Metric
from siamnas.benchmarks.objectives import Objectives
from siamnas.candidates import window
from siamnas.candidates.known import Known
from siamnas.candidates.window import Window
from siamnas.config.instantiate import TARGET, find_class
from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.oracle.base import Prior
from siamnas.oracle.columns import ColumnCodes
from siamnas.predictors.base import Predictor
from siamnas.runtime.packages import explained
from siamnas.search import domain_walks
from siamnas.search.active import Active
from siamnas.search.active_proposals import ActiveProposals
from siamnas.search.domain_proposals import DomainProposals
from siamnas.search.proposals import Proposals
from siamnas.search.transfer import Transfer
from siamnas.spaces.listed import Space

ANYHOW = (Active, Transfer)
"""Searches whose evaluations may come in any order."""


def proposals(
    config: build.Config,
    space: Space | Known,
    prior: Prior,
    metric: Metric,
    seed: int,
    several: Objectives | None = None,
    replicate: bool = False,
) -> Proposals | None:
    """What a search proposes whatever is still open; None for one that waits for the values of what it has asked for.

    Args:
        config: of the search.
        space: a list, or the numbers of a domain.
        prior: Estimation Codes of a list; those of a domain are its free columns.
        metric: of the values.
        seed: of everything random.
        several: what is searched for, where an evaluation tells several numbers; the acquisition function is theirs.
        replicate: whether architectures are evaluated again.

    Raises:
        InputError: the configuration does not fit the space.
    """
    if several:
        _check(config, several)
    if replicate and find_class(config["search"]) not in ANYHOW:
        raise InputError("replicate=True: needs a search that learns from every evaluation, search=active")
    if not isinstance(space, Space):
        if prior.code_length:
            raise InputError(
                f"codes: those of {space.domain.name} are its free columns, as it has no list; leave them out"
            )
        return of_domain(config, space, metric, seed, sources=prior.sources, several=several, replicate=replicate)
    if find_class(config["search"]) not in ANYHOW:
        return None
    config = _of_new(config, space, prior) if replicate else config
    made = _active(config, space, prior, metric, seed, several, replicate)
    if several:
        made.state.allow(several.allowed(space.columns, len(space)))
    make = functools.partial(_learning_nothing, config, space, prior, metric, seed, several)
    return ActiveProposals(made, make, replicate)


def of_domain(
    config: build.Config,
    known: Known,
    metric: Metric,
    seed: int,
    home: Window | None = None,
    sources: Sequence[Any] = (),
    several: Objectives | None = None,
    replicate: bool = False,
) -> Proposals:
    """What a search proposes that has no list; arguments as for `proposals`.

    Args:
        config: see `proposals`.
        known: the numbers of the domain.
        metric: see `proposals`.
        seed: see `proposals`.
        home: the reference of the domain, if it is there already.
        sources: evaluations of other tasks.
        several: see `proposals`.
        replicate: see `proposals`.

    Raises:
        InputError: the search needs a list, or does not fit the space; no architecture was found that keeps the limits.
    """
    if find_class(config["search"]) not in ANYHOW:
        return domain_walks.of(config["search"], known, seed)
    home = home or window.reference(known.domain)
    codes = ColumnCodes(home)
    codes.sources = sources
    config = _of_new(config, home, codes) if replicate else config
    made = _active(config, home, codes, metric, seed, several, replicate)
    if surveyed := made.state.predictor.surveys:
        raise InputError(
            f"predictor: reads {', '.join(surveyed)} of all architectures, and {known.domain.name} has no list of them"
        )
    make = functools.partial(_learning_nothing, config, home, codes, metric, seed, several)
    drawn = known.domain
    if several and several.free_limits:
        drawn = drawn.within(several.free_limits)
        drawn.sample(np.random.default_rng(0), 1)  # refuses limits that nothing keeps
    return DomainProposals(known, drawn, home, made, make, seed, replicate)


def _of_new(config: build.Config, space: Space, prior: Prior) -> build.Config:
    """The same, with no more new architectures than there are: a budget may be spent on further evaluations of them."""
    search = config["search"]
    return {**config, "search": {**search, "n": min(search["n"], space.distinct(prior.coded))}}


def _active(
    config: build.Config,
    space: Space,
    prior: Prior,
    metric: Metric,
    seed: int,
    several: Objectives | None,
    replicate: bool = False,
) -> Active:
    """The search, of one repeat; or of one for each of several numbers, all of which evaluate the same."""
    made = build.search(config, space, prior, metric, _seeds(seed, several))
    assert isinstance(made, Active)
    if replicate and not made.state.predictor.spreads:
        raise InputError("replicate=True: needs a predictor that knows how sure it is, such as gp or forest")
    if several and not isinstance(made.acquisition, Random):
        made.acquisition = SeveralObjectives(several)
        made.acquisition.check(made.state.predictor)
    return made


def _learning_nothing(
    config: build.Config, space: Space, prior: Prior, metric: Metric, seed: int, several: Objectives | None
) -> Predictor:
    """Its predictor, which has learnt nothing but what the search brings from other tasks."""
    if find_class(config["search"]) is Transfer:
        return _active(config, space, prior, metric, seed, several).state.predictor
    return build.predictor(config, space, prior, _seeds(seed, several))


def _seeds(seed: int, several: Objectives | None) -> range:
    return range(seed, seed + (len(several.told) if several else 1))


def _check(config: build.Config, several: Objectives) -> None:
    """Check that a configuration can search for several objectives.

    Raises:
        InputError: it can't.
        Missing: a package that compares fronts is not installed.
    """
    with explained():
        import moocore  # noqa: F401 (a light installation leaves it out)
    name = str(config["acquisition"].get(TARGET) if config["acquisition"] else None).split(".")[-2:-1]
    if find_class(config["search"]) is not Active:
        raise InputError("objectives: need a search that learns from every evaluation, search=active")
    if name not in (["ei"], ["top"], ["random"]):
        own = "ei" if len(several.aims) == 1 else "ehvi"
        raise InputError(f"acquisition={', '.join(name)}: with objectives or constraints it is {own}; leave it out")
    if config["search"].get("recommend") == "posterior":
        raise InputError("search.recommend=posterior: has no meaning with objectives or constraints; leave it out")
