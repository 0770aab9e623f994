"""The files that hosts of repositories and editors read: they are whole, and run what `.ci/run` runs."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import siamnas
from tests.support import ROOT

YAML = [*sorted((ROOT / ".github").rglob("*.yml")), ROOT / ".pre-commit-config.yaml", ROOT / "CITATION.cff"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", YAML, ids=lambda file: file.name)
def test_it_is_yaml(file: Path):
    assert isinstance(yaml.safe_load(file.read_text(encoding="utf-8")), dict)


def test_the_workflow_runs_what_must_pass_on_every_python():
    jobs = read(".github/workflows/ci.yml")["jobs"]
    assert {"run": ".ci/run"} in jobs["check"]["steps"] and {"run": ".ci/run --full"} in jobs["full"]["steps"]
    low, high = (int(minor) for minor in re.findall(r"3\.(\d+)", PROJECT["requires-python"]))
    assert jobs["check"]["strategy"]["matrix"]["python"] == [f"3.{minor}" for minor in range(low, high)]


def test_a_commit_is_checked_by_the_tools_of_the_ci():
    hooks = [hook["entry"].removeprefix(".venv/bin/") for hook in read(".pre-commit-config.yaml")["repos"][0]["hooks"]]
    script = (ROOT / ".ci/run").read_text(encoding="utf-8").replace(" .\n", "\n")
    assert hooks and all(f"\n{hook}\n" in script for hook in hooks)


def test_the_citation_is_of_this_version():
    cited = read("CITATION.cff")
    assert siamnas.__version__.startswith(cited["version"]) and cited["license"] == PROJECT["license"]
    assert "2210.00546" in str(cited["preferred-citation"])


def test_the_container_is_set_up_by_make():
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert container["postCreateCommand"] == "make setup" and "setup" in targets
