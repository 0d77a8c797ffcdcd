"""The language model: a Keras model that reads raw text and predicts the next word or character."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from seqkit._errors import InvalidValue
from seqkit.export import Served
from seqkit.language import answers, inputs
from seqkit.language.network import LanguageNetwork
from seqkit.language.perplexity import Perplexity
from seqkit.language.serving import served_language_model
from seqkit.language.settings import LanguageSettings
from seqkit.language.states import CarriedStates, ResetStates
from seqkit.layers.output_bias import log_frequencies
from seqkit.task.batches import DEFAULT_BATCH_SIZE, batch_size_of, pad
from seqkit.task.model import Task
from seqkit.task.settings import Connected
from seqkit.text.tokens import flatten_tokens, token_weights
from seqkit.text.vocabulary import PADDING, START, UNKNOWN, Vocabulary

DEFAULT_STREAMS = 20  # into which one long text is cut (Zaremba et al. 2014)
COMPILED_FUNCTIONS = {"fit": "train_function", "evaluate": "test_function"}  # attributes of a Keras model


@keras.saving.register_keras_serializable("seqkit")
class LanguageModel(Task):
    """A compiled `keras.Model` from words `[B, T]` to the probabilities of the next words `[B, T, V]`.

    `build_language_model` makes it. The vocabulary is inside the model: `fit`, `evaluate`, `predict` and the methods
    below take raw text, one text or a list. They also take what Keras takes: batches of numbers `[B, T]` and of the
    next numbers `[B, T]`, where 0 is left out of the loss. A prompt of any length is read whole.

    `fit` takes no `y`: the targets are the next words. `validation_data=` is other texts. `predict` returns the
    probabilities `[B, T, V]` after each word; the start mark comes before the first word, unless the model is
    continuous.

    A continuous model reads all texts one after another, cut into
    streams side by side (20 by default, `batch_size=`), and carries its state from batch to batch until the epoch ends.
    Any other model begins each text from a zero state, with 32 texts in a batch by default, in a new order each epoch.

    The loss is the cross-entropy of a token in nats; the end mark of a text is a token too. `perplexity` is exp of its
    mean over all tokens. All unknown words are the same token, so compare perplexities only between models of the same
    vocabulary.

    `export` writes these endpoints: `next_words` takes `text` `[B]` and `k` and returns `words` and `probabilities`
    `[B, k]`; `generate` takes `text` `[B]`, `steps`, `temperature`, `seed`, `top_k` and `top_p` (1 for all) and returns
    `text` `[B]`; `serve` takes `text` and returns `probabilities` `[B, V]` of the next word, in the order of the
    `words` that `describe` returns.

    Shapes: B texts, T timesteps, V numbers of the vocabulary.

    Attributes:
        settings: the checked, complete settings of the builder.
        vocabulary: the vocabulary.
        chosen_epochs: the number of epochs that `train_language_model` chose; None if it did not train the model.
        validation_history: the validation curve behind that choice; None without one, and after loading.

    Example:
        >>> import seqkit as sk
        >>> model = sk.build_language_model(like="never too late to code, never too late to read", units=8, embedding=5)
        >>> model.next_words("never too", k=2).columns.tolist()
        ['word', 'probability']
    """

    Settings, samples_are, asked_for, takes_token_numbers = LanguageSettings, "texts", "texts", True
    parts_shown = ("words",)
    network: LanguageNetwork

    def __init__(self, settings: LanguageSettings | dict[str, Any], **kwargs: Any) -> None:
        """Connect the layers."""
        super().__init__(settings, **kwargs)
        self.vocabulary = Vocabulary(self.settings.words, self.settings.splitting, self.settings.lower)
        self._perplexity = Perplexity()
        self._carried_states: dict[str, CarriedStates | None] = dict.fromkeys(COMPILED_FUNCTIONS.values())
        self._active_states: CarriedStates | None = None

    def connect(self, settings: LanguageSettings) -> Connected:
        """Return the layers, and the input and output of their graph."""
        network = LanguageNetwork(settings)
        words = keras.Input((None,), dtype="int32", name="words")
        return Connected(network, words, network.probabilities(network.run(words)[0]))

    @property
    def never(self) -> tuple[int, ...]:
        """The numbers that are never generated: padding, the unknown word, the start mark."""
        return PADDING, UNKNOWN, self.vocabulary.number_of(START)

    def adapt(self, texts: Any) -> None:
        """Set the bias of the output to the log frequencies of the words in the training texts.

        Training then begins from these frequencies and need not learn them step by step.
        """
        numbers = inputs.encode_with_marks("adapt", self.vocabulary, inputs.as_texts("adapt", texts))
        self.network.scores.bias.assign(log_frequencies([row[1:] for row in numbers], self.network.size))

    def save_own_variables(self, store: Any) -> None:
        """Save no other variables than those of the layers; carried states belong to one run of `fit`."""

    def load_own_variables(self, store: Any) -> None:
        """Load no other variables than those of the layers."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return the probabilities of the next words, in a continuous `fit` or `evaluate` from the carried states."""
        states = self._active_states
        if states is None or states is not self._carried_states["train_function" if training else "test_function"]:
            return super().call(inputs, training=training, mask=mask)
        outputs, last_states = self.network.run(inputs, states.read(), training=training)
        states.write(last_states)
        return self.network.probabilities(outputs)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the compiled loss of the tokens that are not padding."""
        return super().compute_loss(x, y, y_pred, token_weights(y, sample_weight), training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the compiled metrics and the perplexity of the tokens that are not padding."""
        y, y_pred, weights = flatten_tokens(y, y_pred, token_weights(y, sample_weight))
        self._perplexity.update_state(y, y_pred, weights)
        return super().compute_metrics(x, y, y_pred, weights)

    def needs_answers(self, x: Any) -> bool:
        """Return False: the targets are the next words."""
        return False

    def refuse_options(self, where: str, x: Any, options: dict[str, Any]) -> None:
        """Refuse options that cannot go with raw text, whose words are the targets."""
        if self.reads(x):
            self._refuse_beside_text(where, class_weight=options.get("class_weight"))
            if options.get("validation_split"):
                way_out = "Pass validation_data=<other texts>."
                raise InvalidValue(where, "validation_split cannot cut raw text.", way_out, "validation_split")

    @staticmethod
    def _refuse_beside_text(where: str, **arguments: Any) -> None:
        for name, value in arguments.items():
            if value is not None:
                problem = f"{name} cannot go with raw text, whose words are the targets."
                raise InvalidValue(where, problem, "Leave it out.", name)

    def held_parts(self, validation_data: Any) -> tuple[Any, Any, Any]:
        """Return raw texts alone, or a pair of arrays of numbers."""
        return (validation_data, None, None) if self.reads(validation_data) else super().held_parts(validation_data)

    def batches(
        self, where: str, x: Any, y: Any, batch_size: Any = None, shuffle: bool = False, sample_weight: Any = None
    ) -> Any:
        """Return batches `(words, next words)` for Keras."""
        self._refuse_beside_text(where, y=y, sample_weight=sample_weight)
        settings = self.settings
        size = batch_size_of(where, batch_size, DEFAULT_STREAMS if settings.continuous else DEFAULT_BATCH_SIZE)
        texts = inputs.encode_with_marks(where, self.vocabulary, inputs.as_texts(where, x))
        if settings.continuous:
            return inputs.stream_batches(texts, size, settings.timesteps, self.vocabulary.number_of(START))
        return inputs.separate_batches(inputs.cut_texts(where, texts, settings.timesteps), size, shuffle)

    @contextlib.contextmanager
    def around_keras(self, verb: str, data: Any, epochs: int = 1) -> Iterator[list[Any]]:
        """Carry the states from batch to batch inside the `with` block, if the batches hold streams."""
        function, streams = COMPILED_FUNCTIONS[verb], inputs.stream_count(data)
        states = self._carried_states[function]
        if (states.streams if states else 0) != streams:  # Keras must compile the step anew with new states
            states = CarriedStates(self.network.stack, streams) if streams else None
            self._carried_states[function] = states
            setattr(self, function, None)
        outer_states, self._active_states = self._active_states, states
        try:
            with states.tracked_by(self) if states else contextlib.nullcontext():
                if states is not None:
                    states.reset()
                yield [] if states is None else [ResetStates(states)]
        finally:
            self._active_states = outer_states

    def network_input(self, x: Any, where: str) -> np.ndarray:
        """Return the numbers of words `[B, T]`, padded at the end; an empty text is read as the start mark."""
        return pad(answers.prompt_numbers(self, where, x), PADDING)

    def served(self, **options: Any) -> Served:
        """The endpoints `serve`, `next_words`, `generate` and `describe`."""
        return served_language_model(self, **options)

    def perplexity(self, texts: Any, batch_size: int | None = None) -> float:
        """Return exp of the mean negative log likelihood of a token in nats.

        Every token has the same weight: words, marks of punctuation, end marks, and unknown words, which are all the
        same token. A continuous model reads in streams, as in `evaluate`: it predicts the first words of each stream
        without the text before them. With `batch_size=1` there is one stream.

        Args:
            texts: one text or a list of texts.
            batch_size: as in `evaluate`.
        """
        texts = inputs.as_texts("perplexity", texts)
        inputs.refuse_empty("perplexity", texts, self.settings.splitting)
        return float(self.evaluate(texts, batch_size=batch_size, verbose=0, return_dict=True)["perplexity"])

    def next_words(self, text: Any, k: int = 5) -> Any:
        """Return the k most probable next words, with their probabilities.

        Args:
            text: the text before, read whole; it may be empty. A list of texts gives a list of tables.
            k: the number of words. The unknown word is never among them, so the sum over all words is below 1.

        Returns:
            A DataFrame with the columns `word` and `probability`, the most probable first. `[END]` is the end of the
            text.
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
        """Continue a prompt: draw a word by its probability, read it, and draw the next, in one compiled loop.

        Args:
            prompt: the text before, read whole; it may be empty or hold unknown words. A list gives a list.
            steps: words (or characters) to generate; fewer if the end of the text is drawn before.
            temperature: below 1, probable words become more probable; above 1, less probable. 0 always takes the most
                probable word.
            top_k: draw from this number of most probable words only.
            top_p: draw from the fewest most probable words whose probabilities sum to this (Holtzman et al. 2020).
            seed: makes the result repeatable; without it, Keras's own seed decides.

        Returns:
            The prompt with its continuation, in which the unknown word never occurs.
        """
        return answers.generate(self, prompt, steps, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)
