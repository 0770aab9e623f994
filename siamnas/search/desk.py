"""Where trainings on any machine say how they get on: a port of the process that searches."""

import hmac
import json
import logging
import platform
import secrets
import socket
import socketserver
import threading
from dataclasses import dataclass
from typing import Any

from siamnas.errors import reason
from siamnas.search.architecture import Architecture
from siamnas.search.evaluating import NOBODY, Hear

log = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds to wait for an answer
LONGEST = 4096  # bytes of a report
HOME = "127.0.0.1"


@dataclass(frozen=True)
class Line:
    """The line of one training to the desk, which goes with it to its worker.

    A worker on another machine that does not reach the desk goes on to its end; on this machine the search has ended.

    Attributes:
        host: of the desk.
        port: of the desk.
        key: without which the desk does not listen.
        number: of the architecture.
    """

    host: str
    port: int
    key: str
    number: int

    def __call__(self, epoch: int, value: float) -> str:
        """See `evaluating.Say`."""
        said = {"key": self.key, "number": self.number, "epoch": epoch, "value": value}
        host = HOME if self.host == platform.node() else self.host
        try:
            with socket.create_connection((host, self.port), PATIENCE) as line:
                line.sendall(json.dumps(said).encode() + b"\n")
                return line.makefile().readline(LONGEST).strip()
        except OSError as error:
            if self.host == HOME:
                return NOBODY
            log.warning("report: %s:%d does not answer (%s); the training goes on", host, self.port, reason(error))
            return ""


class Desk:
    """Listens until it is closed.

    Args:
        hear: of intermediate values; called in threads.
        near: whether all who report are on this machine.
    """

    def __init__(self, hear: Hear, near: bool) -> None:
        self._hear = hear
        self._key = secrets.token_hex(16)
        self._archs: dict[int, Architecture] = {}
        self._host = HOME if near else platform.node()
        self._server = _Server((HOME if near else "", 0), self._answer)
        threading.Thread(target=self._server.serve_forever, name="reports", daemon=True).start()

    def line(self, arch: Architecture) -> Line:
        """The line of a training."""
        self._archs[int(arch)] = arch
        return Line(self._host, self._server.server_address[1], self._key, int(arch))

    def close(self) -> None:
        """Hear nothing more."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, said: bytes) -> str:
        """The answer to a report; what is none gets none."""
        given = json.loads(said)
        if not hmac.compare_digest(str(given["key"]), self._key):
            raise ValueError("not of this search")
        return self._hear(self._archs[given["number"]], given["epoch"], given["value"])


class _Server(socketserver.ThreadingTCPServer):
    """Answers each line that comes."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], answer: Any) -> None:
        self.answer = answer
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What goes wrong in an answer is no matter of the terminal; who has asked goes on without."""
        log.debug("a report was not heard", exc_info=True)


class _Handler(socketserver.StreamRequestHandler):
    """One report and its answer."""

    server: _Server
    timeout = PATIENCE

    def handle(self) -> None:
        """Read, answer."""
        self.wfile.write(self.server.answer(self.rfile.readline(LONGEST)).encode() + b"\n")
