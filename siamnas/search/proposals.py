"""A search that says at any time what to evaluate next, whatever is still open."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from siamnas.graphs.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Proposal:
    """An architecture to evaluate.

    Attributes:
        arch: its number: its index in a list, or that of `siamnas.candidates.known.Known`.
        why: why it was chosen, in a few words: `initial design`, `ei .013`, `random`.
    """

    arch: int
    why: str


class Proposals(ABC):
    """What to evaluate next follows from what was evaluated, what is pending, and the seed; from nothing else.

    So nothing has to be done again when a search goes on after an interruption, and workers may tell in any order.

    Attributes:
        first: how many architectures are chosen before anything is learnt from values.
        device: where a predictor computes: cpu or cuda.
    """

    first = 1
    device = "cpu"

    def propose(self, archs: IntArray, labels: FloatArray, pending: Sequence[int], count: int) -> list[Proposal]:
        """At most `count` architectures, all different, none of them evaluated or pending; fewer if no more are free.

        Args:
            archs: (n,) evaluated so far, in the order in which their values came.
            labels: (n,) of them, higher is better; NaN where the evaluation failed. Or (T, n) of T numbers of each, for
                a search with several.
            pending: architectures that are being evaluated; their values are believed to be the predicted ones.
            count: how many are wanted.
        """
        opened, found = list(pending), list[Proposal]()
        while len(found) < count and (proposal := self.next(archs, labels, opened)):
            found.append(proposal)
            opened.append(proposal.arch)
        return found

    @abstractmethod
    def next(self, archs: IntArray, labels: FloatArray, pending: list[int]) -> Proposal | None:
        """What to evaluate next; None where nothing new is found. Arguments as for `propose`."""

    @abstractmethod
    def predict(self, archs: IntArray, labels: FloatArray, wanted: IntArray) -> tuple[FloatArray, FloatArray]:
        """Scores (m,) and spreads (m,) of architectures `wanted` (m,), learnt from (n,) evaluations; NaN: no spread.

        Both (T, m) where there are T labels of each.
        """

    @abstractmethod
    def learnt(self, labels: FloatArray) -> tuple[FloatArray, float]:
        """Labels (n,) or (T, n) in the unit of the scores of `predict`, and the variance of their noise.

        The noise is that of the last fit; how far off evaluations were corrects it like the spread.
        """
