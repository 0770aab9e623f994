"""A line of a notebook's cell that changes while something runs, and goes when it is done."""

from typing import Any


class LiveLine:
    """One line below a cell; IPython shows it, no widgets are needed."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, text: str) -> None:
        """Write it, in the place of what stood there."""
        from IPython.display import display  # type: ignore[import-not-found, unused-ignore]

        content = {"text/plain": text}
        if self._handle is None:
            self._handle = display(content, raw=True, display_id=True)
        else:
            self._handle.update(content, raw=True)

    def end(self) -> None:
        """Leave nothing behind."""
        if self._handle is not None:
            self._handle.update({"text/plain": ""}, raw=True)
            self._handle = None
