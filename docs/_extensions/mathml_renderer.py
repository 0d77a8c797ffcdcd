"""Equations as MathML, which browsers draw themselves: no script, no font and no network is needed."""

import re
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

ACCENT = re.compile(r"(\\(?:tilde|hat|bar|vec|dot)\b\s*(?:\{[^{}]*\}|\w))")
logger = logging.getLogger(__name__)


def mathml(text: str, as_block: bool) -> str:
    """Return the MathML of an equation in LaTeX. Lines may be parted by two backslashes and aligned by &."""
    text = re.sub(r"\\dots\b", r"\\ldots", text)  # docutils lacks it
    text = ACCENT.sub(r"{\1{}}", text)  # else an index stands below the letter
    try:
        return latex2mathml.tex2mathml(text, as_block=as_block)
    except MathError as error:
        logger.warning("equation %r: %s", text, error)
        return ""


def visit_inline(self: Any, node: nodes.math) -> None:
    """Write an equation that stands in a line."""
    self.body.append(f'<span class="math">{mathml(node.astext(), as_block=False)}</span>')
    raise nodes.SkipNode


def visit_display(self: Any, node: nodes.math_block) -> None:
    """Write an equation that has lines of its own."""
    self.body.append(f'<div class="math">{mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Let `html_math_renderer = "mathml"` choose it."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
