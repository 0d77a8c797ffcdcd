"""A picture of a training: the loss and the metrics by epoch."""

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
from seqkit.drawing.fonts import readable_fonts


def plot_history(
    history: Any,
    *,
    metrics: str | Sequence[str] | None = None,
    title: str | None = None,
    ax: Axes | Sequence[Axes] | None = None,
) -> Figure:
    """Draw a training: the loss by epoch, then each metric, each with its validation curve.

    Args:
        history: The result of `model.fit`, or its `history` dict.
        metrics: The metrics to draw after the loss; all of them when left out, `()` for none.
        title: A title for the whole figure.
        ax: matplotlib axes to draw on, one for each panel, instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("training.png")` writes it; a notebook shows it.

    Raises:
        TypeError: `history` is not a history.
        ValueError: it holds no epochs, a metric is unknown, or `ax` does not have one axes for each panel.

    Example:
        >>> figure = plot_history({"loss": [0.9, 0.4], "val_loss": [0.8, 0.5], "mae": [31.0, 17.0]})
        >>> [axes.get_ylabel() for axes in figure.axes]
        ['loss', 'mae']
    """
    curves = getattr(history, "history", history)
    if not isinstance(curves, Mapping):
        problem = f"history must be what model.fit returned, or its history dict, got {type(history).__name__}."
        raise InvalidType("plot_history", problem, "Write history = model.fit(...) and pass history.", "history")
    if not len(curves.get("loss", ())):
        raise InvalidValue(
            "plot_history", "history holds no epochs of a 'loss'.", "Train first: history = model.fit(...).", "history"
        )
    available = {name: name for name in curves if name != "loss" and not name.startswith("val_")}
    chosen = available if metrics is None else canvas.as_list(metrics)
    names = ["loss", *(_checks.choice("plot_history", "metrics", name, available) for name in chosen)]
    with readable_fonts([*names, title]) as write:
        columns = min(len(names), 3)
        figure, panels = canvas.prepare_panels("plot_history", ax, names, size=(4.2, 3.1), columns=columns)
        for panel, name in zip(panels, names, strict=True):
            _draw_training(panel, curves[name], curves.get(f"val_{name}", ()))
            canvas.style_panel(panel, write, xlabel="epoch", ylabel=name)
        canvas.draw_legend(panels[0])
        canvas.finish_figure(figure, panels, write, title, owned=ax is None)
    return figure


def _draw_training(panel: Axes, training: Sequence[float], validation: Sequence[float]) -> None:
    epochs = np.arange(1, len(training) + 1)
    canvas.draw_curve(panel, "training", epochs, np.asarray(training))
    if len(validation):  # validation_freq=n gives a value for every n-th epoch
        every = len(training) // len(validation)
        canvas.draw_curve(panel, "validation", every * epochs[: len(validation)], np.asarray(validation))
    panel.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
