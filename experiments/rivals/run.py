"""Rivals as processes of the referee, each in an environment of its own: together they do not install.

Run as: python experiments/rivals/run.py ENVIRONMENTS [RIVAL ...] [-- words of siamnas leaderboard]

Builds ENVIRONMENTS/RIVAL by its requirements.txt where it is not there, then runs `siamnas leaderboard` with all of
them beside random search and gp. What does not install gets a row that says so.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from siamnas.cli import leaderboard
from siamnas.referee.methods import served

HERE = Path(__file__).resolve().parent
DONE = "installed"  # file that is written last


def installed(environment: Path, requirements: Path) -> str:
    """Install an environment.

    Returns:
        Empty, or the last that pip has said.
    """
    wanted = requirements.read_text()
    if (environment / DONE).exists() and (environment / DONE).read_text() == wanted:
        return ""
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    pip = [str(environment / "bin/python"), "-m", "pip", "install", "-q", "-r", str(requirements)]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "ERROR" in line] or ["ERROR: pip has failed"]
        return errors[-1]
    (environment / DONE).write_text(wanted)
    return ""


def method(name: str, environments: Path) -> str:
    """The words of a rival for `siamnas leaderboard --method`."""
    error = installed(environments / name, HERE / name / "requirements.txt")
    if error:
        command = [sys.executable, "-c", f"raise SystemExit({f'does not install: {error}'!r})"]
    else:
        command = list(served(str(HERE / name / "rival.py"), str(environments / name / "bin/python")))
    return f"{name}:=process: {' '.join(map(quoted, command))}"


def quoted(word: str) -> str:
    """A word for a shell."""
    return "'" + word.replace("'", "'\"'\"'") + "'"


def main() -> None:
    """Build what is missing, and run."""
    known = sorted(path.parent.name for path in HERE.glob("*/rival.py"))
    arguments, rest = sys.argv[1:], []
    if "--" in arguments:
        seat = arguments.index("--")
        arguments, rest = arguments[:seat], arguments[seat + 1 :]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environments", type=Path, help="folder of the environments, outside the checkout")
    parser.add_argument("rivals", nargs="*", help=f"some of {', '.join(known)}")
    options = parser.parse_args(arguments)
    if unknown := set(options.rivals) - set(known):
        parser.error(f"no such rival: {', '.join(sorted(unknown))}")
    own = [f"--method={method(name, options.environments.resolve())}" for name in options.rivals or known]
    leaderboard.main([*own, "--method=random", "--method=gp", *rest])


if __name__ == "__main__":
    main()
