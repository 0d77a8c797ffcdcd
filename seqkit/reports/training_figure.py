"""The validation curve that chose the length of a training."""

from __future__ import annotations

from typing import Any

from seqkit.reports import look
from seqkit.reports.columns import Columns
from seqkit.reports.page import Figure, Folded
from seqkit.task.model import Task

HEIGHT = 300


def training_parts(columns: Columns, model: Task) -> list[Any]:
    """The curve, folded; nothing where the model has none."""
    history = model.validation_history
    if not history or "val_loss" not in history or len(history["val_loss"]) < 2:
        return []
    epochs = list(history.get("epochs") or range(1, len(history["val_loss"]) + 1))
    traces = []
    for kind, name, words in (("training", "loss", "training samples"), ("validation", "val_loss", "validation")):
        if name in history:
            hover = f"<b>epoch %{{x}}</b><br>{words}: loss %{{y:{look.NUMBER}}}"
            own = {"x": columns.numbers(epochs), "y": columns.numbers(history[name]), "name": words}
            traces.append(look.line(kind, len(epochs), hover, **own))
    axes: dict[str, Any] = {
        "xaxis": {"title": look.titled("epochs")},
        "yaxis": {"title": look.titled("loss, in scaled units")},
    }
    spec = {"data": traces, "layout": look.layout(HEIGHT, **axes)}
    label = "The loss on training and validation samples by epochs"
    note = "The training kept the length with the lowest validation loss."
    return [Folded("How the training went", [Figure(spec, label, HEIGHT, note=note)])]
