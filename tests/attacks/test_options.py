"""Options that there are not, or with another value than they take: one sentence, status 2, and no page of usage."""

import pytest

COMMANDS = {
    "": "--multirun",
    "measure": "--multirun",
    "figure": "--multirun",
    "report": "--narrow",
    "rerun x": "--out",
    "status": "--commands",
    "leaderboard --method gp": "--seeds",
    "measure export x --out y": "--out",
    "search start x --space nb_macro": "--budget",
    "search tell x": "--replace",
    "search history x": "--csv",
}
WRONG = {
    "--cfg everything": "--cfg/-c: invalid choice: 'everything'",
    "--config-dir": "--config-dir/-cd: needs a value",
    "--config": "ambiguous option: --config could match",
    "--run=3": "--run/-r: takes no value, and not '3'",
    "--shell-completion bash": "--shell-completion: needs install=, uninstall= or query=",
    "--shell-completion install=tcsh": "--shell-completion: needs install=, uninstall= or query=",
    "report --n": "--n: needs a value",
    "report --n 3,x": "--n: '3,x' must be whole numbers above 0",
    "report --pairs=3": "--pairs: takes no value, and not '3'",
    "status --all=yes": "--all: takes no value",
    "rerun": "missing: result",
    "leaderboard": "missing: --method",
    "leaderboard --method gp --seeds x": "--seeds: 'x' must be an integer",
    "measure export": "missing: folder, --out",
    "search": "siamnas search needs a command; known here: start, ask,",
    "search --csv": "unknown command --csv",
    "search start x": "missing: --space",
    "search ask x -n x": "-n/--count: x must be an integer",
    "search ask x -n 3 --again": "--again: not together with -n/--count",
    "search best x y": "y: one word too many",
}


def said(siamnas, words: str) -> str:
    shown = siamnas(*words.split())
    assert shown.code == 2 and not shown.out and shown.err.startswith("error: ") and "usage" not in shown.err
    return " ".join(shown.err.split())


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_an_option_that_there_is_not(siamnas, command: str):
    meant = COMMANDS[command]
    wrong = f"{meant[:-2]}{meant[-1]}x"
    assert said(siamnas, f"{command} {wrong}").startswith(
        f"error: unknown option {wrong} (did you mean {meant}?); known"
    )
    assert "known here: --help, " in said(siamnas, f"{command} -€")


@pytest.mark.parametrize("words", WRONG, ids=str)
def test_a_value_that_an_option_does_not_take(siamnas, words: str):
    assert WRONG[words] in said(siamnas, words)
