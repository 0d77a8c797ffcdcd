"""compare_attention: whether attention helps a classifier, with everything else equal, on held-out samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedShuffleSplit

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.classification.train import train_classifier
from seqkit.data import labels as class_labels
from seqkit.task.jobs import check_jobs, run_jobs
from seqkit.task.progress import AUTO, check_verbose, keras_verbose
from seqkit.task.recipe import pick_samples

WHERE = "compare_attention"
Attention = str | Sequence[str]


def compare_attention(
    x: Any,
    y: Any,
    attention: Sequence[Attention] = ("none", "dense", "tanh"),
    *,
    seeds: int | Sequence[int] = 5,
    held_out: float = 0.2,
    jobs: int = 1,
    verbose: Any = AUTO,
    **options: Any,
) -> pd.DataFrame:
    """Train a classifier with each kind of attention, and compare their accuracy on samples held out.

    The classifiers of one seed have the same training samples, the same held-out samples and the same arguments; they
    differ in `attention=` alone. By default they are the articles' network: one direction and no convolution, so that
    without attention the last step alone decides. The epochs are chosen within the training samples.

    Args:
        x: series or texts, as in `train_classifier`.
        y: their labels, one for each sample.
        attention: the kinds to compare, as `build_classifier` takes them.
        seeds: how many seeds, or the seeds. Each one holds out other samples.
        held_out: the share of samples that is held out, the same share of every class.
        jobs: trainings at once; -1 for all cores. With more than 1, joblib runs them in processes of their own, about
            1 GB each, or where `joblib.parallel_config(backend=...)` says. The result is the same.
        verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence, 1 and 2 for Keras's progress.
        options: of `train_classifier` and `build_classifier`, the same for all.

    Returns:
        A DataFrame with a row for each kind of attention: `accuracy`, the mean over the seeds; `spread`, the standard
        deviation over them; and a column for each seed.

    Raises:
        TypeError, ValueError: what `train_classifier` refuses; fewer than two samples of a class.
        RuntimeError: a worker process was killed.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> x, y = np.random.default_rng(0).normal(size=(20, 5, 1)), ["low", "high"] * 10
        >>> found = sk.compare_attention(x, y, ("none", "dense"), seeds=1, units=2, epochs=1, verbose=0)
        >>> found.index.tolist()
        ['none', 'dense']
    """
    labels = np.array(class_labels.plain(WHERE, y))
    samples = x if isinstance(x, np.ndarray) else list(x)
    if len(samples) != len(labels):
        raise InvalidValue(WHERE, f"{len(samples)} samples and {len(labels)} labels.", "They must pair up.", "y")
    seed_list = range(_checks.whole_number(WHERE, "seeds", seeds)) if not isinstance(seeds, Sequence) else seeds
    held_out = _checks.fraction(WHERE, "held_out", held_out)
    jobs, verbose = check_jobs(WHERE, jobs), check_verbose(WHERE, verbose)
    options = {"bidirectional": False, "convolution": "none", "verbose": keras_verbose(verbose), **options}
    trainings = [(kind, seed) for seed in seed_list for kind in attention]
    accuracies = run_jobs(
        WHERE,
        held_out_accuracy,
        [(samples, labels, held_out, {"attention": kind, "seed": seed, **options}) for kind, seed in trainings],
        names=[f"{_name(kind)} of seed {seed}" for kind, seed in trainings],
        jobs=jobs,
        unit="training",
        verbose=verbose,
    )
    rows: dict[str, dict[int, float]] = {_name(kind): {} for kind in attention}
    for (kind, seed), accuracy in zip(trainings, accuracies, strict=True):
        rows[_name(kind)][seed] = accuracy
    scores = pd.DataFrame(rows).T.rename_axis("attention").rename(columns=lambda seed: f"seed {seed}")
    scores.insert(0, "accuracy", scores.mean(axis=1))
    scores.insert(1, "spread", scores.iloc[:, 1:].std(axis=1, ddof=0))
    return scores


def held_out_accuracy(
    _: dict[str, Any], samples: Any, labels: np.ndarray, held_out: float, options: dict[str, Any]
) -> float:
    """Train a classifier, and return its accuracy on the samples that its seed holds out."""
    train, test = _split(labels, held_out, options["seed"])
    model = train_classifier(pick_samples(samples, train), labels[train], **options)
    right = np.array(model.predict_classes(pick_samples(samples, test))) == labels[test]
    return float(right.mean())


def _name(kind: Attention) -> str:
    return kind if isinstance(kind, str) else " and ".join(kind)


def _split(labels: np.ndarray, held_out: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions to train on and to score, with the same shares of every class."""
    splitter = StratifiedShuffleSplit(n_splits=1, test_size=held_out, random_state=seed)
    try:
        (positions,) = splitter.split(labels, labels)
    except ValueError as error:
        counts = pd.Series(labels).value_counts()
        problem = f"{len(labels)} samples of {len(counts)} classes cannot be held out in equal shares: {counts.min()} "
        problem += f"of class {counts.idxmin()!r}, held_out={held_out}."
        raise InvalidValue(WHERE, problem, "Pass more samples of each class.", "held_out") from error
    return positions
