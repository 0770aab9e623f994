"""The notebooks run from top to bottom, show tables and pictures, and their stop button stops a cell and no more."""

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STOPPED = """
import os, pathlib, time, siamnas
pathlib.Path("pid").write_text(str(os.getpid()))
search = siamnas.Search("nb201_c10", budget=12, journal="stopped")
while archs := search.ask():
    for arch in archs:
        print(len(search.history()), flush=True)
        time.sleep(0.4)
    search.tell(archs, [arch.columns["params"] for arch in archs])
print("told", search.history()["value"].notna().sum())
"""


def outputs(notebook: Any) -> list[Any]:
    """What all cells have shown."""
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.mark.extras
@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_runs(file: Path, tmp_path: Path):
    import nbclient
    import nbformat

    notebook = nbformat.read(file, as_version=4)
    nbclient.NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = outputs(notebook)
    data = [output["data"] for output in shown if "data" in output]
    assert sum("image/png" in one for one in data) >= 2 and sum("text/html" in one for one in data) >= 2
    assert not [output for output in shown if output["output_type"] == "stream" and output["name"] == "stderr"]
    assert "\x1b" not in str(shown)


@pytest.mark.extras
def test_the_stop_button_stops_a_cell_and_the_search_goes_on(tmp_path: Path):
    """As the button of a notebook does, the kernel is interrupted; the same cell run again goes on."""
    import nbclient
    import nbformat

    cells = [nbformat.v4.new_code_cell(STOPPED) for _ in range(2)]
    notebook, place = nbformat.v4.new_notebook(cells=cells), {"metadata": {"path": str(tmp_path)}}
    client = nbclient.NotebookClient(notebook, timeout=300, allow_errors=True, resources=place)
    with client.setup_kernel():

        def stop() -> None:
            journal = tmp_path / "stopped/journal.jsonl"
            while not journal.exists() or journal.read_text().count('"tell"') < 3:
                time.sleep(0.1)
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGINT)  # what the button does

        stopping = threading.Thread(target=stop)
        stopping.start()
        client.execute_cell(cells[0], 0)
        stopping.join()
        client.execute_cell(cells[1], 1)
    assert [output["ename"] for output in cells[0].outputs if output["output_type"] == "error"] == ["KeyboardInterrupt"]
    said = "".join(output["text"] for output in cells[1].outputs if output["output_type"] == "stream")
    assert said.endswith("told 12\n") and int(said.splitlines()[0]) >= 3


SLOW = """
import time
from siamnas.runtime import terminal

terminal.LIVE_EVERY = terminal.LATE = 0.05
with terminal.doing("reading"):
    time.sleep(0.5)
with terminal.Bar("a job", 0.25) as bar:
    time.sleep(0.5)
    bar.update(0.5)
    time.sleep(0.2)
"""


@pytest.mark.extras
def test_a_cell_shows_how_far_it_is_and_nothing_when_it_is_done(tmp_path: Path):
    import nbclient
    import nbformat

    said: list[str] = []

    class Listening(nbclient.NotebookClient):
        def process_message(self, msg: dict[str, Any], cell: Any, index: int) -> Any:
            said.append(msg["content"].get("data", {}).get("text/plain", ""))
            return super().process_message(msg, cell, index)

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SLOW)])
    Listening(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for text in ("reading: 0 s so far", "a job: 25 %, 0 s so far", "a job: 50 %, "):
        assert any(one.startswith(text) for one in said), text
    assert {output["data"]["text/plain"] for output in outputs(notebook)} == {""}
