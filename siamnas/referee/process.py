"""A method that is a process: it is told the space, then asks and is told, one JSON object a line."""

import json
import os
import queue
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from siamnas.runtime import strict_json

LAST = 400  # characters of what a process has said at its end
LONGEST = 1 << 20  # characters of an answer
AHEAD = 16  # answers of a process that does not wait for questions; more are not read
QUIET = 0.02  # seconds in which nothing may come after the last question


class Broken(Exception):
    """A method that has crashed, hangs, or answers nonsense; the message says which."""


class Process:
    """A process with one thread of its own, in a session of its own, so that all that it starts ends with it.

    Args:
        command: its words.
        timeout: seconds to wait for an answer.

    Raises:
        Broken: it can't be started.
    """

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        self.timeout = timeout
        self._errors: IO[bytes] = tempfile.TemporaryFile()
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
                encoding="utf-8", errors="replace", start_new_session=True, env=os.environ | threads,
            )  # fmt: skip
        except OSError as error:
            self._errors.close()
            raise Broken(f"crashed: cannot be started: {error.strerror or error}") from error
        self._lines: queue.Queue[str] = queue.Queue(AHEAD)
        self._took: list[float] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        """Collect what the process says; an empty line at its end."""
        assert self._process.stdout is not None
        with suppress(OSError, ValueError):  # closed while it was read
            while line := self._process.stdout.readline(LONGEST):
                self._lines.put(line)
        self._lines.put("")

    def say(self, **message: Any) -> None:
        """Send a message.

        Raises:
            Broken: the process has ended, does not read, or has said what nobody has asked for.
        """
        assert self._process.stdin is not None
        self._check_quiet(0.0)
        # A process that does not read would block this one for ever.
        stuck = threading.Timer(self.timeout, self._kill)
        stuck.start()
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            in_time = stuck.is_alive()
            raise Broken(self._end() if in_time else f"hangs: reads nothing within {self.timeout:g} s") from error
        finally:
            stuck.cancel()

    def hear(self) -> Any:
        """What the process asks for.

        Raises:
            Broken: it has ended, says nothing in time, or no JSON object with `ask`.
        """
        began = time.perf_counter()
        try:
            line = self._lines.get(timeout=self.timeout)
        except queue.Empty:
            raise Broken(f"hangs: no answer within {self.timeout:g} s") from None
        if not line:
            raise Broken(self._end())
        self._took.append(time.perf_counter() - began)
        try:
            return strict_json.loads(line)["ask"]
        except (ValueError, LookupError, TypeError):
            raise Broken(f"nonsense: {line.strip()!r:.80} is no object with 'ask'") from None

    def finish(self) -> None:
        """Check, for as long as an answer usually takes, that a search has ended: the next one would hear the rest.

        Raises:
            Broken: the process has asked once more.
        """
        took, self._took = self._took, []
        self._check_quiet(max(QUIET, statistics.median(took)) if took else QUIET)

    def _check_quiet(self, seconds: float) -> None:
        try:
            line = self._lines.get(timeout=seconds) if seconds else self._lines.get_nowait()
        except queue.Empty:
            return
        if line:
            raise Broken(f"nonsense: {line.strip()!r:.80} answers no question")
        self._lines.put("")  # its end, which whoever asks next is told

    def _end(self) -> str:
        """What is said of a process that has ended: the last that it has written to its standard error."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(self.timeout)
        self._errors.seek(max(self._errors.seek(0, os.SEEK_END) - 4 * LAST, 0))
        said = self._errors.read(4 * LAST).decode(errors="replace").strip()[-LAST:].splitlines()
        return f"crashed: {said[-1] if said else f'it has ended with status {self._process.poll()}'}"

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]
