"""W&B in this process, and servers for it."""

from collections.abc import Callable, Iterator

import pytest

from siamnas.loggers import reach
from tests.loggers.server import KEY, Server


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """What this process knows of a server, and its connection to W&B, end with the test."""
    yield
    reach.forget()
    import wandb

    wandb.teardown()


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Server]]:
    """A server that is the one that W&B would talk to."""
    servers = []

    def start(behaviour: str) -> Server:
        servers.append(server := Server(behaviour))
        monkeypatch.setenv("WANDB_BASE_URL", server.url)
        monkeypatch.setenv("WANDB_API_KEY", KEY)
        return server

    yield start
    for server in servers:
        server.close()
