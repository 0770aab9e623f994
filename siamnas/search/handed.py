"""Who evaluates what is open."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from siamnas.errors import InputError, literal
from siamnas.search.record import Record


class Handed:
    """The open architectures that this search has handed out, and those that nobody evaluates any more.

    Args:
        record: of the search, in a session.
        reissue: whether those of processes that have ended are handed out again.

    Attributes:
        out: open ones that somebody evaluates.
        before: those that were open when the search began here.
    """

    def __init__(self, record: Record, reissue: bool) -> None:
        self._record = record
        self._reissue = reissue
        self.out: set[int] = set()
        self.before: set[int] = set()

    @property
    def stray(self) -> list[int]:
        """Open ones that nobody evaluates."""
        story = self._record.story
        return [arch for arch in story.open if arch not in self.out and self._is_stray(arch, story.trials[arch].by)]

    def take_back(self, archs: Any) -> None:
        """Take back what nobody evaluates any more.

        Args:
            archs: one or several that were asked for; those that have been told meanwhile stay told.

        Raises:
            InputError: one was not asked for.
        """
        trials = self._record.look().trials
        given = list(archs) if isinstance(archs, Iterable) else [archs]
        for arch in given:
            if not isinstance(arch, int | np.integer) or arch not in trials:
                raise InputError(f"give_back: {literal(arch)} was not asked for")
        self.out.difference_update(map(int, given))

    def _is_stray(self, arch: int, by: str) -> bool:
        """Whether nobody evaluates an open architecture, which this search has not handed out."""
        journal = self._record.journal
        if by == journal.token:
            return True  # the ask was interrupted
        if not self._reissue:
            return False
        if not by or journal.is_of_this_process(by):
            return arch in self.before  # a cell of a notebook that is run again
        return not journal.is_alive(by)
