"""The tagger: a Keras model that reads sentences or series and answers with a tag for every step."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from reprlib import repr as shortened
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit import _checks
from seqkit.layers.scaling import StandardScaling
from seqkit.models import _fitting as fitting
from seqkit.models import _tagger_batches as padded
from seqkit.models import _tagger_inputs as inputs
from seqkit.models import _tagger_tags as tag_rows
from seqkit.models._classifier_labels import Label
from seqkit.models._rebuilt import RebuiltModel
from seqkit.models._tagger_network import tagger_network
from seqkit.models._tagger_serving import export_tagger
from seqkit.models._tagger_settings import TaggerSettings
from seqkit.models._tagger_words import WordReader
from seqkit.models._tokens import flat
from seqkit.vocabulary import Vocabulary

BATCH = 32
OURS = (list, tuple, pd.Series, pd.Index, pd.DataFrame)
TEXT = "OUST"  # kinds of NumPy's arrays of strings


class TaggedToken(NamedTuple):
    """A word or mark, and its tag."""

    token: str
    tag: Label


@keras.saving.register_keras_serializable("seqkit")
class Tagger(RebuiltModel):
    """A compiled `keras.Model` from sequences to a tag for every step; made by `build_tagger`.

    Tags, vocabulary, characters and scaling are inside. `fit`, `evaluate`, `predict` and the methods below take
    sentences (each a list of tokens, or a raw string that is split), the dict `{"words": sentences, "extra": features}`
    where it was built with one, or series (an array `[B, T, F]` or a list of `[T_i, F]`), with a list of tags for each;
    or whatever Keras takes: tf.data batches of dicts of arrays, with numbers of tags `[B, T]`, -1 where there is none.

    The graph itself answers `{"scores", "tags", "probabilities"}`. Its loss is in nats a step: of the sequence's tags
    together with `output="crf"`, of each step's tag by itself with `"softmax"`; while it trains, that of guessing
    neighbours is added (`neighbours`). Accuracy leaves out padding.

    Shapes: B sequences, T steps, F features, K tags.

    Attributes:
        settings: what it is made of, checked and complete.
        tags: the tags, in the order of the probabilities.
        vocabulary: of a tagger of words, else None.
        chosen_epochs: how long `train_tagger` trained it, else None.
        validation_history: the validation curve that chose it; None without one, and after loading.
    """

    def __init__(
        self, settings: TaggerSettings | dict[str, Any], *, chosen_epochs: int | None = None, **kwargs: Any
    ) -> None:
        """Connect the layers."""
        if isinstance(settings, dict):
            settings = TaggerSettings.from_config(settings)
        network = tagger_network(settings)
        super().__init__(inputs=network.inputs, outputs=network.outputs, **kwargs)
        self.settings = settings
        self.chosen_epochs = chosen_epochs
        self.validation_history: dict[str, list[float]] | None = None
        self.vocabulary = Vocabulary(settings.words, settings.splitting) if settings.is_text else None
        self._scaling, self._crf = network.scaling, network.crf
        self._reader: WordReader | None = None
        self._answers = padded.Answers(self)

    @property
    def tags(self) -> tuple[Label, ...]:
        """The tags, in the order of the probabilities."""
        return self.settings.tags

    @property
    def reader(self) -> WordReader:
        """From tokens to numbers."""
        if self._reader is None:
            own = self.settings
            self._reader = WordReader(own.words, own.characters, own.extras)
        return self._reader

    def get_config(self) -> dict[str, Any]:
        """Plain values from which `__init__` makes the same network."""
        return {"settings": self.settings.to_config(), "chosen_epochs": self.chosen_epochs, "name": self.name}

    def adapt(self, x: Any) -> None:
        """Take mean and spread from the training series."""
        if isinstance(self._scaling, StandardScaling):
            self._scaling.adapt(np.concatenate(inputs.as_series("adapt", x, self.settings.features)))

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Nats a step, over all steps of a batch that have a tag."""
        y = ops.cast(y, "int32")
        known, scores = y >= 0, y_pred["scores"]
        if self._crf is not None:
            found = -self._crf.log_likelihood(scores, y, known)  # (B,)
        else:
            chosen = ops.expand_dims(ops.maximum(y, 0), -1)
            said = ops.squeeze(ops.take_along_axis(ops.log_softmax(scores, axis=-1), chosen, axis=-1), -1)
            found = -ops.sum(said * ops.cast(known, said.dtype), axis=1)
        steps = ops.sum(ops.cast(known, "float32"), axis=1)
        if sample_weight is not None:
            weights = ops.reshape(ops.cast(sample_weight, "float32"), (-1,))
            found, steps = found * weights, steps * weights
        return ops.sum(found) / ops.maximum(ops.sum(steps), 1e-6) + sum(self.losses)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Compare the best tags, where there are any."""
        known = ops.cast(y >= 0, "float32")
        if sample_weight is not None:
            known = known * ops.reshape(ops.cast(sample_weight, "float32"), (-1, 1))
        return super().compute_metrics(x, *flat(y, y_pred["tags"], known))

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        *,
        validation_data: Any = None,
        shuffle: bool = True,
        sample_weight: Any = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """`keras.Model.fit`, which also takes sentences or series, and tags as they are.

        Args:
            x: sentences or series, as the class says.
            y: a list of tags for each, one a step.
            batch_size: sequences in a batch, 32 by default; shuffled ones are of about the same length.
            epochs: times through all sequences.
            validation_data: a pair `(x, y)` like these, or `(x, y, sample_weight)`.
            shuffle: a new order each epoch.
            sample_weight: a number for each sequence.
            kwargs: anything else `keras.Model.fit` takes.

        Returns:
            Keras's history.

        Raises:
            TypeError, ValueError: tags missing, unknown to the model, or not as many as there are tokens or steps;
                sentences without tokens; series with missing values; a model that has not been adapted.
        """
        self._refuse_unadapted("fit")
        if y is None and self._is_ours(x):
            raise ValueError("fit: the tags are missing. Pass fit(x, y).")
        if y is None:
            fitting.refuse_beside_batches(batch_size=batch_size, sample_weight=sample_weight)
        else:
            fitting.refuse_options(kwargs, "sequences of tags", "class_weight")
            x = self.batches("fit", x, y, batch_size, shuffle, sample_weight)
        if isinstance(validation_data, (tuple, list)):
            held_x, held_y, held_weights = fitting.held_parts(validation_data)
            validation_data = self.batches("fit: validation_data", held_x, held_y, batch_size, weights=held_weights)
        return super().fit(x, epochs=epochs, validation_data=validation_data, shuffle=False, **kwargs)

    def batches(
        self,
        where: str,
        x: Any,
        y: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        weights: Any = None,
        passes: int = 1,
    ) -> Any:
        """Sequences with their tags as batches for Keras; see `_tagger_batches.batches`."""
        samples, rows = self._samples(where, x)
        given = tag_rows.as_rows(where, y)
        inputs.pair_up(where, rows, given, "tags", "tokens" if self.settings.is_text else "steps")
        if self.settings.is_text:
            inputs.refuse_empty(where, rows)
        size = BATCH if batch_size is None else _checks.whole_number(where, "batch_size", batch_size)
        targets = tag_rows.encode(where, given, self.tags)
        if self._crf is not None and self.settings.spans:
            tag_rows.refuse_impossible(where, given, targets, self.tags)
        weights = fitting.checked_weights(where, weights, len(samples), "sequences")
        return padded.batches(samples, targets, batch_size=size, shuffle=shuffle, weights=weights, passes=passes)

    def _samples(self, where: str, x: Any) -> tuple[list[padded.Sample], Sequence[Any]]:
        """What the network reads of each sequence, and the tokens or steps themselves."""
        own = self.settings
        if not own.is_text:
            series = inputs.as_series(where, x, own.features)
            return [{"series": one} for one in series], series
        found = inputs.as_sentences(where, x, own.splitting)
        if bool(own.extras) != (found.extra is not None):
            raise ValueError(
                f"{where}: the tagger was built with an extra feature for each token. Pass "
                "{'words': sentences, 'extra': features}."
                if own.extras
                else f"{where}: the tagger was built without an extra feature. Pass the sentences alone."
            )
        return list(self.reader.samples(found.tokens, found.extra)), found.tokens

    def _is_ours(self, x: Any) -> bool:
        if isinstance(x, Mapping):
            return inputs.WORDS in x and self._is_ours(x[inputs.WORDS])
        if isinstance(x, np.ndarray):
            return not self.settings.is_text or x.dtype.kind in TEXT
        return x is None or np.isscalar(x) or isinstance(x, OURS)

    def _refuse_unadapted(self, where: str) -> None:
        if not getattr(self._scaling, "is_adapted", True):
            raise ValueError(
                f"{where}: the tagger has not seen the training series yet, from which it takes mean and spread. Build "
                "with like=x, or call model.adapt(x) first."
            )

    def evaluate(self, x: Any = None, y: Any = None, batch_size: int | None = None, **kwargs: Any) -> Any:
        """`keras.Model.evaluate` on sentences or series and tags."""
        self._refuse_unadapted("evaluate")
        if y is None and self._is_ours(x):
            raise ValueError("evaluate: the tags are missing. Pass evaluate(x, y).")
        return super().evaluate(self.batches("evaluate", x, y, batch_size) if y is not None else x, **kwargs)

    def predict(self, x: Any, batch_size: int | None = None, **kwargs: Any) -> Any:
        """Probabilities `[B, T, K]`, 0 after the end of a sequence; of Keras's own inputs all the graph's answers."""
        self._refuse_unadapted("predict")
        if not self._is_ours(x):
            return super().predict(x, batch_size, **kwargs)
        unknown = set(kwargs) - {"verbose", "steps", "callbacks"}
        if unknown:
            raise TypeError(f"predict: there is no argument {min(unknown)!r}.")
        answers = self.answers("predict", x, batch_size)
        found = np.zeros((len(answers), max(len(one) for _, one in answers), len(self.tags)), "float32")
        for row, (_, probabilities) in zip(found, answers, strict=True):
            row[: len(probabilities)] = probabilities
        return found

    def answers(self, where: str, x: Any, batch_size: int | None = None) -> list[tuple[np.ndarray, np.ndarray]]:
        """Numbers of tags `[T_i]` and probabilities `[T_i, K]` of each sequence."""
        self._refuse_unadapted(where)
        samples, rows = self._samples(where, x)
        size = BATCH if batch_size is None else _checks.whole_number(where, "batch_size", batch_size)
        order = np.argsort([len(row) for row in rows], kind="stable")
        found: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        for first in range(0, len(order), size):
            chosen = order[first : first + size]
            said = self._answers([samples[place] for place in chosen])
            for place, tags, probabilities in zip(chosen, said["tags"], said["probabilities"], strict=True):
                found[place] = tags[: len(rows[place])], probabilities[: len(rows[place])]
        return [found[place] for place in range(len(rows))]

    def predict_tags(self, x: Any, batch_size: int | None = None) -> list[list[Label]]:
        """The tags of each sequence: with a CRF those of the best path, else the most probable of each step."""
        return [tag_rows.decode(tags, self.tags) for tags, _ in self.answers("predict_tags", x, batch_size)]

    def predict_proba(self, x: Any, batch_size: int | None = None) -> list[pd.DataFrame]:
        """Probabilities of each sequence as a DataFrame, a row for each step and a column for each tag."""
        columns = pd.Index(list(self.tags), name="tag")
        answers = self.answers("predict_proba", x, batch_size)
        return [pd.DataFrame(probabilities, columns=columns) for _, probabilities in answers]

    def tag(self, text: str | Sequence[str]) -> list[Any]:
        """Tokens of a raw string with their tags; of several strings a list of these.

        Args:
            text: one string, or a list of them. They are split as `splitting=` of the builder says.

        Returns:
            A list of `TaggedToken`, pairs of token and tag; for several strings a list of such lists.
        """
        if not self.settings.is_text:
            raise TypeError("tag: this tagger reads series of numbers. Use predict_tags(series).")
        is_many = isinstance(text, (*OURS, np.ndarray)) and not isinstance(text, pd.DataFrame)
        if not isinstance(text, str) and not (is_many and all(isinstance(one, str) for one in text)):
            raise TypeError(
                f"tag: a string or a list of strings is needed, got {shortened(text)}. Lists of tokens go to "
                "predict_tags."
            )
        texts = [text] if isinstance(text, str) else list(text)
        if not texts:
            return []
        tokens = inputs.as_sentences("tag", texts, self.settings.splitting).tokens
        tagged = [
            [TaggedToken(*pair) for pair in zip(row, tags, strict=True)]
            for row, tags in zip(tokens, self.predict_tags(texts), strict=True)
        ]
        return tagged[0] if isinstance(text, str) else tagged

    def network_input(self, x: Any, where: str) -> dict[str, np.ndarray]:
        """What the graph reads, by name."""
        return padded.pad(self._samples(where, x)[0])

    def export(self, filepath: str | os.PathLike[str], format: str = "tf_saved_model", **kwargs: Any) -> Any:
        """Write a SavedModel: raw strings or arrays in, tags and their probabilities out, by name.

        Endpoints: of words, `serve` takes `text` `[B]` and splits it, `serve_tokens` takes `tokens` `[B, T]`, filled up
        with `""`; with an extra feature there is `serve` alone, which takes a dict of `tokens` and `extra`. Of series,
        `serve` takes `series` `[B, T, F]`, filled up with NaN. All return `tags` `[B, T]` as strings, `""` after the
        end, and `probabilities` `[B, T, K]`; of words also `tokens`. `describe` returns the tags. Any other `format`
        goes to `keras.Model.export`.
        """
        if format != "tf_saved_model":
            return super().export(filepath, format=format, **kwargs)
        self._refuse_unadapted("export")
        return export_tagger(self, filepath)
