"""The README's Python runs as it stands, in an empty folder."""

import re
from pathlib import Path

from mktestdocs import check_md_file

ROOT = Path(__file__).parent.parent
MOST_BYTES = 100_000


def test_the_pictures_are_there_and_small():
    pictures = re.findall(r"!\[[^]]+\]\((\S+\.png)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [Path(picture).stem for picture in pictures] == ["forecast", "backtest", "gates", "attention"]
    for picture in pictures:
        assert (ROOT / picture).stat().st_size < MOST_BYTES
        assert f'save("{Path(picture).stem}", ' in (ROOT / "notebooks" / "pictures.py").read_text(encoding="utf-8")


def test_the_readme_is_short_and_each_file_that_it_links_is_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert len(text.splitlines()) <= 110
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_python_of_the_readme_runs(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    check_md_file(ROOT / "README.md", memory=True)
