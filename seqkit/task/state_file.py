"""A file of plain values and arrays in any nest, written whole: NumPy's .npz, the nest as JSON within it.

Numbers come back bit by bit. A damaged file does not: each part of it has a checksum, which is that of ZIP.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from typing import Any

import numpy as np

from seqkit._whole_paths import whole_file

NEST = "nest"
ZIP, NAME_OF_FIRST = b"PK\x03\x04", slice(30, 38)  # of such a file: its first bytes, and where `nest.npy` is named
PLAIN = (type(None), bool, int, float, str)
DAMAGED = (OSError, ValueError, KeyError, IndexError, EOFError, TypeError, zipfile.BadZipFile, zlib.error)


def is_plain(value: Any) -> bool:
    """Whether a file can hold the value: None, a number, a text, an array, or a list, tuple or dict of these."""
    if isinstance(value, dict):
        return all(is_plain(part) for pair in value.items() for part in pair)
    if isinstance(value, (list, tuple)):
        return type(value) in (list, tuple) and all(map(is_plain, value))
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype != object
    return type(value) in PLAIN


def write_state(where: str, path: str | os.PathLike[str], state: Any) -> None:
    """Write a nest of plain values.

    Raises:
        OSError: the disk is full, read-only or gone; what the path held before is unchanged.
    """
    arrays: list[np.ndarray] = []
    nest = json.dumps(_without_arrays(state, arrays))
    parts: dict[str, Any] = {NEST: np.array(nest), **{str(number): array for number, array in enumerate(arrays)}}
    with whole_file(where, path) as written, written.open("wb") as file:
        np.savez(file, **parts)


def may_be_state(path: str | os.PathLike[str]) -> bool:
    """Whether a file begins as `write_state` begins it, as far as it goes: it may be cut off."""
    with open(path, "rb") as file:
        found = file.read(NAME_OF_FIRST.stop)
    is_zip = ZIP.startswith(found[: len(ZIP)])
    return is_zip and f"{NEST}.npy".encode().startswith(found[NAME_OF_FIRST])


def read_state(path: str | os.PathLike[str]) -> Any:
    """Read what `write_state` wrote.

    Raises:
        ValueError: the file is damaged, or is none of these.
    """
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            return _with_arrays(json.loads(str(file[NEST])), file)
    except DAMAGED as error:
        raise ValueError(str(error)) from error


def _without_arrays(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        is_own = array.dtype.kind == "V"  # bfloat16 and others that NumPy does not know
        arrays.append(array.view(f"u{array.dtype.itemsize}") if is_own else array)
        return {"array": len(arrays) - 1, "dtype": array.dtype.name, "is_number": isinstance(value, np.generic)}
    if isinstance(value, dict):
        return {"pairs": [[_without_arrays(part, arrays) for part in pair] for pair in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_without_arrays(part, arrays) for part in value]}
    if isinstance(value, list):
        return [_without_arrays(part, arrays) for part in value]
    return value


def _with_arrays(value: Any, arrays: Any) -> Any:
    if isinstance(value, list):
        return [_with_arrays(part, arrays) for part in value]
    if not isinstance(value, dict):
        return value
    if "pairs" in value:
        return {_with_arrays(name, arrays): _with_arrays(part, arrays) for name, part in value["pairs"]}
    if "tuple" in value:
        return tuple(_with_arrays(part, arrays) for part in value["tuple"])
    array = arrays[str(value["array"])].view(np.dtype(value["dtype"]))
    return array[()] if value["is_number"] else array
