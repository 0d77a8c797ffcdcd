"""The language model: a Keras model that reads raw text and says which word or character comes next."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit import _checks
from seqkit.models import _language_inputs as inputs
from seqkit.models._language_decoding import next_probabilities, write_on
from seqkit.models._language_network import LanguageNetwork
from seqkit.models._language_serving import (
    compiled,
    export_language_model,
    from_start,
    joined_to_prompt,
    least_probable_last,
)
from seqkit.models._language_settings import LanguageSettings
from seqkit.models._language_states import CarriedStates, ResetStates
from seqkit.models._perplexity import Perplexity
from seqkit.models._rebuilt import RebuiltModel
from seqkit.models._tokens import token_weights
from seqkit.vocabulary import END, PADDING, START, UNKNOWN, Vocabulary

BATCH = 32
STREAMS = 20  # that one long text is cut into (Zaremba et al. 2014)


@keras.saving.register_keras_serializable("seqkit")
class LanguageModel(RebuiltModel):
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

    @property
    def never(self) -> tuple[int, ...]:
        """The numbers that are read but never written: padding, the unknown, the mark of the beginning."""
        return PADDING, UNKNOWN, self.vocabulary.number_of(START)

    def get_config(self) -> dict[str, Any]:
        """Plain values from which `__init__` makes the same network."""
        return {"settings": self.settings.to_config(), "chosen_epochs": self.chosen_epochs, "name": self.name}

    def adapt(self, texts: Any) -> None:
        """Begin from how frequent each word is in the training texts: the output's bias is its log share.

        So training need not find that out step by step. Tied weights have no bias to set.
        """
        if self.network.scores is None:
            return
        known = inputs.numbered("adapt", self.vocabulary, inputs.as_texts("adapt", texts))
        counts = np.bincount(np.concatenate([numbers[1:] for numbers in known]), minlength=self.network.size)
        self.network.scores.bias.assign(np.log((counts + 1) / (counts + 1).sum()).astype("float32"))

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
        weights = token_weights(y, sample_weight)
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
            Keras's history, with `loss` in nats a token and `perplexity`.

        Raises:
            TypeError, ValueError: what is no text, a text without words, y beside texts.
        """
        streams, is_text = 0, inputs.is_ours(x)
        if is_text:
            self._refuse_beside("fit", y, kwargs)
            x, streams = self.batches("fit", x, batch_size, shuffle)
        self._streams_of_validation = 0
        if inputs.is_ours(validation_data) and not _is_pair_of_arrays(validation_data):
            validation_data, self._streams_of_validation = self.batches(
                "fit: validation_data", validation_data, batch_size
            )
        with self._carry("train_function", streams) as states:
            if states is not None:
                callbacks = _with(callbacks, ResetStates(states))
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
        """`keras.Model.evaluate` on texts, read as `fit` reads them: the loss in nats a token, and the perplexity."""
        streams = self._streams_of_validation if kwargs.get("_use_cached_eval_dataset") else 0
        if inputs.is_ours(x):
            self._refuse_beside("evaluate", y, kwargs)
            (x, streams), batch_size = self.batches("evaluate", x, batch_size), None
        with self._carry("test_function", streams) as states:
            if states is not None:
                states.reset()
            return super().evaluate(x, y, batch_size, **kwargs)

    def predict(self, x: Any, batch_size: int | None = None, **kwargs: Any) -> np.ndarray:
        """Probabilities of what comes next `[B, T, V]`, at a text's beginning and after each of its words."""
        if inputs.is_ours(x):
            x = self.network_input(x, "predict")
        return super().predict(x, batch_size if isinstance(x, np.ndarray) else None, **kwargs)

    def network_input(self, x: Any, where: str) -> np.ndarray:
        """What the graph reads: the numbers of words `[B, T]`, padded at the end, an empty text as its beginning."""
        numbers = self.vocabulary.encode(inputs.as_texts(where, x)).astype("int32")
        start = self.vocabulary.number_of(START)
        padded = ops.convert_to_numpy(from_start(numbers, start, self.settings.continuous))
        return padded[:, : int((padded != PADDING).sum(axis=1).max())]

    def perplexity(self, texts: Any, batch_size: int | None = None) -> float:
        """Exp of the mean negative log likelihood of a token, in nats.

        Every token counts alike: words, marks of punctuation, the end of a text, and each unknown word as the one
        token that stands for all of them. A continuous model reads as in `evaluate`, so each stream's first words are
        guessed without a past; with `batch_size=1` there is one stream.

        Args:
            texts: one text or a list of texts.
            batch_size: as in `evaluate`.
        """
        return float(self.evaluate(texts, batch_size=batch_size, verbose=0, return_dict=True)["perplexity"])

    def next_words(self, text: Any, k: int = 5) -> Any:
        """The k most probable words to come next, with their probabilities.

        Args:
            text: what came before, read whole; may be empty. A list of texts gives a list of tables.
            k: how many. The unknown is never one of them, so its share is missing from their sum.

        Returns:
            A DataFrame with the columns `word` and `probability`, the most probable first. The end of the text is
            `[END]`.
        """
        k = _checks.whole_number("next_words", "k", k)
        found = ops.convert_to_numpy(self._next_probabilities(self.network_input(text, "next_words")))
        names = np.array(self.vocabulary.names, dtype=object)
        tables = []
        for row in found:
            best = least_probable_last(row, k, len(self.never))
            tables.append(pd.DataFrame({"word": names[best], "probability": row[best]}))
        return tables[0] if isinstance(text, str) else tables

    def generate(
        self,
        prompt: Any = "",
        steps: int = 20,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
    ) -> Any:
        """Write on: each word is drawn by its probability, read, and the next one drawn, in one compiled loop.

        Args:
            prompt: what came before, read whole however long it is; may be empty, may hold unknown words. A list gives
                a list.
            steps: words (or characters) to write; fewer where the end of the text is drawn before.
            temperature: below 1 the probable becomes more probable still, above 1 less; 0 always takes the most
                probable.
            top_k: choose among as many of the most probable only.
            top_p: choose among the fewest most probable whose probabilities reach this (Holtzman et al. 2020).
            seed: makes it repeatable; without, Keras's own seed decides.

        Returns:
            The prompt with what follows. The unknown is never written.
        """
        steps = _checks.whole_number("generate", "steps", steps)
        top_k = self.network.size if top_k is None else _checks.whole_number("generate", "top_k", top_k)
        seed = None if seed is None else _checks.whole_number("generate", "seed", seed, least=0)
        temperature = _number("temperature", temperature, 0, float("inf"), "0 takes the most probable word")
        top_p = 1.0 if top_p is None else _number("top_p", top_p, 0, 1, "1 keeps every word")
        numbers = self.network_input(prompt, "generate")
        uniform = keras.random.uniform((len(numbers), steps), seed=seed)
        written = self._written(numbers, uniform, *(np.float32(temperature), np.int32(top_k), np.float32(top_p)))
        continuations = self.vocabulary.join(ops.convert_to_numpy(written))
        texts = inputs.as_texts("generate", prompt)
        found = [joined_to_prompt(*pair, self.settings.splitting) for pair in zip(texts, continuations, strict=True)]
        return found[0] if isinstance(prompt, str) else found

    @functools.cached_property
    def _next_probabilities(self) -> Callable[..., Any]:
        return compiled(lambda numbers: next_probabilities(self.network, numbers, self.never), ["int32"])

    @functools.cached_property
    def _written(self) -> Callable[..., Any]:
        def written(numbers: Any, uniform: Any, temperature: Any, top_k: Any, top_p: Any) -> Any:
            return write_on(
                self.network,
                numbers,
                uniform,
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                never=self.never,
                end=self.vocabulary.number_of(END),
            )

        return compiled(written, ["int32", "float32"], ["float32", "int32", "float32"])

    def export(self, filepath: str | os.PathLike[str], format: str = "tf_saved_model", **kwargs: Any) -> Any:
        """Write a SavedModel: raw strings in, raw strings out, by name.

        Endpoints: `next_words` takes `text` `[B]` and `k` and returns `words` and `probabilities` `[B, k]`; `generate`
        takes `text` `[B]`, `steps`, `temperature` and `seed` and returns `text` `[B]`; `serve` takes `text` and
        returns `probabilities` `[B, V]` of the next word, in the order of the `words` that `describe` returns. Any
        other `format` goes to `keras.Model.export`.
        """
        if format != "tf_saved_model":
            return super().export(filepath, format=format, **kwargs)
        return export_language_model(self, filepath)


def _number(name: str, value: Any, least: float, most: float, hint: str) -> float:
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not least <= value <= most or value == float("inf") or (name == "top_p" and value == 0):
        wanted = "a number from above 0 to 1" if name == "top_p" else "a number of 0 or more"
        raise ValueError(f"generate: {name} must be {wanted}, got {value!r}; {hint}.")
    return float(value)


def _is_pair_of_arrays(x: Any) -> bool:
    return isinstance(x, (tuple, list)) and any(hasattr(one, "shape") for one in x)


def _with(callbacks: Any, one: keras.callbacks.Callback) -> Any:
    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks.append(one)
        return callbacks
    return [*(callbacks if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []), one]
