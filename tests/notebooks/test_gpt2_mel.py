"""The notebook runs from its first cell to its last, on the smallest of everything."""

from __future__ import annotations

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
for needed in ("ipykernel", "transformers", "espeakng_loader", "pocketsphinx"):
    pytest.importorskip(needed)

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "gpt2_mel.ipynb"

SMALL = """
from pathlib import Path

WORK = Path("made")
VOICES = ["en-us", "en-us+f3"]
TEACHER = "espeak"
SENTENCES = 8
ALIGNER_STEPS = 2
PRESET = "tiny"
MINUTES = 0.05
JUDGED = 1
"""


@pytest.mark.timeout(600)
def test_the_notebook_runs(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    (parameters,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    names = {line.split(" = ")[0] for line in parameters.source.splitlines() if " = " in line}
    assert names == {line.split(" = ")[0] for line in SMALL.splitlines() if " = " in line}
    parameters.source = SMALL
    client = nbclient.NotebookClient(
        notebook, timeout=500, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    printed = "".join(
        str(output.get("text", "")) for cell in notebook.cells for output in cell.get("outputs", [])
    )
    assert "temperature 1.4, seed 3" in printed
    shown = [o.get("data", {}) for c in notebook.cells for o in c.get("outputs", [])]
    assert sum("text/html" in data for data in shown) == 6  # two voices, four readings
    (run,) = (tmp_path / "made" / "runs").iterdir()
    assert (run / "voice" / "voice.json").is_file()


def test_the_notebook_holds_no_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)
