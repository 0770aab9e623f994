"""Commands that the fault drill must not be deceived by: it says what they do, ends them, and never waits for ever."""

import sys
from pathlib import Path

import pytest

from siamnas.errors import InputError
from siamnas.testing import drill

# The package has a function of the name of its module.
MODULE = sys.modules["siamnas.testing.drill"]
DONE = "echo a > r.part; mv r.part r"


def run(code: str, folder: Path, **options: object) -> list[str]:
    """What the drill says of a shell's command, without the fault that the administrator can't have."""
    faults = drill(["bash", "-c", code], folder, kills=2, compare=alike, **options)  # type: ignore[arg-type]
    return [str(fault) for fault in faults][:3]


def alike(one: Path, other: Path) -> str:
    names = [sorted(path.name for path in at.iterdir()) for at in (one, other)]
    return "" if names[0] == names[1] else f"{names[1]}"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "PATIENCE", 1.5)
    monkeypatch.setattr(MODULE, "LINGER", 0.2)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (f"setsid sleep 60 & {DONE}", "leaves 1 process behind"),
        (f"{DONE}; echo x > ../outside", "writes beside its current folder: outside"),
        (f"{DONE}; touch ../killed", "writes beside its current folder: killed"),
        ("sleep 60", "goes on after 1.5 s"),
        ("kill -STOP $$", "goes on after 1.5 s"),
        ("exit 3", "ends with status 3"),
    ],
)
def test_what_no_drill_can_be_had_with(tmp_path: Path, code: str, said: str):
    with pytest.raises(RuntimeError, match=said):
        run(code, tmp_path)


def test_what_it_has_started_is_killed_with_it(tmp_path: Path):
    """In a session of its own too: it would write on, and the second run would find more than was left."""
    assert all("as if undisturbed" in said for said in run(f"setsid sleep 0.1; {DONE}", tmp_path))
    assert all("as if undisturbed" in said for said in run(f"trap '' TERM INT HUP; {DONE}", tmp_path))


def test_a_command_that_waits_for_space_is_ended(tmp_path: Path):
    waits = "until echo 123456789012345678901234567890 > r.part; do sleep 0.05; done; mv r.part r"
    assert "as if undisturbed" in run(waits, tmp_path)[2]


@pytest.mark.parametrize("name", ["a b'\"\n$(x) é", "\udcff"])
def test_a_folder_of_any_name(tmp_path: Path, name: str):
    assert all("as if undisturbed" in said for said in run(DONE, tmp_path / name))


def test_nothing_of_an_earlier_drill_is_left(tmp_path: Path):
    """A command that finds its work done would be killed at moments when it does nothing."""
    run(DONE, tmp_path)
    assert run(f"! test -e r || exit 7; {DONE}", tmp_path)[0].startswith("killed, 2 times: ends with status 7")


@pytest.mark.parametrize("command", ["echo hello", [], b"x", [None], ["/nowhere/program"], ["a\0b"]])
def test_a_command_that_is_none(tmp_path: Path, command: list[str]):
    with pytest.raises(InputError, match="^command="):
        next(drill(command, tmp_path))


@pytest.mark.parametrize("kills", [0, -1, "3", 2.0, True])
def test_a_number_of_kills_that_is_none(tmp_path: Path, kills: int):
    with pytest.raises(InputError, match="^kills="):
        next(drill(["true"], tmp_path, kills=kills))


@pytest.mark.parametrize("folder", ["", "a\0b", "/proc/none", "/etc/passwd", None])
def test_a_folder_that_can_be_none(folder: str):
    with pytest.raises(InputError, match="^folder="):
        next(drill(["true"], folder))
