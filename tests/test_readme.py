"""The README's Python runs as it stands, in an empty folder."""

from pathlib import Path

from mktestdocs import check_md_file

ROOT = Path(__file__).parent.parent


def test_the_python_of_the_readme_runs(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    check_md_file(ROOT / "README.md", memory=True)
