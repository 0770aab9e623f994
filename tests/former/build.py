"""What the commit before identities named options has written: made by its own code.

Run as: python -m tests.former.build   (writes tests/former/outputs.tar.gz; needs the whole history of the repository)
"""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.spaces.jsons import chains

COMMIT = "8cf508995f7786b383253ee59bb31315282427ac"
ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).with_name("outputs.tar.gz")
SPACE = "chains"  # the folder of a small space, beside the outputs
JOB = ("space=json", "trainer.threads=1", "logger=none", "repeats=4", "search=active", "predictor=random,gp")
CUT = ("repeats=2", "trainer.chunk=1")
JOURNAL = """
import siamnas
space = siamnas.Space.of_folder({space!r})
search = siamnas.Search(space, "gp", 12, journal={journal!r}, overrides=["acquire=ei", "search.start.kind=random"])
for _ in range(3):
    archs = search.ask(2)
    search.tell(archs, [int(arch) / 100 for arch in archs])
search.ask(1)
"""
KILLED = """
import sys
from siamnas.cli import main
from siamnas.jobs.store import Store
kept = Store.save_part
Store.save_part = lambda *given: (kept(*given), sys.exit(9))
main()
"""


def has_commit() -> bool:
    """Whether the history holds the commit."""
    command = ["git", "-C", str(ROOT), "cat-file", "-e", f"{COMMIT}^{{commit}}"]
    return (ROOT / ".git").exists() and not subprocess.run(command, capture_output=True).returncode


def build(folder: Path) -> None:
    """Write into `folder`, which exists, what the commit writes: `chains`, `outputs`, `journal`.

    Half of a sweep, a job that was cut off, other searches under their old names, a measurement and a journal.
    """
    code = folder / "code"
    packed = subprocess.run(
        ["git", "-C", str(ROOT), "archive", COMMIT, "siamnas", "conf"], capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(code, filter="data")
    space = chains(folder / SPACE, gt_accuracy=lambda i: 0.5 + (i * 37 % 40) / 100)
    own = [f"space.path={space}", f"out={folder / 'outputs'}"]

    def python(*words: str, status: int = 0) -> None:
        environment = {**os.environ, "PYTHONPATH": str(code), "OMP_NUM_THREADS": "1"}
        done = subprocess.run([sys.executable, *words], cwd=code, env=environment, capture_output=True, text=True)
        assert done.returncode == status, done.stderr

    run = ("-m", "siamnas.run")
    python(*run, "-m", *JOB, "acquire=top", "search.n=8", "name=sweep", *own)
    cut = [word for word in JOB if not word.startswith(("predictor", "repeats"))]
    python("-c", KILLED, *cut, "predictor=gp", "search.n=9", "acquire=top", "name=sweep", *own, *CUT, status=9)
    one = [word for word in JOB if not word.startswith(("search", "predictor"))]
    for words in (
        ["predictor=gp", "search.n=8", "search.start.kind=far", "search.choose=posterior"],
        ["predictor=gcn", "acquire=bts", "trainer=debug", "search.n=8", "search.k=4"],
        ["search=local", "search.n=8", "search.start=3"],
        ["predictor=bananas", "search.n=8", "search.start.count=3", "search.start.kind=random", "search.batch=2"],
    ):
        python(*run, *one, *words, "name=other", *own)
    python(*run, "predictor=gp", "search=rungs", "search.n=4", "search.rung.count=5", "repeats=2", *one[1:3], *own[1:])
    python("-m", "siamnas", "measure", "what=flops", "archs=3", "workers=1", "logger=none", *own[1:])
    python("-c", JOURNAL.format(space=str(space), journal=str(folder / "journal")))


def unpack(folder: Path) -> None:
    """The same, as it was built and committed."""
    with tarfile.open(KEPT) as archive:
        archive.extractall(folder, filter="data")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        build(Path(scratch))
        with tarfile.open(KEPT, "w:gz") as archive:
            for name in (SPACE, "outputs", "journal"):
                archive.add(Path(scratch) / name, name)
