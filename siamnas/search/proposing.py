"""A configuration -> what proposes architectures whatever is still open."""

import functools

from siamnas.benchmarks.metric import Metric
from siamnas.candidates import window
from siamnas.candidates.known import Known
from siamnas.config.instantiate import find_class
from siamnas.experiment import build
from siamnas.oracle.base import Prior
from siamnas.search import domain_walks
from siamnas.search.active import Active
from siamnas.search.active_proposals import ActiveProposals
from siamnas.search.domain_proposals import DomainProposals, WindowPrior
from siamnas.search.proposals import Proposals
from siamnas.spaces.listed import Space


def proposals(config: build.Config, space: Space | Known, prior: Prior, metric: Metric, seed: int) -> Proposals | None:
    """What a search proposes whatever is still open; None for one that waits for the values of what it has asked for.

    Args:
        config: of the search.
        space: a list, or the numbers of a domain.
        prior: Estimation Codes by number.
        metric: of the values.
        seed: of everything random.

    Raises:
        InputError: the configuration does not fit the space.
    """
    if not isinstance(space, Space):
        return _of_domain(config, space, prior, metric, seed)
    if find_class(config["search"]) is not Active:
        return None
    seeds = range(seed, seed + 1)
    made: Active = build.search(config, space, prior, metric, seeds)  # type: ignore[assignment]
    return ActiveProposals(made, functools.partial(build.predictor, config, space, prior, seeds))


def _of_domain(config: build.Config, known: Known, prior: Prior, metric: Metric, seed: int) -> Proposals:
    """What a search proposes that has no list."""
    if find_class(config["search"]) is not Active:
        return domain_walks.of(config["search"], known, seed)
    home, seeds = window.reference(known.domain), range(seed, seed + 1)
    own = WindowPrior(prior, lambda places: places, len(home))
    made: Active = build.search(config, home, own, metric, seeds)  # type: ignore[assignment]
    return DomainProposals(known, home, made, functools.partial(build.predictor, config, home, own, seeds), prior, seed)
