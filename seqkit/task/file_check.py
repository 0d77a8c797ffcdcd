"""What a model file is, and whether it may be loaded: looked at before Keras reads it, and before memory is taken."""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import h5py

from seqkit._errors import InvalidValue
from seqkit.task.loading import DEFAULT_MOST_SETTINGS, MOST_SETTINGS, Load, refuse_beyond
from seqkit.task.seal import ATTRIBUTE, BUILD_PART, Sealed, checksum_of_config, sealed

SETTINGS, WEIGHTS, METADATA, ASSETS = "config.json", "model.weights.h5", "metadata.json", "assets"
OURS = '"seqkit>'  # begins the registered name of each of our classes, and is found in the settings
BYTES_NOT_ASKED_ABOUT, MOST_EXPANSION = 2**28, 100  # of packed members, as Keras has them for what it unpacks
ONCE_MORE = "Take the file from where it came once more, or from a backup."
BEGINNINGS = {
    b"\x89HDF\r\n\x1a\n": "an HDF5 file, of weights or of an older Keras",
    b"\x1f\x8b": "packed by gzip",
    b"\x80": "a pickle, which runs code when it is opened",
    b"<": "a page of HTML or XML",
    b"{": "JSON",
}


def checked_model_file(where: str, path: Any) -> Load | None:
    """What is known of a `.keras` file, or None where it is Keras's alone to load.

    Raises:
        ValueError: the file is damaged, cut off, too large for its size, or no model file.
    """
    if not _is_own_file(path, (".keras",)):
        return None
    where = f"{where}: {os.fspath(path)}"
    if not zipfile.is_zipfile(path):
        raise InvalidValue(where, f"it is no model file: {_what_it_is(Path(path))}.", ONCE_MORE)
    with _damage_in_words(where), zipfile.ZipFile(path) as archive:
        return _checked_archive(where, archive)


def checked_weights_file(where: str, path: Any) -> Load:
    """What is known of a file of weights, `.weights.h5` or `.keras`; its settings do not count."""
    load = checked_model_file(where, path)
    if load is not None:
        return replace(load, has_settings=False)
    where = f"{where}: {os.fspath(path)}" if isinstance(path, (str, os.PathLike)) else where
    if _is_own_file(path, (".weights.h5",)) and not h5py.is_hdf5(path):
        raise InvalidValue(where, f"it is no file of weights: {_what_it_is(Path(path))}.", ONCE_MORE)
    if _is_own_file(path, (".weights.h5",)):
        with _damage_in_words(where), h5py.File(path) as weights:
            _checked_bytes(where, weights, Path(path).stat().st_size)
    return Load(where, has_settings=False)


@contextlib.contextmanager
def _damage_in_words(where: str) -> Iterator[None]:
    try:
        yield
    except InvalidValue:
        raise
    except Exception as error:  # ZIP, HDF5 and JSON raise all kinds
        is_cut = "truncated" in str(error)
        raise InvalidValue(where, f"it is {'cut off' if is_cut else 'damaged'}: {error}.", ONCE_MORE) from error


def _is_own_file(path: Any, endings: tuple[str, ...]) -> bool:
    return isinstance(path, (str, os.PathLike)) and str(path).endswith(endings) and Path(path).is_file()


def _what_it_is(path: Path) -> str:
    """What a file is that has not the form of its name."""
    with path.open("rb") as file:
        beginning = file.read(8)
    if not beginning:
        return "it is empty"
    if beginning.startswith((b"PK\x03\x04", b"\x89HDF")) and (beginning[:2] == b"PK") == (path.suffix == ".keras"):
        return "it is cut off, or its end is overwritten"
    for first, what in BEGINNINGS.items():
        if beginning.startswith(first):
            return f"it is {what}"
    return f"it begins with {beginning!r}"


def _checked_archive(where: str, archive: zipfile.ZipFile) -> Load | None:
    settings = _settings(where, archive)
    config = json.loads(settings)
    if OURS not in settings:
        return None
    _refuse_members(where, archive)
    damaged = archive.testzip()
    if damaged:
        raise InvalidValue(where, f"it is damaged: the checksum of {damaged} within it differs.", ONCE_MORE)
    written = (config.get("build_config") or {}).get(BUILD_PART) or {}
    is_ours = OURS[1:] in str(config.get("registered_name"))
    with archive.open(WEIGHTS) as opened, h5py.File(opened) as weights:
        size = _checked_bytes(where, weights, archive.getinfo(WEIGHTS).file_size)
        if is_ours:
            _compare(where, config, bool(written), sealed(weights.get(f"{ATTRIBUTE}/vars", {})))
    return Load(where, str(written.get("version", "")), size, is_ours=is_ours)


def _settings(where: str, archive: zipfile.ZipFile) -> str:
    if SETTINGS not in archive.namelist():
        raise InvalidValue(where, f"it is no model file: it holds no {SETTINGS}.", ONCE_MORE)
    size = archive.getinfo(SETTINGS).file_size
    refuse_beyond(where, f"its settings have {size:,} bytes", size, MOST_SETTINGS, DEFAULT_MOST_SETTINGS)
    return archive.read(SETTINGS).decode()


def _refuse_members(where: str, archive: zipfile.ZipFile) -> None:
    """Refuse members that Keras does not write, one twice, and those that unpack to much more than they are."""
    names = Counter(info.filename for info in archive.infolist())
    for name, count in names.items():
        is_known = name in (SETTINGS, WEIGHTS, METADATA) or PurePosixPath(name).parts[:1] == (ASSETS,)
        if count > 1 or not is_known or ".." in PurePosixPath(name).parts or "\\" in name:
            problem = f"it holds {name!r} {'twice' if count > 1 else 'within'}, which Keras does not write."
            raise InvalidValue(where, problem, "It was changed after it was saved.")
    if WEIGHTS not in names:
        raise InvalidValue(where, f"it holds no {WEIGHTS}.", "It was changed after it was saved.")
    unpacked = sum(info.file_size for info in archive.infolist())
    packed = sum(info.compress_size for info in archive.infolist())
    if unpacked > BYTES_NOT_ASKED_ABOUT and unpacked > MOST_EXPANSION * packed:
        problem = f"{packed:,} bytes of it would unpack to {unpacked:,}."
        raise InvalidValue(where, problem, "It was made to fill the memory.")


def _checked_bytes(where: str, weights: h5py.File, size: int) -> int:
    """The bytes that the variables declare; refuse links to other places, and more than the file could hold."""
    declared = 0
    for name, item in _items(weights):
        if not isinstance(item, h5py.Dataset) or item.external or item.is_virtual:
            problem = f"the weight {name!r} points to another place or file."
            raise InvalidValue(where, problem, "It was changed after it was saved.")
        declared += item.size * item.dtype.itemsize
    if declared > max(size, BYTES_NOT_ASKED_ABOUT):
        problem = f"its weights would take {declared:,} bytes, and {size:,} are there."
        raise InvalidValue(where, problem, "It was made to fill the memory.")
    return declared


def _items(group: h5py.Group, above: tuple[h5py.Group, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Datasets, and links that are not followed, by their names."""
    for name in group:
        link = group.get(name, getlink=True)
        item = group[name] if isinstance(link, h5py.HardLink) else link
        if isinstance(item, h5py.Group) and item not in (*above, group):
            yield from _items(item, (*above, group))
        else:  # a group within itself is a link to another place too
            yield f"{group.name}/{name}", item


def _compare(where: str, config: dict[str, Any], had_seal: bool, seal: Sealed | None) -> None:
    """Refuse settings, and weights that were saved with others, where the file has a seal at all."""
    if seal is None and had_seal:
        raise InvalidValue(where, "the checksum of its weights is missing.", "It was changed after it was saved.")
    if seal is not None and seal.file != checksum_of_config(config):
        problem = "its settings are not those that were saved with its weights: their checksum differs."
        raise InvalidValue(where, problem, ONCE_MORE)
