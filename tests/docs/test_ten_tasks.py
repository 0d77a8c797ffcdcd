"""The page of ten tasks counts its lines right, and links to a page for each task."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "start" / "ten_tasks.md"
TASKS, _, SECTIONS = PAGE.read_text(encoding="utf-8").partition("## The files")
ROWS = {int(number): row for number, row in re.findall(r"^\| (\d+)\. (.*) \|$", TASKS, re.MULTILINE)}


@pytest.mark.parametrize("number", range(1, 11))
def test_the_table_names_the_lines_of_each_task(number):
    section = re.search(rf"^## {number}\. (.*?)(?=^## |\Z)", SECTIONS, re.MULTILINE | re.DOTALL)[1]
    title, lines, pages = ROWS[number].split(" | ")
    assert section.startswith(title)
    assert "](" in pages
    code = re.search(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)[1].splitlines()
    typed = [line for line in code if line and not line.startswith("import ")]
    assert len(typed) == int(lines.split()[-1])
    assert ("1 in a terminal" in lines) == ("```text\nseqkit " in section)
