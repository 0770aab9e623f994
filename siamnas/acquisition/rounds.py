"""The common part of the acquisition functions that work in equal rounds."""

from siamnas.acquisition.base import Acquisition, Round
from siamnas.config.validate import Times


class EqualRounds(Acquisition):
    """The training set grows in equal rounds, each after its share of the training; `choose` says what a round adds.

    Args:
        rounds: the random first one included.
    """

    def __init__(self, rounds: Times) -> None:
        self.count = rounds

    def rounds(self, n: int, least: int) -> list[Round]:
        """Equal shares, the first one of at least `least`; the remainder of the division belongs to the last."""
        sizes = [max(n * i // self.count, least) for i in range(1, self.count)] + [n]
        steps = zip(sizes, [0, *sizes], strict=False)
        return [Round(size - before, i / self.count) for i, (size, before) in enumerate(steps)]
