"""plotly.js inside the page: from the package plotly, packed by gzip, and unpacked by the browser that opens it.

plotly.js as it is has 4.8 MB, more than a report of 3 MB may have. The smaller bundles are npm packages, which we would
have to keep a copy of. Packed and written as letters it has 2.0 MB, with the fonts and trace types of the whole; every
browser since 2023 unpacks it (DecompressionStream), in about a tenth of a second.
"""

from __future__ import annotations

import base64
import gzip
import importlib.util
import json
from functools import cache
from typing import Any

from seqkit._errors import InvalidValue

EXTRA = ("plotly", "jinja2")  # of the extra `report`


def require_plotly(where: str) -> None:
    """Refuse a report where its packages are missing; nothing is imported."""
    missing = [name for name in EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        problem = f"a report needs the package {missing[0]}, which is not installed."
        raise InvalidValue(where, problem, "Install it: pip install 'seqkit[report]'.")


@cache
def packed_library() -> str:
    """plotly.js, packed."""
    from plotly.offline import get_plotlyjs

    return packed(get_plotlyjs())


def packed(text: str) -> str:
    """The text, packed by gzip and written as letters (base64); the same text gives the same letters."""
    return base64.b64encode(gzip.compress(text.encode("utf-8"), 9, mtime=0)).decode("ascii")


def packed_json(value: Any) -> str:
    """Plain values as JSON, packed."""
    return packed(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
