"""What a part is given stands in no configuration of it."""

from types import SimpleNamespace
from typing import Any

import pytest

from siamnas.config.interfaces import INTERFACES
from siamnas.experiment import build


def test_what_is_given_is_known_before_anything_is_made(monkeypatch: pytest.MonkeyPatch):
    found: dict[str, set[str]] = {}

    def make(where: str, fields: Any, given: Any = None) -> SimpleNamespace:
        found[where] = set(given or ())
        return SimpleNamespace(columns=(), code_length=0, priced=())

    monkeypatch.setattr(build, "make", make)
    monkeypatch.setattr(build, "check_fields", lambda fields, where: None)
    groups = ("space", "oracle", "acquisition", "predictor", "search", "network", "images", "what", "logger")
    config: dict[str, Any] = {group: {"_target_": "x.Y"} for group in groups} | {"trainer": {}}
    parts: Any = SimpleNamespace(code_length=0, priced=())
    build.space_or_benchmark(config)
    build.oracle(config, parts, 1)
    build.search(config, parts, parts, parts, range(1))
    build.networks(config, range(3), 10)(0)  # type: ignore[arg-type]
    build.logger(config)
    assert found == {group: set(INTERFACES[group].given) for group in groups}
