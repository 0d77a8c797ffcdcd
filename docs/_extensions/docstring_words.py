"""How the docstrings of seqkit are read: words in backticks, and equations that stand indented."""

import inspect
import re
from typing import Any

import keras
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

import seqkit
import seqkit.layers
from seqkit import Split
from seqkit.task.model import Task

NAME = re.compile(r"(?:sk\.|seqkit\.)?(?:layers\.)?(\w+)(?:\(.*\))?", re.DOTALL)

VERBS = {"fit", "evaluate", "predict", "export"}
INSIDE = {name for name in vars(Task) if name not in VERBS} | {
    *("build", "call", "compute_loss", "compute_mask", "compute_metrics", "compute_output_shape"),
    *("compute_output_spec", "from_config", "get_config", "train_step", "test_step", "predict_step"),
    *("compile", "compile_from_config", "get_build_config", "get_metrics_result", "steps_by_xla"),
    *("load_own_variables", "save_own_variables", "write_saved_model", "training", "held_back"),
    *("adapt_to", "ahead", "called", "encoded_answers", "labels_of", "never", "padding", "paired", "predict_windows"),
    *("quantiles_of", "raw_units", "read", "read_samples", "reader", "take_weights", "windows_of_table"),
    *("with_attention", "has_seen", "quantile_levels", "Settings"),
}  # what models and layers have for Keras, or for each other
CALLED = {"explain", "backtest"}  # other public names of one word are arguments or columns too


def public(word: str) -> str | None:
    """Return the full public name that a word such as `sk.split(frame)` or `StepAttention` means, or None."""
    found = NAME.fullmatch(word)
    if found is None:
        return None
    for module in (seqkit, seqkit.layers):
        if found[1] in module.__all__:
            return f"{module.__name__}.{found[1]}"
    return None


def target_of(text: str) -> str | None:
    """Return the public name to which a word in backticks leads, or None."""
    target = public(text)
    return None if target is None or (re.fullmatch("[a-z]+", text) and text not in CALLED) else target


def link_to(code: nodes.literal, target: str, page: str) -> pending_xref:
    """Wrap a word in a link to the page of a public name."""
    return pending_xref(
        "", code, refdomain="py", reftype="obj", reftarget=target, refdoc=page, refexplicit=True, refwarn=False
    )


def role(name: str, raw: str, text: str, line: int, inliner: Any, options: Any = None, content: Any = ()) -> Any:
    """Set a word in backticks of a docstring as code."""
    return [nodes.literal(raw, text)], []


class LinkNames(SphinxPostTransform):
    """Link each public name that stands in backticks to its page, but in headings and links."""

    default_priority = 5  # before Sphinx resolves links

    def run(self, **kwargs: Any) -> None:
        """Wrap the words."""
        for code in list(self.document.findall(nodes.literal)):
            target = target_of(code.astext())
            if target and not isinstance(code.parent, (nodes.title, nodes.reference, pending_xref)):
                parent, place = code.parent, code.parent.index(code)
                parent.remove(code)
                parent.insert(place, link_to(code, target, self.env.docname))


def mark_equations(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Make an indented paragraph before the sections of a docstring a literal block, as `help` shows it."""
    marked: list[str] = []
    block = in_section = False
    for number, line in enumerate(lines):
        in_section = in_section or re.fullmatch(r"[A-Z]\w+:", line) is not None
        indented = line.startswith("    ") and not line.lstrip().startswith((">>>", "- ", "* ", ":"))
        after_blank = number > 0 and not lines[number - 1].strip()
        if indented and after_blank and not block and not in_section:
            marked += ["::", ""]
            block = True
        elif line.strip() and not indented:
            block = False
        marked.append(line)
    lines[:] = marked


def mark_tables(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Make a table of Markdown in a docstring one of reStructuredText."""
    marked: list[str] = []
    for line in lines:
        if not line.startswith("|"):
            marked.append(line)
        elif not re.fullmatch(r"[|-]+", line):
            if not marked or not marked[-1].startswith("     - "):
                marked += [".. list-table::", "   :header-rows: 1", ""]
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            marked += [f"   {'* -' if not number else '  -'} {cell}" for number, cell in enumerate(cells)]
    lines[:] = marked


def add_fields(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Name the fields of a NamedTuple, each with the comment that stands beside it in the code."""
    if what != "class" or not hasattr(obj, "_field_defaults"):
        return
    found = re.findall(r"^    (\w+): [^#\n]+(?:# (.*))?$", inspect.getsource(obj), re.MULTILINE)
    at = next((number for number, line in enumerate(lines) if line == "Example:"), len(lines))
    lines[at:at] = ["", "Attributes:", *[f"    {field}: {comment or 'in words.'}" for field, comment in found], ""]


def skip_member(app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """Leave out what is Keras's or scikit-learn's, what is for the inside, and the fields that `add_fields` names."""
    made_by = getattr(getattr(obj, "fget", obj), "__module__", None) or ""
    is_field = isinstance(obj, type(Split.train))
    return True if skip or name in INSIDE or is_field or made_by.startswith(("keras", "sklearn")) else None


def own_arguments(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: Any, returns: Any
) -> tuple[str, None] | None:
    """Show the arguments of a class's own `__init__`, which Keras hides behind `*args, **kwargs`; none of a model."""
    if what != "class" or not hasattr(obj, "get_config"):
        return None
    written = inspect.signature(obj.__init__)
    shown = [part.replace(annotation=part.empty) for part in list(written.parameters.values())[1:]]
    text = str(inspect.Signature(shown))
    return ("" if text.startswith("(*args") or issubclass(obj, keras.Model) else text), None


def setup(app: Sphinx) -> dict[str, Any]:
    """Read words in backticks by `role`, and mark equations before napoleon reads the sections."""
    app.add_role("word", role)
    app.add_post_transform(LinkNames)
    app.connect("autodoc-process-docstring", add_fields, priority=90)
    app.connect("autodoc-process-docstring", mark_tables, priority=95)
    app.connect("autodoc-process-docstring", mark_equations, priority=100)
    app.connect("autodoc-skip-member", skip_member)
    app.connect("autodoc-process-signature", own_arguments)
    app.config.default_role = "word"
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
