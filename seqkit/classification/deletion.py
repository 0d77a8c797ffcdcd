"""Whether a classifier's answer depends on the steps it attends to: take them away and see."""

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
from seqkit.classification.attended import StepReader
from seqkit.classification.model import Classifier
from seqkit.drawing import canvas as _canvas
from seqkit.drawing.fonts import readable

SHARES = (0, 0.05, 0.1, 0.2, 0.3, 0.5)
CURVES = ("most_attended", "random", "random_spread", "least_attended")
SPREADS = 3  # with five random orders one more of them goes beyond in about 1 of 20 cases (Student's t)
LEAST_AREA = 0.01  # of probability; less matters to nobody, even if it is no chance
LOOKS: dict[str, dict[str, Any]] = {
    "most_attended": {"color": _canvas.ORANGE, "linewidth": 1.8},
    "random": {"color": _canvas.DARK, "linewidth": 1.3, "linestyle": (0, (2, 1.2))},
    "least_attended": {"color": _canvas.BLUE, "linewidth": 1.6, "linestyle": (0, (5, 1.5))},
}


class Deletion(NamedTuple):
    """What `deletion_curve` measured."""

    curve: pd.DataFrame  # on share removed: most_attended, random, random_spread, least_attended (probabilities)
    area: float  # between random and most_attended, as a mean over the shares: probability
    verdict: str


def deletion_curve(
    model: Classifier, x: Any, *, shares: Sequence[float] = SHARES, seed: int = 0, repeats: int = 5
) -> Deletion:
    """Measure what the predicted class loses when the attended steps are taken away.

    Attention is not by itself an explanation (Jain & Wallace 2019). Here a growing share of each sample's steps is
    removed in the order of their weights, and in random orders for comparison (the deletion curve of Samek et al.
    2017). If the answer rests on the attended steps, it falls faster than at random. It often does not: the weights
    are those of the recurrent layers' states, which know of the steps read before (in both directions, of all), so
    that the step where much weight lies need not be the one that decided.

    A word is taken out of the text and the rest closes up; where none is left the model reads an empty text. A step of
    a series is replaced by the mean of that sample's own feature over its known steps, so that the length stays. Where
    attention is over segments of several steps, random orders take whole segments too. Samples with removed steps
    are unlike those the model learned from (Hooker et al. 2019): compare the curves rather than their heights.

    Args:
        model: a classifier with attention over steps.
        x: series or texts, as `model.predict` takes them.
        shares: of the steps to remove, from 0 to 1, two or more that rise; rounded to whole steps of each sample.
        seed: of the random orders.
        repeats: random orders of each sample, 2 or more.

    Returns:
        `Deletion`: `curve`, a row for each share with the mean probability of the class that was predicted on the
        whole sample (with `multi_label` the most probable one), where `random_spread` is the standard deviation over
        the repeats; `area` between `random` and `most_attended`, above 0 where attended steps matter more;
        `verdict`, a sentence.

    Raises:
        TypeError, ValueError: the model is no classifier, has no attention over steps, or cannot read `x`; a text
            without words; shares or repeats out of their range.

    Example:
        >>> from seqkit import build_classifier
        >>> model = build_classifier(like=["so good", "bad , so bad"], labels=["pos", "neg"], units=3, embedding=2)
        >>> deletion_curve(model, ["so good , so good"], shares=(0, 0.2, 1), repeats=2).curve.columns.tolist()
        ['most_attended', 'random', 'random_spread', 'least_attended']
    """
    where = "deletion_curve"
    removed = _checked_shares(where, shares)
    repeats = _checks.whole_number(where, "repeats", repeats, least=2)
    random = np.random.default_rng(_checks.whole_number(where, "seed", seed, least=0))
    reader = StepReader(model, where)
    samples = reader.samples(x)
    empty = [position for position, one in enumerate(samples) if not len(one)]
    if empty:
        raise InvalidValue(where, f"text {empty[0]} has no words to remove.", "Leave it out.")
    whole = reader.read(samples)
    predicted = whole.probabilities.argmax(axis=1)

    def probability(order: Sequence[np.ndarray]) -> np.ndarray:
        """Of the predicted class, a mean for each share."""
        found = []
        for share in removed:
            kept = [_without(one, steps, share) for one, steps in zip(samples, order, strict=True)]
            found.append(reader.read(kept).probabilities[np.arange(len(kept)), predicted].mean())
        return np.array(found)

    orders = [_Orders(model, one, weights) for one, weights in zip(samples, whole.weights, strict=True)]
    most = probability([one.by(-one.weights) for one in orders])
    least = probability([one.by(one.weights) for one in orders])
    repeated = [probability([one.shuffled(random) for one in orders]) for _ in range(repeats)]
    return _compared(removed, most, np.stack(repeated), least, len(samples))


def _compared(removed: np.ndarray, most: np.ndarray, repeated: np.ndarray, least: np.ndarray, samples: int) -> Deletion:
    """Curves `(S,)`, and of random orders `(repeats, S)`, as a table with a verdict."""
    columns = (most, repeated.mean(axis=0), repeated.std(axis=0, ddof=1), least)
    index = pd.Index(removed, name="share_removed")
    curve = pd.DataFrame(dict(zip(CURVES, columns, strict=True)), index=index)
    areas = np.trapezoid(repeated - most, removed, axis=1) / (removed[-1] - removed[0])
    area = float(areas.mean())
    return Deletion(curve, area, _verdict(area, float(areas.std(ddof=1)), samples, removed[-1]))


def _checked_shares(where: str, shares: Sequence[float]) -> np.ndarray:
    found = np.asarray(shares, dtype=float)
    if found.ndim != 1 or len(found) < 2 or not (np.diff(found) > 0).all() or not 0 <= found[0] <= found[-1] <= 1:
        raise InvalidValue(
            where, f"shares must be two or more that rise from 0 to 1, got {shares!r}.", argument="shares"
        )
    return found


def _known_steps(sample: np.ndarray) -> np.ndarray:
    """The numbers of the steps that can be removed; those with missing values the model skips anyway."""
    return np.arange(len(sample)) if sample.ndim == 1 else np.flatnonzero(~np.isnan(sample).any(axis=1))


class _Orders:
    """Orders in which to remove a sample's steps; those of a segment, which share one weight, stay together."""

    def __init__(self, model: Classifier, sample: np.ndarray, weights: np.ndarray) -> None:
        self.steps = _known_steps(sample)
        self.segments = (np.arange(len(sample)) + model.settings.front) // model.settings.segment
        self.weights = np.bincount(self.segments, weights)  # of each segment

    def by(self, key: np.ndarray) -> np.ndarray:
        """Steps in the order of a rising number of each segment, the first of equals before."""
        return self.steps[np.argsort(key[self.segments[self.steps]], kind="stable")]

    def shuffled(self, random: np.random.Generator) -> np.ndarray:
        """Steps in a random order."""
        return self.by(random.permutation(len(self.weights)))


def _without(sample: np.ndarray, order: np.ndarray, share: float) -> np.ndarray:
    """The sample without the first `share` of the steps in `order`."""
    gone = order[: int(share * len(order) + 0.5)]
    if sample.ndim == 1:
        return np.delete(sample, gone)
    replaced = sample.copy()
    replaced[gone] = sample[_known_steps(sample)].mean(axis=0)
    return replaced


def _verdict(area: float, spread: float, samples: int, largest: float) -> str:
    noise = max(SPREADS * spread, LEAST_AREA)
    is_more, is_less = area > noise, area < -noise
    compared = "more than" if is_more else "less than" if is_less else "no more than"
    rest = (
        "so the attention does tell what this model's answers rest on, though it is not by itself an explanation"
        if is_more
        else "so do not read this attention as an explanation"
    )
    return (
        f"Attended steps matter {compared} random ones: with up to {largest:.0%} of the steps of {samples} "
        f"sample{'s' * (samples > 1)} removed, the area between the curves is {area:.3f} in probability of the "
        f"predicted class, where a random order stays within {noise:.3f} of the others, {rest} (Jain & Wallace 2019)."
    )


def plot_deletion(deletion: Deletion | pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw what the predicted class loses when steps are removed, most attended, least attended and at random.

    Args:
        deletion: what `deletion_curve` returned, or its `curve`.
        title: a title for the figure.
        ax: matplotlib axes to draw on instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("deletion.png")` writes it; a notebook shows it.

    Raises:
        TypeError: `deletion` is not what `deletion_curve` returned.

    Example:
        >>> shares = pd.Index([0, 0.5], name="share_removed")
        >>> columns = {"most_attended": [0.9, 0.4], "random": [0.9, 0.7], "random_spread": [0, 0.1]}
        >>> figure = plot_deletion(pd.DataFrame({**columns, "least_attended": [0.9, 0.9]}, index=shares))
        >>> figure.axes[0].get_xlabel()
        'share of steps removed'
    """
    where = "plot_deletion"
    curve = getattr(deletion, "curve", deletion)
    if not isinstance(curve, pd.DataFrame) or not set(CURVES) <= set(curve.columns):
        raise InvalidType(
            where, f"deletion must be what deletion_curve returned, got {type(deletion).__name__}.", argument="deletion"
        )
    with readable([title]) as write:
        figure, (panel,) = _canvas.panels_for(where, ax, ["curves"], size=(6.4, 3.8))
        _canvas.dress(panel, write, xlabel="share of steps removed", ylabel="mean probability of predicted class")
        at, low = curve.index.to_numpy(float), curve["random"] - curve["random_spread"]
        panel.fill_between(at, low, curve["random"] + curve["random_spread"], color=_canvas.DARK, alpha=0.15, lw=0)
        for name, look in LOOKS.items():
            panel.plot(at, curve[name], label=name.replace("_", " "), marker="o", markersize=3.2, **look)
        panel.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        _canvas.legend(panel)
        _canvas.finish(figure, [panel], write, title, owned=ax is None)
    return figure
