"""What the command line writes: places checked before any work, files renamed into place at its end."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from seqkit import _checks
from seqkit._places import refuse_to_replace

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.forecasting.model import Forecaster

PICTURES = {".png": "png", ".pdf": "pdf", ".svg": "svg", ".jpg": "jpg"}


class Files(NamedTuple):
    """What is to be written, where asked for."""

    output: str | None
    plot: str | None
    export: str | None


def check_files(csv: str, files: Files) -> None:
    """Refuse, before any work, what could not be written at its end."""
    taken = {Path(csv).resolve(): "the CSV"}
    for name, path in files._asdict().items():
        if path is None:
            continue
        place = Path(path).resolve()
        if place in taken:
            raise click.ClickException(f"--{name}: {path} is {taken[place]} already. Name another.")
        taken[place] = f"--{name}"
        if name == "export":
            _check_folder(path)
        else:
            _check_file(f"--{name}", path)
        if name == "export" and place in Path(csv).resolve().parents:
            raise click.ClickException(
                f"--export: {csv} lies in {path}, which is replaced as a whole. Name another folder."
            )
        if files.export is not None and Path(files.export).resolve() in place.parents:
            raise click.ClickException(
                f"--{name}: {path} is in the folder of --export, which is replaced as a whole. Move it out."
            )
    if files.plot is not None:
        _checks.choice("--plot", "the ending", Path(files.plot).suffix.lower(), PICTURES)


def _check_file(flag: str, path: str) -> None:
    folder = Path(path).parent
    if folder.is_relative_to("/dev") or folder.is_relative_to("/proc"):
        raise click.ClickException(f"{flag}: {path} is a device, not a file. Name a file.")
    if Path(path).exists() and not Path(path).is_file():
        raise click.ClickException(f"{flag}: {path} is not a file. Name a file.")
    if not folder.is_dir():
        raise click.ClickException(f"{flag}: {path}: there is no folder {folder}. Make it first, or name another.")
    _check_writable(f"{flag}: {path}", folder)


def _check_folder(path: str) -> None:
    folder = Path(path)
    refuse_to_replace("--export", folder)
    above = next(one for one in folder.absolute().parents if one.exists())
    if not above.is_dir():
        raise click.ClickException(f"--export: {path}: {above} is not a folder. Name another.")
    _check_writable(f"--export: {path}", above)


def _check_writable(where: str, folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise click.ClickException(f"{where}: nothing may be written in {folder}. Name another folder.")


def write_files(files: Files, table: pd.DataFrame, model: Forecaster, picture: Callable[[], Figure]) -> None:
    """Write every file beside its place and rename at the end, so that none is ever half there."""
    with contextlib.ExitStack() as stack:
        scratch = {path: _beside(path, stack) for path in (files.output, files.plot) if path is not None}
        if files.output is not None:
            table.to_csv(scratch[files.output], index=False, encoding="utf-8", lineterminator="\n")
        if files.plot is not None:
            picture().savefig(scratch[files.plot], format=PICTURES[Path(files.plot).suffix.lower()])
        if files.export is not None:
            model.export(files.export)
        for path, written in scratch.items():
            os.replace(written, Path(path).resolve())
    if any(files):
        click.echo(f"\nWrote {', '.join(filter(None, files))}")


def _beside(path: str, stack: contextlib.ExitStack) -> Path:
    """A hidden name in the same folder, removed at the end if it still is there."""
    place = Path(path).resolve()
    scratch = place.with_name(f".{place.name}.{os.getpid()}")
    stack.callback(scratch.unlink, missing_ok=True)
    return scratch
