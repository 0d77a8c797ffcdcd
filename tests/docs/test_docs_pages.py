"""The Python of the site's pages runs as it stands, each page from top to bottom in an empty folder."""

import re
from pathlib import Path

import pytest
from mktestdocs import check_md_file

DOCS = Path(__file__).parents[2] / "docs"
SLOW = re.compile(r"\A---\n(?:.*\n)*?slow: true\n(?:.*\n)*?---\n")


def pages():
    """Each page with Python in it. One that takes more than about ten seconds begins with `slow: true` in its head."""
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if "```python" in text and "_build" not in path.parts:
            marks = [pytest.mark.slow] if SLOW.match(text) else []
            yield pytest.param(path, marks=marks, id=path.relative_to(DOCS).as_posix())


# Of KerasTuner's and MLflow's own code, which a page uses.
@pytest.mark.filterwarnings("ignore::DeprecationWarning:keras_tuner")
@pytest.mark.filterwarnings("ignore:.*loader strategy is deprecated")
@pytest.mark.filterwarnings("ignore:.*Any type hint is inferred:UserWarning")
@pytest.mark.parametrize("path", list(pages()))
def test_the_python_of_a_page_runs(path, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    check_md_file(path, memory=True)
