"""How the docstrings of seqkit are read: words in backticks, and equations that stand indented."""

import re
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx

import seqkit
import seqkit.layers

NAME = re.compile(r"(?:sk\.|seqkit\.)?(?:layers\.)?(\w+)(?:\(.*\))?", re.DOTALL)


def public(word: str) -> str | None:
    """Return the full public name that a word such as `sk.split(frame)` or `StepAttention` means, or None."""
    found = NAME.fullmatch(word)
    if found is None:
        return None
    for module in (seqkit, seqkit.layers):
        if found[1] in module.__all__:
            return f"{module.__name__}.{found[1]}"
    return None


def role(name: str, raw: str, text: str, line: int, inliner: Any, options: Any = None, content: Any = ()) -> Any:
    """Set a word in backticks as code, and link it where it is a public name."""
    code = nodes.literal(raw, text, classes=["docutils"])
    target = public(text)
    if target is None or (text.islower() and "_" not in text and "(" not in text and "." not in text):
        return [code], []
    link = pending_xref("", code, refdomain="py", reftype="obj", reftarget=target, refexplicit=True, refwarn=False)
    return [link], []


def mark_equations(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Make an indented paragraph of a docstring a literal block, as `help` shows it."""
    marked: list[str] = []
    block = False
    for number, line in enumerate(lines):
        indented = line.startswith("    ") and not line.lstrip().startswith((">>>", "- ", "* "))
        after_blank = number > 0 and not lines[number - 1].strip()
        in_section = any(re.fullmatch(r"[A-Z]\w+:", earlier) for earlier in lines[:number])
        if indented and after_blank and not block and not in_section:
            marked += ["::", ""]
            block = True
        elif line.strip() and not indented:
            block = False
        marked.append(line)
    lines[:] = marked


def setup(app: Sphinx) -> dict[str, Any]:
    """Read words in backticks by `role`, and mark equations before napoleon reads the sections."""
    app.add_role("word", role)
    app.connect("autodoc-process-docstring", mark_equations, priority=100)
    app.config.default_role = "word"
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
