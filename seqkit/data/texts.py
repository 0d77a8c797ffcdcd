"""Raw strings: whether these are, and as a list that has been checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from reprlib import repr as shortened
from typing import Any

import numpy as np
import pandas as pd

from seqkit._checks import type_name
from seqkit._errors import InvalidType, InvalidValue

NUL = "\x00"


def is_text(x: Any) -> bool:
    """Whether these are raw strings: a list, a NumPy array of str or objects, or a pandas column."""
    if isinstance(x, str):
        return True
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "US" or (x.dtype.kind == "O" and x.ndim == 1 and len(x) > 0 and _some_text(x))
    if isinstance(x, (pd.Series, pd.Index)):
        if isinstance(x.dtype, pd.CategoricalDtype):
            return is_text(x.dtype.categories)
        return _some_text(x.tolist()) if x.dtype == object else bool(pd.api.types.is_string_dtype(x.dtype))
    return isinstance(x, (list, tuple)) and len(x) > 0 and _some_text(x)


def _some_text(values: Any) -> bool:
    return any(isinstance(one, str) for one in values)


def as_texts(where: str, x: Any, least: int = 1) -> list[str]:
    """A list of strings; refuse what is none, by its position, and fewer than `least`."""
    values = _listed(where, x)
    for position, one in enumerate(values):
        if not isinstance(one, str):
            missing = " An empty text is ''." if pd.api.types.is_scalar(one) and pd.isna(one) else ""
            raise InvalidType(
                where,
                f"text number {position} is {shortened(one)}, {type_name(one)}; strings are needed.",
                missing,
            )
        refuse_unwritable(where, f"text number {position}", one)
    if len(values) < least:
        raise InvalidValue(where, "no texts at all.", "Pass one or more.")
    return values


def _listed(where: str, x: Any) -> list[Any]:
    if isinstance(x, str):
        raise InvalidType(where, "a list of texts is needed, got one string.", "Pass [text].")
    if isinstance(x, pd.DataFrame):
        raise InvalidType(where, "one column of texts is needed, got a DataFrame.", "Choose a column.")
    if isinstance(x, Iterator):
        raise InvalidType(where, "a list of texts is needed, got what can be read only once.", "Pass list(texts).")
    if not isinstance(x, Iterable) or isinstance(x, (bytes, Mapping)) or getattr(x, "ndim", 1) == 0:
        raise InvalidType(where, f"a list of texts is needed, got {shortened(x)}.")
    return x.tolist() if isinstance(x, (np.ndarray, pd.Series, pd.Index)) else list(x)


def refuse_unwritable(where: str, which: str, text: str) -> None:
    """Refuse what a wrong reading of a file leaves: half of a surrogate pair, which is no Unicode, and NUL."""
    if NUL in text:
        raise InvalidValue(
            where,
            f"{which} has the character NUL at place {text.index(NUL)}, where many programs end a string.",
            "Read the file again with its right encoding, or take it out.",
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue(
            where,
            f"{which} has half of a character pair, {text[error.start]!a}, at place {error.start}, which UTF-8 cannot "
            "write.",
            "Read the file again with its right encoding.",
        ) from None
