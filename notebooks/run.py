"""Run notebooks in place and keep what they print and draw: python notebooks/run.py [NOTEBOOK ...].

Without names, all notebooks of this folder run. What differs from run to run without meaning is left out: times,
addresses in memory and TensorFlow's start-up lines. Pictures are stored with few colours, so that files stay small.
"""

from __future__ import annotations

import base64
import io
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

FOLDER = Path(__file__).resolve().parent
SECONDS_FOR_A_CELL = 600
COLORS = 256
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# TensorFlow writes these before it reads TF_CPP_MIN_LOG_LEVEL.
START_UP = re.compile(
    r"^(WARNING: All log messages before absl::InitializeLog|I\d{4} |To enable the following instructions).*\n?", re.M
)
PNG_IN_HTML = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=]+")
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def main(names: list[str]) -> None:
    """Run the notebooks one after the other, and say how long each took and how large it is."""
    os.environ["TQDM_DISABLE"] = "1"  # for the kernels: progress bars are not kept
    for path in [Path(name) for name in names] or sorted(FOLDER.glob("*.ipynb")):
        began = time.perf_counter()
        notebook = nbformat.read(path, as_version=4)
        client = NotebookClient(
            notebook,
            timeout=SECONDS_FOR_A_CELL,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(FOLDER)}},
        )
        client.execute()
        tidy(notebook)
        nbformat.write(notebook, path)
        print(f"{path.name}: {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1000:.0f} kB", flush=True)


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Leave out of the outputs what changes with every run."""
    notebook.metadata = nbformat.from_dict(KERNEL)
    for number, cell in enumerate(notebook.cells):
        cell.id, cell.metadata = f"cell-{number:02}", nbformat.NotebookNode()
        if cell.cell_type == "code":
            cell.outputs = [tidied for output in cell.outputs if (tidied := tidy_output(output)) is not None]


def tidy_output(output: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """Return the output without times and addresses; None where nothing is left."""
    if output.output_type == "stream":
        output.text = START_UP.sub("", output.text)
        return output if output.text.strip() else None
    data = output.get("data", {})
    if "text/plain" in data:
        data["text/plain"] = ADDRESS.sub("", data["text/plain"])
    if "image/png" in data:
        data["image/png"] = few_colors(data["image/png"]) + "\n"
    if "text/html" in data:
        data["text/html"] = PNG_IN_HTML.sub(lambda found: few_colors(found[0]), data["text/html"])
    output.metadata = nbformat.NotebookNode()
    return output


def few_colors(encoded: str) -> str:
    """Return the PNG with a palette of COLORS colours."""
    picture = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB")
    png = io.BytesIO()
    picture.quantize(COLORS, dither=Image.Dither.NONE).save(png, format="png", optimize=True)
    return base64.b64encode(png.getvalue()).decode("ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
