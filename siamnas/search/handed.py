"""Who evaluates what is open."""

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
