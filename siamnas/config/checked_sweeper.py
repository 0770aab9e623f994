"""The sweeper of a sweep whose jobs have been checked.

Imported when a sweep is about to start: looking for plugins, Hydra makes its classes anew, and takes only a child of
the new ones.
"""

from collections.abc import Sequence

from siamnas.config.hydra_internals import basic_sweeper


class CheckedSweeper(basic_sweeper.BasicSweeper):
    """Hydra's own, which would compose all jobs once more before the first one starts: a minute for 500."""

    def validate_batch_is_legal(self, batch: Sequence[Sequence[str]]) -> None:
        """They are legal."""
