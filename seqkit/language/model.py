"""The language model: a Keras model that reads raw text and says which word or character comes next."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from seqkit._errors import InvalidValue
from seqkit.language import answers, inputs
from seqkit.language.network import LanguageNetwork
from seqkit.language.perplexity import Perplexity
from seqkit.language.serving import export_language_model
from seqkit.language.settings import LanguageSettings
from seqkit.language.states import CarriedStates, ResetStates
from seqkit.layers.output_bias import log_shares
from seqkit.task import fitting
from seqkit.task.batches import DEFAULT_SIZE, batch_size_of
from seqkit.task.model import Connected, Task
from seqkit.text.tokens import flat, token_weights
from seqkit.text.vocabulary import PADDING, START, UNKNOWN, Vocabulary

STREAMS = 20  # that one long text is cut into (Zaremba et al. 2014)
FUNCTIONS = {"fit": "train_function", "evaluate": "test_function"}  # Keras's compiled steps


@keras.saving.register_keras_serializable("seqkit")
class LanguageModel(Task):
    """A compiled `keras.Model` from words `[B, T]` to the probabilities of the next `[B, T, V]`.

    Made by `build_language_model`. The vocabulary is inside: `fit`, `evaluate`, `predict` and the methods below take
    raw text, one text or a list; or whatever Keras takes: batches of numbers `[B, T]` and of the numbers that follow,
    where 0 is left out of the loss. It is recurrent, so a prompt of any length is read whole.

    `fit` takes no `y`: what follows each word is the answer. A continuous model reads texts one after another as
    streams side by side (20 by default, `batch_size=`), and its state goes on from batch to batch until the epoch
    ends. Any other begins each text anew, 32 in a batch by default, in a new order each epoch.

    The loss is the cross-entropy of a token in nats, the mark of a text's end a token too; `perplexity` is exp of its
    mean over all tokens. An unknown word counts as one token, which stands for all of them: compare perplexities
    only between models of the same vocabulary.

    `export` writes these endpoints: `next_words` takes `text` `[B]` and `k` and returns `words` and `probabilities`
    `[B, k]`; `generate` takes `text` `[B]`, `steps`, `temperature`, `seed`, `top_k` and `top_p` (1 for all) and returns
    `text` `[B]`; `serve` takes `text` and returns `probabilities` `[B, V]` of the next word, in the order of the
    `words` that `describe` returns.

    Shapes: B texts, T timesteps, V numbers of the vocabulary.

    Attributes:
        settings: what it is made of, checked and complete.
        vocabulary: the words it knows.
        chosen_epochs: how long `train_language_model` trained it, else None.
        validation_history: the validation curve that chose it; None without one, and after loading.
    """

    Settings, samples_are, asked_for = LanguageSettings, "texts", "texts"
    network: LanguageNetwork

    def __init__(self, settings: LanguageSettings | dict[str, Any], **kwargs: Any) -> None:
        """Connect the layers."""
        super().__init__(settings, **kwargs)
        own = self.settings
        self.vocabulary = Vocabulary(own.words, own.splitting, own.lower)
        self._perplexity = Perplexity()
        self._carried: dict[str, CarriedStates | None] = dict.fromkeys(FUNCTIONS.values())
        self._carrying: CarriedStates | None = None

    def connect(self, settings: LanguageSettings) -> Connected:
        """The layers, and their graph."""
        network = LanguageNetwork(settings)
        words = keras.Input((None,), dtype="int32", name="words")
        return Connected(network, words, network.probabilities(network.read(words)[0]))

    @property
    def never(self) -> tuple[int, ...]:
        """The numbers that are read but never written: padding, the unknown, the mark of the beginning."""
        return PADDING, UNKNOWN, self.vocabulary.number_of(START)

    def adapt(self, texts: Any) -> None:
        """Begin from how frequent each word is in the training texts: the output's bias is its log share.

        So training need not find that out step by step.
        """
        numbers = inputs.numbered("adapt", self.vocabulary, inputs.as_texts("adapt", texts))
        self.network.scores.bias.assign(log_shares([row[1:] for row in numbers], self.network.size))

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

    def reads(self, x: Any) -> bool:
        """Whether these are raw texts."""
        return fitting.is_raw(x, of_text=True)

    def needs_answers(self, x: Any) -> bool:
        """The words that follow are the answers."""
        return False

    def refuse_options(self, where: str, x: Any, options: dict[str, Any]) -> None:
        """Refuse what cannot go with raw text, whose words are the answers."""
        if self.reads(x):
            self._refuse_beside_text(where, class_weight=options.get("class_weight"))
            if options.get("validation_split"):
                raise InvalidValue(
                    where, "validation_split cannot cut raw text.", "Pass validation_data=<other texts>."
                )

    @staticmethod
    def _refuse_beside_text(where: str, **given: Any) -> None:
        for name, value in given.items():
            if value is not None:
                raise InvalidValue(
                    where, f"{name} cannot go with raw text, whose words are the targets.", "Leave it out."
                )

    def held_parts(self, validation_data: Any) -> tuple[Any, Any, Any]:
        """Raw texts by themselves, or a pair of numbers."""
        return (validation_data, None, None) if self.reads(validation_data) else super().held_parts(validation_data)

    def batches(
        self,
        where: str,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        shuffle: bool = False,
        sample_weight: Any = None,
    ) -> Any:
        """Texts as batches for Keras, `(words, words that follow)`."""
        self._refuse_beside_text(where, y=y, sample_weight=sample_weight)
        settings = self.settings
        size = batch_size_of(where, batch_size, STREAMS if settings.continuous else DEFAULT_SIZE)
        texts = inputs.numbered(where, self.vocabulary, inputs.as_texts(where, x))
        if settings.continuous:
            return inputs.stream_batches(texts, size, settings.timesteps, self.vocabulary.number_of(START))
        return inputs.separate_batches(inputs.separate_pieces(where, texts, settings.timesteps), size, shuffle)

    @contextlib.contextmanager
    def running(self, verb: str, data: Any, epochs: int = 1) -> Iterator[list[Any]]:
        """Within, batches of streams go on where the one before them ended."""
        function, streams = FUNCTIONS[verb], inputs.streams_of(data)
        states = self._carried[function]
        if (states.streams if states else 0) != streams:  # Keras's compiled step holds the states it was traced with
            states = CarriedStates(self.network.stack, streams) if streams else None
            self._carried[function] = states
            setattr(self, function, None)
        before, self._carrying = self._carrying, states
        try:
            with states.known_to(self) if states else contextlib.nullcontext():
                if states is not None:
                    states.reset()
                yield [] if states is None else [ResetStates(states)]
        finally:
            self._carrying = before

    def network_input(self, x: Any, where: str) -> np.ndarray:
        """What the graph reads: the numbers of words `[B, T]`, padded at the end, an empty text as its beginning."""
        return answers.prompt_numbers(self, where, x)

    def write_saved_model(self, path: str | os.PathLike[str]) -> Any:
        """`serve`, `next_words`, `generate` and `describe`."""
        return export_language_model(self, path)

    def predict(self, x: Any, batch_size: int | None = None, **kwargs: Any) -> np.ndarray:
        """Probabilities of what comes next `[B, T, V]` after each word.

        Before the first stands the mark of a text's beginning, unless the model is continuous.
        """
        if self.reads(x):
            x = self.network_input(x, "predict")
        return super().predict(x, None if fitting.is_batches(x) else batch_size, **kwargs)

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

    def next_words(self, text: Any, k: int = 5) -> Any:
        """The k most probable words to come next, with their probabilities.

        Args:
            text: what came before, read whole; may be empty. A list of texts gives a list of tables.
            k: how many. The unknown is never one of them, so its share is missing from their sum.

        Returns:
            A DataFrame with the columns `word` and `probability`, the most probable first. The end of the text is
            `[END]`.
        """
        return answers.next_words(self, text, k)

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
        return answers.generate(self, prompt, steps, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)
