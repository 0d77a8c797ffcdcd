"""Every public name has a page on the site, and an example that `--doctest-modules` runs."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

import seqkit
import seqkit.insight
import seqkit.layers

PAGES = Path(__file__).parents[2] / "docs" / "api"
PUBLIC = {f"{module.__name__}.{name}" for module in (seqkit, seqkit.layers) for name in module.__all__}
PUBLIC -= {"seqkit.layers.RecurrentStack"}  # seqkit.RecurrentStack is the same


def listed():
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.md")))
    return re.findall(r"^   (seqkit(?:\.layers)?\.\w+)$", text, re.MULTILINE)


def test_each_public_name_stands_on_one_page():
    assert sorted(listed()) == sorted(PUBLIC)


def test_the_names_of_insight_and_the_stack_are_those_of_seqkit():
    assert set(seqkit.insight.__all__) <= set(seqkit.__all__)
    assert seqkit.layers.RecurrentStack is seqkit.RecurrentStack


def test_each_page_is_in_the_list_of_pages():
    pages = {path.stem for path in PAGES.glob("*.md")} - {"index"}
    assert pages <= set((PAGES / "index.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_name_has_an_example_that_shows_something(name):
    module, _, short = name.rpartition(".")
    example = inspect.getdoc(getattr(importlib.import_module(module), short)) or ""
    assert re.search(r"^ *>>> .*\n(?: *\.\.\. .*\n)* *(?!>>>|\.\.\.)\S", example, re.MULTILINE), name
    assert "doctest: +SKIP" not in example
