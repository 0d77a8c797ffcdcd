"""Notebooks are committed with what they print and draw; `make run-notebooks` makes it, `make notebooks` runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MOST_BYTES = 300_000
SHOWS = re.compile(r"^(print\(|sk\.plot_\w+\(|sk\.attention_map\()", re.MULTILINE)
UNWANTED = re.compile(r"\bwarning\b|\w+Warning\b|oneDNN|cudart_stub| at 0x[0-9a-f]+|/tmp/", re.IGNORECASE)


def code_cells(path):
    return [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def written(cell):
    """All text that the outputs of a cell show."""
    shown = [output.get("text", []) for output in cell["outputs"]]
    shown += [output.get("data", {}).get("text/plain", []) for output in cell["outputs"]]
    return "".join("".join(text) for text in shown)


def test_notebooks_are_numbered_without_a_gap():
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{number:02}" for number in range(1, len(NOTEBOOKS) + 1)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_as_it_ran_from_first_cell_to_last(path):
    counts = [cell["execution_count"] for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1)), "make run-notebooks runs it"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_cell_that_prints_or_draws_is_committed_with_its_output(path):
    for cell in code_cells(path):
        source = "".join(cell["source"])
        if SHOWS.search(source):
            assert cell["outputs"], source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_numbers_or_pictures_and_ends_in_assertions(path):
    cells = code_cells(path)
    assert sum(bool(cell["outputs"]) for cell in cells) >= 3
    assert "assert" in "".join(cells[-1]["source"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_output_is_an_error_a_warning_or_of_one_machine(path):
    for cell in code_cells(path):
        for output in cell["outputs"]:
            assert output["output_type"] != "error", output["ename"]
            assert output.get("name") != "stderr", output["text"]
        assert not UNWANTED.search(written(cell)), written(cell)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small(path):
    assert path.stat().st_size < MOST_BYTES


def test_the_articles_notebooks_explain_in_english_and_in_chinese():
    for path in FOLDER.glob("*_article_*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        words = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        for explanation in words:
            assert re.search("[\u4e00-\u9fff]{4}", explanation), explanation
            assert re.search("[A-Za-z]{2,} [a-z]{2,}", explanation), explanation
