"""The table of notebooks/README.md: each statement stands there once, and what it names exists."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
SOURCES = {
    "RESULTS.md": ROOT / "benchmarks" / "RESULTS.md",
    "arrays_and_networks.md": ROOT / "docs" / "how_to" / "arrays_and_networks.md",
}
SHOWN = re.compile(r"(RESULTS\.md|arrays_and_networks\.md|\b\d\d),? ([^;`]+?)(?: \(names.*?\))?(?=;|$)")


def rows():
    lines = (ROOT / "notebooks" / "README.md").read_text().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d", line)]


def headings(name):
    """The headings of a notebook, by its number, or of a Markdown file."""
    if name in SOURCES:
        return re.findall(r"^##? (.*)$", SOURCES[name].read_text(), re.MULTILINE)
    (path,) = (ROOT / "notebooks").glob(f"{name}_*.ipynb")
    texts = [
        "".join(cell["source"]) for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "markdown"
    ]
    return re.findall(r"^## (?:\d\. )?(.*)$", "\n".join(texts), re.MULTILINE)


def test_each_statement_has_one_row_and_an_open_one_says_what_is_missing():
    assert [int(row[0]) for row in rows()] == list(range(1, 105))
    for number, _, _, _, shown, verdict in rows():
        assert re.match("works and is shown|works; only a test shows|corrected: .|open: .", verdict), number
        assert shown != "nothing" or verdict.startswith("open"), number
        if verdict.startswith("works; only a test"):
            assert re.fullmatch(r"`test_\d{3}`|\d\d .*; `test_\d{3}`", shown), number


def test_the_tests_that_the_table_names_are_all_there_are():
    files = (ROOT / "tests" / "articles").glob("test_00*.py")
    written = re.findall(r"^def test_(\d{3})_", "".join(path.read_text() for path in files), re.MULTILINE)
    named = [found for row in rows() for found in re.findall(r"`test_(\d{3})`", row[4])]
    assert sorted(written) == named
    assert all(int(found) == int(row[0]) for row in rows() for found in re.findall(r"`test_(\d{3})`", row[4]))


def test_the_headings_that_the_table_names_exist():
    for number, _, _, _, shown, _ in rows():
        for name, heading in re.findall(
            r"(RESULTS\.md|arrays_and_networks\.md|\b\d\d),? ([^;`]+?)(?: \(names.*?\))?(?=;|$)", shown
        ):
            assert heading in headings(name), (number, name, heading)
