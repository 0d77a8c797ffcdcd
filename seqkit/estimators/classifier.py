"""A classifier of series or texts, as an estimator of scikit-learn's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from seqkit.classification.train import train_classifier
from seqkit.estimators.shared import SampleEstimator, random_numbers_given_back, require_answers


class SeqkitClassifier(ClassifierMixin, SampleEstimator):
    """`train_classifier` as an estimator of scikit-learn's: `Pipeline`, `cross_val_score` and `GridSearchCV` take it.

    X is one of

    - an array `[B, T, F]`;
    - a list of series of any length, arrays `[T_i, F]` or `[T_i]`;
    - a list or a column of texts;
    - a table or an array `[B, T]`, whose columns are timesteps of one feature.

    Parameters are those of `train_classifier` and `build_classifier`, None for their default.

    Args:
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each recurrent layer and direction.
        bidirectional: read in both directions.
        dropout: fraction dropped after each recurrent layer.
        attention: `"tanh"`, `"dense"`, `"weighted_tanh"`, `"layers"`, `"features"`, several of them, or `"none"`.
        convolution: a branch beside the recurrent layers; None chooses it by the samples.
        scaling: of series: `"standard"`, `"series"` or `"none"`.
        missing: `"refuse"` makes a missing value an error; `"mask"` skips its timestep.
        class_weight: `"auto"`, `"balanced"`, `"none"` (or None), or a dict of class to weight.
        vocabulary: words of a text classifier; learnt from the texts by default.
        most_words: the most words to learn.
        embedding: size of a word's embedding.
        folds: fifths of the samples that are held out in turn to choose the epochs; 0 for none.
        epochs: the most epochs.
        batch_size: samples in a gradient step.
        learning_rate: a number, or a schedule of Keras's.
        callbacks: Keras's; each fit works on a copy of them.
        random_state: a number, a `RandomState`, or None.
        verbose: 0 for silence, `"auto"` for a progress bar.

    Attributes:
        model_: the trained `Classifier`, a Keras model.
        classes_: the classes, sorted, in the order of the probabilities.
        n_features_in_: columns of a table `[B, T]`; else F. Texts have none.
        feature_names_in_: the column names of a DataFrame, where all are strings.

    Example:
        >>> import numpy as np, seqkit as sk
        >>> recordings = [np.ones((5, 3)), np.zeros((7, 3)), np.ones((6, 3)), np.zeros((4, 3))]
        >>> estimator = sk.SeqkitClassifier(units=4, folds=0, epochs=2, random_state=0)
        >>> estimator.fit(recordings, ["walk", "run", "walk", "run"]).predict_proba(recordings).shape
        (4, 2)
    """

    reads_texts = True

    def __init__(
        self,
        *,
        cell: str = "lstm",
        units: int | Sequence[int] = 64,
        bidirectional: bool = True,
        dropout: float | Sequence[float] = 0.5,
        attention: str | Sequence[str] = "tanh",
        convolution: str | None = None,
        scaling: str = "standard",
        missing: str = "refuse",
        class_weight: str | Mapping[Any, float] | None = "auto",
        vocabulary: Any = None,
        most_words: int | None = None,
        embedding: int = 300,
        folds: int | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: Any = None,
        callbacks: Any = None,
        random_state: Any = None,
        verbose: Any = 0,
    ) -> None:
        """Store the parameters; `fit` checks them."""
        self.cell = cell
        self.units = units
        self.bidirectional = bidirectional
        self.dropout = dropout
        self.attention = attention
        self.convolution = convolution
        self.scaling = scaling
        self.missing = missing
        self.class_weight = class_weight
        self.vocabulary = vocabulary
        self.most_words = most_words
        self.embedding = embedding
        self.folds = folds
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any) -> SeqkitClassifier:  # noqa: N803  # scikit-learn's name
        """Train on samples and their classes `[B]`.

        Raises:
            TypeError, ValueError: samples, classes or parameters that scikit-learn or `train_classifier` refuse.
        """
        y = column_or_1d(require_answers(self, y), warn=True)
        samples = self.samples_to_fit(X)
        check_consistent_length(samples, y)
        check_classification_targets(y)
        options = self.recipe_options("class_weight")
        with random_numbers_given_back(options["seed"]):
            model = train_classifier(samples, y, class_weight=self.class_weight or "none", **options)
        self.model_, self.classes_ = model, np.unique(y)
        return self

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """The most probable class of each sample, `[B]`."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803
        """The probability of each class, `[B, K]`."""
        check_is_fitted(self, "model_")
        return self.model_.predict(self.samples_to_answer("predict", X), verbose=0)
