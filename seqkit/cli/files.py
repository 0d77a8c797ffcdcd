"""Output files of the command line: paths are checked before any work, files are renamed into place at the end."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from seqkit import _checks
from seqkit._saved_model_folder import refuse_to_replace
from seqkit._whole_paths import together
from seqkit.cli.harmless import cells, echo
from seqkit.cli.written import is_ours, remember

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.reports.page import Report
    from seqkit.task.model import Task

REPORT_FORMATS = (".html", ".htm")
PLOT_FORMATS = {".png": "png", ".pdf": "pdf", ".svg": "svg", ".jpg": "jpg"}


class Files(NamedTuple):
    """The paths to write to; None writes nothing."""

    output: str | None = None
    plot: str | None = None
    export: str | None = None
    save: str | None = None
    report: str | None = None


def check_files(csv: str, files: Files, checkpoint: str | None = None, force: bool = False) -> None:
    """Refuse a path that cannot be written, before any work; a foreign file is replaced by force alone."""
    used = {Path(csv).resolve(): "the CSV"}
    for name, path in {**files._asdict(), "checkpoint": checkpoint}.items():
        if path is None:
            continue
        full_path = Path(path).resolve()
        if full_path in used:
            raise click.ClickException(f"--{name}: {path} is {used[full_path]} already. Name another.")
        used[full_path] = f"--{name}"
        if name == "export":
            _check_folder(path)
        else:
            _check_file(f"--{name}", path, force or name == "checkpoint")
        if name == "export" and full_path in Path(csv).resolve().parents:
            raise click.ClickException(
                f"--export: {csv} lies in {path}, which is replaced as a whole. Name another folder."
            )
        if files.export is not None and Path(files.export).resolve() in full_path.parents:
            raise click.ClickException(
                f"--{name}: {path} is in the folder of --export, which is replaced as a whole. Name another folder."
            )
    if files.save is not None and Path(files.save).suffix != ".keras":
        raise click.ClickException(f"--save: {files.save} must end in .keras. Name it so.")
    if files.report is not None:
        _check_report(files.report)
    if files.plot is not None:
        _checks.choice("--plot", "the ending", Path(files.plot).suffix.lower(), PLOT_FORMATS)


def _check_report(path: str) -> None:
    """Refuse a report that is no page, or that no installed package would draw."""
    from seqkit.reports.plotly_library import require_plotly

    if Path(path).suffix.lower() not in REPORT_FORMATS:
        raise click.ClickException(f"--report: {path} must end in .html. Name it so.")
    require_plotly("--report")


def _check_file(flag: str, path: str, force: bool) -> None:
    folder = Path(path).parent
    if folder.is_relative_to("/dev") or folder.is_relative_to("/proc"):
        raise click.ClickException(f"{flag}: {path} is a device, not a file. Name a file.")
    if Path(path).is_symlink():
        raise click.ClickException(f"{flag}: {path} is a link to {os.readlink(path)}. Name that file itself.")
    if Path(path).exists() and not Path(path).is_file():
        raise click.ClickException(f"{flag}: {path} is not a file. Name a file.")
    if not folder.is_dir():
        raise click.ClickException(f"{flag}: {path}: there is no folder {folder}. Make it first, or name another.")
    _check_writable(f"{flag}: {path}", folder)
    if not force and Path(path).exists() and not is_ours(path):
        problem = f"{flag}: {path} exists, and seqkit did not write it, or it was changed since."
        raise click.ClickException(f"{problem} Name another file, or add --force to replace it.")


def _check_folder(path: str) -> None:
    folder = Path(path)
    refuse_to_replace("--export", folder)
    parent = next(parent for parent in folder.absolute().parents if parent.exists())
    if not parent.is_dir():
        raise click.ClickException(f"--export: {path}: {parent} is not a folder. Name another.")
    _check_writable(f"--export: {path}", parent)


def _check_writable(where: str, folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise click.ClickException(f"{where}: you may not write in {folder}. Name another folder.")


def write_files(
    files: Files,
    table: pd.DataFrame,
    model: Task,
    plot: Callable[[], Figure],
    report: Callable[[], Report] | None = None,
) -> None:
    """Write every file and folder beside its path and rename all at the end, or none if one cannot be written."""
    with together() as paths:
        if files.output is not None:
            written = paths.file("--output", files.output)
            cells(table).to_csv(written, index=False, encoding="utf-8", lineterminator="\n")
        if files.plot is not None:
            written = paths.file("--plot", files.plot)
            plot().savefig(written, format=PLOT_FORMATS[Path(files.plot).suffix.lower()])
        if files.report is not None and report is not None:
            paths.file("--report", files.report).write_bytes(report().encoded())
        if files.save is not None:
            model.save(paths.file("--save", files.save))
        if files.export is not None:
            model.export(paths.folder("--export", Path(files.export)))
    remember(filter(None, (files.output, files.plot, files.save, files.report)))
    if any(files):
        echo(f"\nWrote {', '.join(filter(None, files))}")
