"""A picture of a training: the loss and the metrics by epoch, drawn without pyplot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.drawing import canvas
from seqkit.drawing.fonts import readable


def plot_history(
    history: Any,
    *,
    metrics: str | Sequence[str] | None = None,
    title: str | None = None,
    ax: Axes | Sequence[Axes] | None = None,
) -> Figure:
    """Draw a training: the loss by epoch, then each metric, with validation beside each.

    Args:
        history: What `model.fit` returned, or its `history` dict.
        metrics: The metrics to draw after the loss; all of them when left out, `()` for none.
        title: A title for the whole figure.
        ax: matplotlib axes to draw on, one for each panel, instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("training.png")` writes it; a notebook shows it.

    Raises:
        TypeError: If `history` is not a history.
        ValueError: If it holds no epochs, a metric is unknown, or `ax` has not one axes for each panel.

    Example:
        >>> figure = plot_history({"loss": [0.9, 0.4], "val_loss": [0.8, 0.5], "mae": [31.0, 17.0]})
        >>> [axes.get_ylabel() for axes in figure.axes]
        ['loss', 'mae']
    """
    curves = getattr(history, "history", history)
    if not isinstance(curves, Mapping):
        raise InvalidType(
            "plot_history",
            f"history must be what model.fit returned, or its history dict, got {type(history).__name__}.",
            "Write history = model.fit(...) and pass history.",
            argument="history",
        )
    if not len(curves.get("loss", ())):
        raise InvalidValue(
            "plot_history", "history holds no epochs of a 'loss'.", "Train first: history = model.fit(...)."
        )
    measured = {name: name for name in curves if name != "loss" and not name.startswith("val_")}
    chosen = measured if metrics is None else canvas.as_names(metrics)
    names = ["loss", *(_checks.choice("plot_history", "metrics", name, measured) for name in chosen)]
    with readable([*names, title]) as write:
        columns = min(len(names), 3)
        figure, panels = canvas.panels_for("plot_history", ax, names, size=(4.2, 3.1), columns=columns)
        for panel, name in zip(panels, names, strict=True):
            _draw_training(panel, curves[name], curves.get(f"val_{name}", ()))
            canvas.dress(panel, write, xlabel="epoch", ylabel=name)
        canvas.legend(panels[0])
        canvas.finish(figure, panels, write, title, owned=ax is None)
    return figure


def _draw_training(panel: Axes, training: Sequence[float], validation: Sequence[float]) -> None:
    epochs = np.arange(1, len(training) + 1)
    canvas.curve(panel, "training", epochs, np.asarray(training))
    if len(validation):  # one for each epoch, or for every n-th with validation_freq=n
        every = len(training) // len(validation)
        canvas.curve(panel, "validation", every * epochs[: len(validation)], np.asarray(validation))
    panel.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
