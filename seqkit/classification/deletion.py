"""The deletion curve: how much a prediction changes when the attended steps are removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit._shown import shown_shortly
from seqkit.classification.attended import AttentionReader
from seqkit.classification.model import Classifier
from seqkit.drawing import canvas
from seqkit.drawing.fonts import readable_fonts
from seqkit.task.progress import AUTO, bar, check_verbose

DEFAULT_SHARES = (0, 0.05, 0.1, 0.2, 0.3, 0.5)
CURVE_COLUMNS = ("most_attended", "random", "random_spread", "least_attended")
NOISE_DEVIATIONS = 3  # a random order differs by more from five others in about 1 of 20 cases (Student's t)
SMALLEST_AREA = 0.01  # of probability; a smaller area is too small to matter
LINE_LOOKS: dict[str, dict[str, Any]] = {
    "most_attended": {"color": canvas.ORANGE, "linewidth": 1.8},
    "random": {"color": canvas.DARK, "linewidth": 1.3, "linestyle": (0, (2, 1.2))},
    "least_attended": {"color": canvas.BLUE, "linewidth": 1.6, "linestyle": (0, (5, 1.5))},
}


@shown_shortly
class Deletion(NamedTuple):
    """The result of `deletion_curve`.

    Example:
        >>> import seqkit as sk
        >>> model = sk.build_classifier(like=["so good", "bad , so bad"], labels=["pos", "neg"], units=3, embedding=2)
        >>> found = sk.deletion_curve(model, ["so good , so good"], shares=(0, 0.2, 1), repeats=2)
        >>> found.curve.index.tolist(), found.curve.columns.tolist()
        ([0.0, 0.2, 1.0], ['most_attended', 'random', 'random_spread', 'least_attended'])
    """

    curve: pd.DataFrame  # probabilities by share removed: most_attended, random, random_spread, least_attended
    area: float  # between random and most_attended: their mean difference in probability over the shares
    verdict: str  # in plain words


def deletion_curve(
    model: Classifier,
    x: Any,
    *,
    shares: Sequence[float] = DEFAULT_SHARES,
    seed: int = 0,
    repeats: int = 5,
    verbose: Any = AUTO,
) -> Deletion:
    """Measure how much probability the predicted class loses when the attended steps are removed.

    Attention is not by itself an explanation (Jain & Wallace 2019). This function removes a growing share of each
    sample's steps in the order of their weights, and in random orders for comparison (the deletion curve of Samek et
    al. 2017). If the prediction depends on the attended steps, its probability falls faster than at random. It often
    does not. The weights are those of hidden states, and a hidden state knows the steps before it (with both
    directions, all steps). So a step of large weight need not be the step that decides.

    A removed word leaves no gap in the text; where no word is left, the model reads an empty text. A removed step of a
    series is replaced by the mean of each feature over the sample's steps without missing values, so the length stays.
    Where attention is over segments of several steps, random orders remove whole segments too. Samples with removed
    steps differ from the training samples (Hooker et al. 2019): compare the curves, not their heights.

    Args:
        model: a classifier with attention over steps.
        x: series or texts, as `model.predict` takes them.
        shares: the shares of steps to remove: two or more, rising, from 0 to 1; rounded to whole steps of each sample.
        seed: the seed of the random orders.
        repeats: the number of random orders of each sample, 2 or more.
        verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence.

    Returns:
        `Deletion`. `curve` has a row for each share. Its values are mean probabilities of the class that was predicted
        for the whole sample (with `multi_label` the most probable class); `random_spread` is the standard deviation
        over the repeats. `area` lies between `random` and `most_attended`; it is above 0 where attended steps matter
        more. `verdict` is a sentence.

    Raises:
        TypeError, ValueError: the model is no classifier, has no attention over steps, or cannot read `x`; a text has
            no words; shares or repeats are out of range.

    Example:
        >>> from seqkit import build_classifier
        >>> model = build_classifier(like=["so good", "bad , so bad"], labels=["pos", "neg"], units=3, embedding=2)
        >>> deletion_curve(model, ["so good , so good"], shares=(0, 0.2, 1), repeats=2).curve.columns.tolist()
        ['most_attended', 'random', 'random_spread', 'least_attended']
    """
    where = "deletion_curve"
    checked_shares = _checked_shares(where, shares)
    repeats = _checks.whole_number(where, "repeats", repeats, least=2)
    random = np.random.default_rng(_checks.whole_number(where, "seed", seed, least=0))
    verbose = check_verbose(where, verbose)
    reader = AttentionReader(model, where)
    samples = reader.unpadded(x)
    empty = [position for position, sample in enumerate(samples) if not len(sample)]
    if empty:
        raise InvalidValue(where, f"text {empty[0]} has no words to remove.", "Leave it out.", "x")
    whole = reader.read(samples, verbose)
    predicted = whole.probabilities.argmax(axis=1)

    def curve(orders: Sequence[np.ndarray]) -> np.ndarray:
        """The mean probability of the predicted class for each share."""
        probabilities = []
        for share in checked_shares:
            remaining = [_remove(sample, order, share) for sample, order in zip(samples, orders, strict=True)]
            read = reader.read(remaining, verbose=0)
            probabilities.append(read.probabilities[np.arange(len(samples)), predicted].mean())
            shown.update()
        return np.array(probabilities)

    orders = [_Orders(model, sample, weights) for sample, weights in zip(samples, whole.weights, strict=True)]
    with bar("deletion curve", len(checked_shares) * (2 + repeats), "reading", verbose, delay=1) as shown:
        most = curve([order.by(-order.weights) for order in orders])
        least = curve([order.by(order.weights) for order in orders])
        repeated = [curve([order.shuffled(random) for order in orders]) for _ in range(repeats)]
    return _deletion(checked_shares, most, np.stack(repeated), least, len(samples))


def _deletion(shares: np.ndarray, most: np.ndarray, repeated: np.ndarray, least: np.ndarray, samples: int) -> Deletion:
    """The table and verdict of curves `(S,)` and, for random orders, `(repeats, S)`."""
    columns = (most, repeated.mean(axis=0), repeated.std(axis=0, ddof=1), least)
    index = pd.Index(shares, name="share_removed")
    curve = pd.DataFrame(dict(zip(CURVE_COLUMNS, columns, strict=True)), index=index)
    areas = np.trapezoid(repeated - most, shares, axis=1) / (shares[-1] - shares[0])
    area = float(areas.mean())
    return Deletion(curve, area, _verdict(area, float(areas.std(ddof=1)), samples, shares[-1]))


def _checked_shares(where: str, shares: Sequence[float]) -> np.ndarray:
    array = np.asarray(shares, dtype=float)
    if array.ndim != 1 or len(array) < 2 or not (np.diff(array) > 0).all() or not 0 <= array[0] <= array[-1] <= 1:
        problem = f"shares must be two or more numbers that rise, from 0 to 1, got {shares!r}."
        raise InvalidValue(where, problem, argument="shares")
    return array


def _removable_steps(sample: np.ndarray) -> np.ndarray:
    """The positions of the steps without missing values; the model skips the others anyway."""
    return np.arange(len(sample)) if sample.ndim == 1 else np.flatnonzero(~np.isnan(sample).any(axis=1))


class _Orders:
    """Orders in which to remove a sample's steps; the steps of a segment have one weight and stay together."""

    def __init__(self, model: Classifier, sample: np.ndarray, weights: np.ndarray) -> None:
        self.steps = _removable_steps(sample)
        self.segments = (np.arange(len(sample)) + model.settings.leading_zeros) // model.settings.segment
        self.weights = np.bincount(self.segments, weights)  # of each segment

    def by(self, key: np.ndarray) -> np.ndarray:
        """The steps sorted by the `key` of their segments; steps of equal keys keep their order."""
        return self.steps[np.argsort(key[self.segments[self.steps]], kind="stable")]

    def shuffled(self, random: np.random.Generator) -> np.ndarray:
        """The steps in a random order of segments."""
        return self.by(random.permutation(len(self.weights)))


def _remove(sample: np.ndarray, order: np.ndarray, share: float) -> np.ndarray:
    """Remove the first `share` of the steps in `order`."""
    removed = order[: int(share * len(order) + 0.5)]
    if sample.ndim == 1:
        return np.delete(sample, removed)
    replaced = sample.copy()
    replaced[removed] = sample[_removable_steps(sample)].mean(axis=0)
    return replaced


def _verdict(area: float, spread: float, samples: int, largest: float) -> str:
    noise = max(NOISE_DEVIATIONS * spread, SMALLEST_AREA)
    is_more, is_less = area > noise, area < -noise
    compared = "more than" if is_more else "less than" if is_less else "no more than"
    conclusion = (
        "so this model's predictions do depend on the attended steps, but attention is not by itself an explanation"
        if is_more
        else "so do not read this attention as an explanation"
    )
    return (
        f"Attended steps matter {compared} random ones: with up to {largest:.0%} of the steps of {samples} "
        f"sample{'s' * (samples > 1)} removed, the area between the curves is {area:.3f} in probability of the "
        f"predicted class, and random orders differ by up to {noise:.3f}, {conclusion} (Jain & Wallace 2019)."
    )


def plot_deletion(deletion: Deletion | pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw the probability of the predicted class as steps are removed: most attended first, least first, at random.

    Args:
        deletion: the result of `deletion_curve`, or its `curve`.
        title: a title for the figure.
        ax: matplotlib axes to draw on instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("deletion.png")` writes it; a notebook shows it.

    Raises:
        TypeError: `deletion` is not the result of `deletion_curve`.

    Example:
        >>> shares = pd.Index([0, 0.5], name="share_removed")
        >>> columns = {"most_attended": [0.9, 0.4], "random": [0.9, 0.7], "random_spread": [0, 0.1]}
        >>> figure = plot_deletion(pd.DataFrame({**columns, "least_attended": [0.9, 0.9]}, index=shares))
        >>> figure.axes[0].get_xlabel()
        'share of steps removed'
    """
    where = "plot_deletion"
    curve = getattr(deletion, "curve", deletion)
    if not isinstance(curve, pd.DataFrame) or not set(CURVE_COLUMNS) <= set(curve.columns):
        problem = f"deletion must be what deletion_curve returned, got {type(deletion).__name__}."
        raise InvalidType(where, problem, argument="deletion")
    with readable_fonts([title]) as write:
        figure, (panel,) = canvas.prepare_panels(where, ax, ["curves"], size=(6.4, 3.8))
        canvas.style_panel(panel, write, xlabel="share of steps removed", ylabel="mean probability of predicted class")
        x, low = curve.index.to_numpy(float), curve["random"] - curve["random_spread"]
        panel.fill_between(x, low, curve["random"] + curve["random_spread"], color=canvas.DARK, alpha=0.15, lw=0)
        for name, look in LINE_LOOKS.items():
            panel.plot(x, curve[name], label=name.replace("_", " "), marker="o", markersize=3.2, **look)
        panel.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        canvas.draw_legend(panel)
        canvas.finish_figure(figure, [panel], write, title, owned=ax is None)
    return figure
