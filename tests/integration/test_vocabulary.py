"""Names are the field's words: an engineer who searches for a term of the field finds it.

Held are the names of files, classes, public functions, arguments, options, keys, columns, arrays and labels of figures,
not prose. A household word may stand where it has another sense, which `OTHER_SENSES` says.
"""

import ast
import csv
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from siamnas.config.compose import CONF_DIR
from siamnas.predictors.random import Random
from siamnas.report.compare import protocols
from tests.support import ROOT, searched, tiny_benchmark

HOUSEHOLD = {
    "acquire": "acquisition",
    "rule": "acquisition function",
    "rules": "acquisition functions",
    "rung": "low fidelity",
    "rungs": "low fidelities",
    "hint": "low fidelity",
    "hints": "low fidelities",
    "account": "evaluated",
    "paid": "cost",
    "held": "incumbent",
    "looked": "evaluated",
    "credited": "evaluated",
    "bill": "cost tracker",
    "billed": "cost",
    "published": "top-K only",
    "choice": "recommendation",
    "choose": "recommend",
    "judge": "ground truth",
    "judged": "evaluation",
    "pool": "training set",
    "identities": "seeds",
    "far": "maximin",
    "bench": "evaluator",
    "benches": "evaluators",
    "laboratory": "evaluator",
    "lab": "evaluator",
    "labs": "evaluators",
    "board": "sweep monitor",
    "claim": "lease",
    "claims": "leases",
    "holder": "owner",
    "standings": "regret table",
    "sheet": "table",
    "sheets": "tables",
    "reading": "protocol",
    "readings": "protocols",
    "frames": "tidy data",
    "picture": "figure",
    "pictures": "figures",
    "strangers": "held-out",
}
"""Word -> the field's word."""
FILES = {
    "kinds": "interfaces",
    "contents": "fingerprint",
    "explain": "hydra_errors",
    "targets": "instantiate",
    "schema": "validate",
    "checks": "dry_run",
    "own": "ask_tell, public, user_tables",
    "options": "labels",
    "live": "pruning, streaming",
    "hashes": "colours",
    "share": "worker",
    "rows": "results_log",
    "archs": "selection",
    "words": "labels",
    "fronts": "pareto",
    "fronts_shown": "pareto_table",
    "sources": "results",
    "costs": "anytime",
    "one_by_one": "greedy_batch",
    "start": "initial_design",
}
"""Name of a file -> names of today."""
OTHER_SENSES = {
    ("spaces/described/", "choice"): "one of several options of a space",
    ("testing/domain.py", "choice"): "one of several options of a space",
    ("nas_bench_graph", "bench"): "NAS-Bench-Graph",
    ("claims", "claims"): "what a text claims",
    ("images/folder.py", "held"): "held out: the share of images to test with",
    ("images/pixels.py", "picture"): "an image",
    ("loggers/lightning_logger.py", "board"): "TensorBoard",
    ("search/halving.py", "rungs"): "levels of successive halving",
    ("cells/nb201.py", "pool"): "average pooling",
    ("spaces/mobile/ofa.py", "pool"): "measured sub-networks of one supernet, as their source says",
    ("conf/space/ofa_mobilenetv3.yaml", "pool"): "measured sub-networks of one supernet, as their source says",
    ("conf/network/nb201_reduced.yaml", "pool"): "average pooling",
    ("conf/images/folder.yaml", "held"): "held out",
    ("experiments/held_out", "held"): "held-out spaces",
    ("loggers/session.py", "account"): "of Weights & Biases",
    ("config/validate.py", "hint"): "a type hint",
    ("config/validate.py", "hints"): "type hints",
    ("config/translate.py", "hint"): "a hint for the user",
    ("lease.py", "held"): "a lease is held",
    ("search/walks.py", "published"): "as others have published it",
    ("spaces/nano/space.py", "published"): "the published encoding",
    ("spaces/nano/cost.py", "published"): "the published network",
    ("benchmarks/codes.py", "published"): "codes that others have published",
    ("acquisition/", "choose"): "an acquisition function chooses",
    ("images/choose.py", "choose"): "chooses images",
    ("training/device.py", "choose"): "chooses a device",
    ("report/", "choose"): "chooses a reference",
    ("acquisition/improvement.py", "far"): "many deviations away",
    ("search/recommendation.py", "far"): "best so far",
}
"""(path or its beginning, word) -> what it means there."""
LABELS = {"published reading", "account", "rung", "rungs", "paid", "looked", "pool", "strangers", "judge", "readings"}


def parts(name: str) -> list[str]:
    """The words that a name is made of."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().replace("-", "_").strip("_").split("_")


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository."""
    command = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", *patterns]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return [ROOT / line for line in found.stdout.splitlines() if (ROOT / line).exists()]


def unusual(place: str, name: str) -> Iterator[str]:
    """What is wrong with a name at a place."""
    for word in set(parts(name)) & set(HOUSEHOLD):
        if not any(word == other and path in place for path, other in OTHER_SENSES):
            yield f"{place}: {name}: the field's word is {HOUSEHOLD[word]}"


def names(path: Path) -> Iterator[str]:
    """Classes, public functions and their arguments."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name
            yield from (argument.arg for argument in (*node.args.args, *node.args.kwonlyargs))


def keys(path: Path) -> Iterator[str]:
    """Keys of a config."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\s*(?:- )?([A-Za-z_]\w*):(\s|$)", line):
            yield found[1]


def test_classes_functions_and_arguments():
    wrong = []
    for path in tracked("siamnas/*.py"):
        place = path.relative_to(ROOT).as_posix()
        wrong += [said for name in set(names(path)) for said in unusual(place, name)]
    assert not wrong, "\n".join(sorted(wrong))


def test_files_and_folders():
    wrong = []
    for path in tracked("siamnas", "conf", "experiments", "examples", "docs"):
        place = path.relative_to(ROOT)
        for part in (*place.parts[1:-1], place.stem):
            wrong += list(unusual(place.as_posix(), part))
            if place.suffix == ".py" and part in FILES:
                wrong.append(f"{place}: {part} is called {FILES[part]}")
    assert not wrong, "\n".join(sorted(set(wrong)))


def test_options_and_keys():
    wrong = []
    for path in CONF_DIR.rglob("*.yaml"):
        place = path.relative_to(CONF_DIR.parent).as_posix()
        wrong += [said for key in keys(path) for said in unusual(place, key)]
    assert not wrong, "\n".join(sorted(wrong))


def test_columns_and_arrays():
    wrong = []
    for path in tracked("experiments/*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            wrong += [said for column in next(csv.reader(file)) for said in unusual(path.parent.name, column)]
    benchmark = tiny_benchmark(50)
    arrays = searched(Random(benchmark.space, range(2), {}), benchmark)
    assert {"seed", "evaluated", "best", "chosen", "topk"} <= set(arrays)
    wrong += [said for name in arrays for said in unusual("result.npz", name)]
    assert not wrong, "\n".join(sorted(wrong))


DRAWN = [*tracked("siamnas/report/draw/*.py"), Path(protocols.__file__)]


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_labels_of_figures(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docstrings:
            assert not [word for word in LABELS if re.search(rf"\b{word}\b", node.value)], node.value
