"""Raw strings: a test for them, and a checked list of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from reprlib import repr as shortened
from typing import Any

import numpy as np
import pandas as pd

from seqkit._checks import type_name
from seqkit._errors import InvalidType, InvalidValue
from seqkit._refusals import Refusal
from seqkit.data.frames import as_pandas, is_other_column

NUL = "\x00"
TEXT = "text number {position}"
NO_TEXTS = Refusal("no texts at all.", "Pass one or more.")
HAS_NUL = Refusal(
    "{which} has the character NUL at place {place}, where many programs end a string.",
    "Read the file again with its right encoding, or remove the character.",
)


def is_text(x: Any) -> bool:
    """Whether `x` holds raw strings: a string, a list, a NumPy array of str or objects, or a column of a table."""
    x = as_pandas(x) if is_other_column(x) else x
    if isinstance(x, str):
        return True
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "US" or (x.dtype.kind == "O" and x.ndim == 1 and len(x) > 0 and _has_text(x))
    if isinstance(x, (pd.Series, pd.Index)):
        if isinstance(x.dtype, pd.CategoricalDtype):
            return is_text(x.dtype.categories)
        return _has_text(x.tolist()) if x.dtype == object else bool(pd.api.types.is_string_dtype(x.dtype))
    return isinstance(x, (list, tuple)) and len(x) > 0 and _has_text(x)


def _has_text(values: Any) -> bool:
    return any(isinstance(value, str) for value in values)


def as_texts(where: str, x: Any, least: int = 1) -> list[str]:
    """Texts as a list of strings; refuse other values by their position, and fewer texts than `least`."""
    texts = _as_list(where, x)
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            hint = "An empty text is ''." if pd.api.types.is_scalar(text) and pd.isna(text) else ""
            problem = f"text number {position} is {shortened(text)}, {type_name(text)}; strings are needed."
            raise InvalidType(where, problem, hint)
        refuse_unwritable(where, TEXT.format(position=position), text)
    if len(texts) < least:
        raise NO_TEXTS.error(where)
    return texts


def _as_list(where: str, x: Any) -> list[Any]:
    x = as_pandas(x)
    if isinstance(x, str):
        raise InvalidType(where, "a list of texts is needed, got one string.", "Pass [text].")
    if isinstance(x, pd.DataFrame):
        raise InvalidType(where, "one column of texts is needed, got a DataFrame.", "Choose a column.")
    if isinstance(x, Iterator):
        problem = "a list of texts is needed, got an iterator, which can be read only once."
        raise InvalidType(where, problem, "Pass list(texts).")
    if not isinstance(x, Iterable) or isinstance(x, (bytes, Mapping)) or getattr(x, "ndim", 1) == 0:
        raise InvalidType(where, f"a list of texts is needed, got {shortened(x)}.")
    if hasattr(x, "numpy"):  # a tensor of strings, which holds them as bytes
        texts = np.asarray(x.numpy()).tolist()
        return [text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text for text in texts]
    return x.tolist() if isinstance(x, (np.ndarray, pd.Series, pd.Index)) else list(x)


def refuse_unwritable(where: str, which: str, text: str) -> None:
    """Refuse the marks of a wrongly decoded file: half of a surrogate pair, which is not valid Unicode, and NUL."""
    if NUL in text:
        raise HAS_NUL.error(where, which=which, place=text.index(NUL))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue(
            where,
            f"{which} has half of a character pair, {text[error.start]!a}, at place {error.start}, which UTF-8 cannot "
            "write.",
            "Read the file again with its right encoding.",
        ) from None
