"""Each failure in docs/recovery.md has a test that makes it happen."""

import re

import pytest
import yaml

from tests.support import ROOT

PAGE = (ROOT / "docs/recovery.md").read_text(encoding="utf-8")
TESTS: dict[str, str] = yaml.safe_load((ROOT / "tests/docs/failures.yaml").read_text(encoding="utf-8"))


def test_every_failure_has_a_test():
    failures = re.findall(r"^\| (.+?) \| .+? \| .+? \|$", PAGE, re.MULTILINE)
    assert set(failures) - {"failure", "---"} == TESTS.keys() and len(TESTS) >= 30


@pytest.mark.parametrize("test", TESTS.values(), ids=lambda test: test.split("::")[1])
def test_it_exists(test: str):
    path, name = test.split("::")
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
