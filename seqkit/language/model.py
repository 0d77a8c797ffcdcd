"""The language model: a Keras model that reads raw text and says which word or character comes next."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from seqkit import _checks
from seqkit.language import inputs
from seqkit.language.network import LanguageNetwork
from seqkit.language.perplexity import Perplexity
from seqkit.language.serving import export_language_model
from seqkit.language.settings import LanguageSettings
from seqkit.language.states import CarriedStates, ResetStates
from seqkit.language.writing import WritingModel
from seqkit.layers.output_bias import log_shares
from seqkit.task import fitting
from seqkit.text.tokens import flat, token_weights
from seqkit.text.vocabulary import START, Vocabulary

BATCH = 32
STREAMS = 20  # that one long text is cut into (Zaremba et al. 2014)


@keras.saving.register_keras_serializable("seqkit")
class LanguageModel(WritingModel):
    """A compiled `keras.Model` from words `[B, T]` to the probabilities of the next `[B, T, V]`.

    Made by `build_language_model`. The vocabulary is inside: `fit`, `evaluate`, `predict` and the methods below take
    raw text; or whatever Keras takes: batches of numbers `[B, T]` and of the numbers that follow, where 0 is left
    out of the loss. It is recurrent, so a prompt of any length is read whole.

    The loss is the cross-entropy of a token in nats, the mark of a text's end a token too; `perplexity` is exp of its
    mean over all tokens. An unknown word counts as one token, which stands for all of them: compare perplexities
    only between models of the same vocabulary.

    Shapes: B texts, T timesteps, V numbers of the vocabulary.

    Attributes:
        settings: what it is made of, checked and complete.
        vocabulary: the words it knows.
        chosen_epochs: how long `train_language_model` trained it, else None.
        validation_history: the validation curve that chose it; None without one, and after loading.
    """

    def __init__(
        self, settings: LanguageSettings | dict[str, Any], *, chosen_epochs: int | None = None, **kwargs: Any
    ) -> None:
        """Connect the layers."""
        if isinstance(settings, dict):
            settings = LanguageSettings.from_config(settings)
        network = LanguageNetwork(settings)
        words = keras.Input((None,), dtype="int32", name="words")
        super().__init__(inputs=words, outputs=network.probabilities(network.read(words)[0]), **kwargs)
        self.settings = settings
        self.chosen_epochs = chosen_epochs
        self.validation_history: dict[str, list[float]] | None = None
        self.vocabulary = Vocabulary(settings.words, settings.splitting, settings.lower)
        self.network = network
        self._perplexity = Perplexity()
        self._carried: dict[str, CarriedStates | None] = {"train_function": None, "test_function": None}
        self._carrying: CarriedStates | None = None
        self._streams_of_validation = 0

    def get_config(self) -> dict[str, Any]:
        """Plain values from which `__init__` makes the same network."""
        return {"settings": self.settings.to_config(), "chosen_epochs": self.chosen_epochs, "name": self.name}

    def adapt(self, texts: Any) -> None:
        """Begin from how frequent each word is in the training texts: the output's bias is its log share.

        So training need not find that out step by step.
        """
        known = inputs.numbered("adapt", self.vocabulary, inputs.as_texts("adapt", texts))
        self.network.scores.bias.assign(log_shares([numbers[1:] for numbers in known], self.network.size))

    def save_own_variables(self, store: Any) -> None:
        """None but those of the layers; carried states belong to a fit."""

    def load_own_variables(self, store: Any) -> None:
        """None but those of the layers."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Probabilities of what follows each word; from where the batch before ended, where that is asked for."""
        states = self._carrying
        if states is None or states is not self._carried["train_function" if training else "test_function"]:
            return super().call(inputs, training=training, mask=mask)
        outputs, after = self.network.read(inputs, states.read(), training=training)
        states.write(after)
        return self.network.probabilities(outputs)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The compiled loss of every token that is not padding."""
        return super().compute_loss(x, y, y_pred, token_weights(y, sample_weight), training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The compiled metrics, and the perplexity, of every token that is not padding."""
        y, y_pred, weights = flat(y, y_pred, token_weights(y, sample_weight))
        self._perplexity.update_state(y, y_pred, weights)
        return super().compute_metrics(x, y, y_pred, weights)

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        *,
        validation_data: Any = None,
        shuffle: bool = True,
        callbacks: Any = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """`keras.Model.fit`, which also takes raw text.

        A continuous model reads texts one after another as streams side by side, and its state goes on from batch to
        batch until the epoch ends. Any other begins each text anew, in a new order each epoch.

        Args:
            x: one text or a list of texts; what follows each word is taken from them.
            y: left out, unless x is numbers.
            batch_size: texts in a batch, 32 by default; of a continuous model streams, 20 by default.
            epochs: times through all texts.
            validation_data: texts like these, or `(x, y)` of numbers.
            shuffle: a new order of separate texts each epoch.
            callbacks: Keras's callbacks.
            kwargs: anything else `keras.Model.fit` takes.

        Returns:
            Keras's history, with `perplexity`, and `loss` in nats a token, which Keras averages over batches.

        Raises:
            TypeError, ValueError: what is no text, a text without words, y beside texts.
        """
        streams, is_text = 0, inputs.is_ours(x)
        if is_text:
            self._refuse_beside("fit", y, kwargs)
            x, streams = self.batches("fit", x, batch_size, shuffle)
        self._streams_of_validation = 0
        if validation_data is not None and inputs.is_ours(validation_data):
            validation_data, self._streams_of_validation = self.batches(
                "fit: validation_data", validation_data, batch_size
            )
        with self._carry("train_function", streams) as states:
            if states is not None:
                callbacks = fitting.with_callback(callbacks, ResetStates(states))
            return super().fit(
                x,
                y,
                None if is_text else batch_size,
                epochs,
                validation_data=validation_data,
                shuffle=shuffle and not is_text,
                callbacks=callbacks,
                **kwargs,
            )

    def batches(self, where: str, x: Any, batch_size: int | None = None, shuffle: bool = False) -> inputs.Batches:
        """Texts as batches for Keras, `(words, words that follow)`."""
        settings = self.settings
        default = STREAMS if settings.continuous else BATCH
        size = default if batch_size is None else _checks.whole_number(where, "batch_size", batch_size)
        texts = inputs.numbered(where, self.vocabulary, inputs.as_texts(where, x))
        if settings.continuous:
            return inputs.stream_batches(texts, size, settings.timesteps, self.vocabulary.number_of(START))
        return inputs.separate_batches(inputs.separate_pieces(where, texts, settings.timesteps), size, shuffle)

    @staticmethod
    def _refuse_beside(where: str, y: Any, options: dict[str, Any]) -> None:
        given = {"y": y, **{name: options.get(name) for name in ("sample_weight", "class_weight")}}
        for name, value in given.items():
            if value is not None:
                raise ValueError(f"{where}: {name} cannot go with raw text, whose words are the targets. Leave it out.")
        if options.get("validation_split"):
            raise ValueError(f"{where}: validation_split cannot cut raw text. Pass validation_data=<other texts>.")

    @contextlib.contextmanager
    def _carry(self, function: str, streams: int) -> Iterator[CarriedStates | None]:
        """Within, batches go on where the one before them ended, if there are streams."""
        states = self._carried[function]
        if (states.streams if states else 0) != streams:  # Keras's compiled step holds the states it was traced with
            states = CarriedStates(self.network.stack, streams) if streams else None
            self._carried[function] = states
            setattr(self, function, None)
        before, self._carrying = self._carrying, states
        try:
            with states.known_to(self) if states else contextlib.nullcontext():
                yield states
        finally:
            self._carrying = before

    def evaluate(self, x: Any = None, y: Any = None, batch_size: int | None = None, **kwargs: Any) -> Any:
        """`keras.Model.evaluate` on texts, read as `fit` reads them: the mean loss of batches, and the perplexity."""
        streams = self._streams_of_validation if kwargs.get("_use_cached_eval_dataset") else 0
        if inputs.is_ours(x):
            self._refuse_beside("evaluate", y, kwargs)
            (x, streams), batch_size = self.batches("evaluate", x, batch_size), None
        with self._carry("test_function", streams) as states:
            if states is not None:
                states.reset()
            return super().evaluate(x, y, batch_size, **kwargs)

    def predict(self, x: Any, batch_size: int | None = None, **kwargs: Any) -> np.ndarray:
        """Probabilities of what comes next `[B, T, V]` after each word.

        Before the first stands the mark of a text's beginning, unless the model is continuous.
        """
        if inputs.is_ours(x):
            x = self.network_input(x, "predict")
        return super().predict(x, batch_size if isinstance(x, np.ndarray) else None, **kwargs)

    def perplexity(self, texts: Any, batch_size: int | None = None) -> float:
        """Exp of the mean negative log likelihood of a token, in nats.

        Every token counts alike: words, marks of punctuation, the end of a text, and each unknown word as the one
        token that stands for all of them. A continuous model reads as in `evaluate`, so each stream's first words are
        guessed without a past; with `batch_size=1` there is one stream.

        Args:
            texts: one text or a list of texts.
            batch_size: as in `evaluate`.
        """
        texts = inputs.as_texts("perplexity", texts)
        inputs.refuse_empty("perplexity", texts, self.settings.splitting)
        return float(self.evaluate(texts, batch_size=batch_size, verbose=0, return_dict=True)["perplexity"])

    def export(self, filepath: str | os.PathLike[str], format: str = "tf_saved_model", **kwargs: Any) -> Any:
        """Write a SavedModel: raw strings in, raw strings out, by name.

        Endpoints: `next_words` takes `text` `[B]` and `k` and returns `words` and `probabilities` `[B, k]`; `generate`
        takes `text` `[B]`, `steps`, `temperature`, `seed`, `top_k` and `top_p` (1 for all) and returns `text` `[B]`;
        `serve` takes `text` and returns `probabilities` `[B, V]` of the next word, in the order of the `words` that
        `describe` returns. Any other `format` goes to `keras.Model.export`.
        """
        if format != "tf_saved_model":
            return super().export(filepath, format=format, **kwargs)
        return export_language_model(self, filepath)
