"""Category columns of a served forecaster: an input of strings for each, looked up inside the graph.

Shapes: B samples, T timesteps, H horizon, F columns.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqkit._errors import listed
from seqkit._guards import guarded, shape_as_text
from seqkit._refusals import Refusal
from seqkit.data.categories import MOST_WORDS_LISTED, REFUSE
from seqkit.data.known_ahead import FUTURE, PAST, SERIES, STATIC, TIME
from seqkit.forecasting.settings import ForecasterSettings

if TYPE_CHECKING:
    import tensorflow as tf

NO_WORD_OF_A_TABLE = "\x00"  # StringLookup's name for what it does not know; no category is so named
READS_WORDS = "reads categories, as strings"
OTHER_WORDS = Refusal("{input} must have the shape ({samples}{steps}), {what}, got {came}.")
UNSEEN_WORD = Refusal(
    "{column} has the category '{word}' in sample {sample}, which the model has not seen; it knows {words}.",
    'Correct it, or build with unseen="unknown", which takes it as a gap.',
)
NO_WORD = Refusal("{column} has no word in sample {sample}.", "It must be known of each series.")


class WordInputs:
    """The string inputs of a forecaster with category columns.

    A static column is an input `[B]`; one that is read in the past alone `[B, >= T]`, whose last T words are used; and
    one that is known ahead `[B, >= T + H]`, whose last T + H words are used: those of the past, then those of the
    horizon. "" is a gap.

    Attributes:
        settings: of the model.
        numbers: the settings of its columns of numbers alone, which `past`, `future` and `static` hold.
        names: the name of each input, by the name of its column.
        lookups: the layer that finds the words of each column.
    """

    def __init__(self, settings: ForecasterSettings) -> None:
        """Make the tables of words."""
        self.settings, self.numbers = settings, without_categories(settings)
        self.names = input_names(settings.categories)
        self.lookups = {
            name: keras.layers.StringLookup(vocabulary=list(words), mask_token="", oov_token=NO_WORD_OF_A_TABLE)
            for name, words in settings.words.items()
        }

    def kind_of(self, name: Any) -> str:
        """Whether a column is static, known ahead or of the past alone: the name of the input that would hold it."""
        if name in self.settings.static_columns:
            return STATIC
        return FUTURE if name in self.settings.future_columns else PAST

    def steps_of(self, name: Any) -> int | None:
        """The words of a sample that are used; None for a single one."""
        steps = self.settings.timesteps + self.settings.horizon
        return {STATIC: None, PAST: self.settings.timesteps, FUTURE: steps}[self.kind_of(name)]

    @property
    def specs(self) -> list[tf.TensorSpec]:
        """Their signature."""
        import tensorflow as tf

        axes = {name: 1 if self.steps_of(name) is None else 2 for name in self.names}
        return [tf.TensorSpec((None,) * axes[name], tf.string, name=self.names[name]) for name in self.names]

    def example(self) -> dict[str, np.ndarray]:
        """Words of two samples, by the name of the input; with a gap where one is allowed."""
        random, found = np.random.default_rng(0), {}
        for name, words in self.settings.words.items():
            steps = self.steps_of(name)
            known = [*words, *([] if steps is None else [""])]
            found[self.names[name]] = random.choice(np.array(known, object), 2 if steps is None else (2, steps))
        return found

    def description(self) -> dict[str, Any]:
        """What `describe` says of them: their columns, their inputs, what they are beside, and JSON of all words."""
        return {
            "categories": [str(name) for name in self.names],
            "category_inputs": list(self.names.values()),
            "category_kinds": [self.kind_of(name) for name in self.names],
            "known_words": json.dumps({str(name): words for name, words in self.settings.words.items()}),
            "unseen": self.settings.unseen,
        }

    def joined(self, inputs: dict[str, Any]) -> Any:
        """The inputs of the model: checked numbers and words by the names of inputs, in one array each."""
        import tensorflow as tf

        settings = self.settings
        samples, timesteps = tf.shape(inputs[PAST])[0], settings.timesteps
        codes = {name: self._codes(name, inputs[given], samples) for name, given in self.names.items()}
        of_past = {name: code[:, :timesteps] for name, code in codes.items() if self.kind_of(name) != STATIC}
        made = {PAST: _joined(settings.columns, inputs[PAST], of_past)}
        if settings.future_columns:
            ahead = {name: code[:, timesteps:] for name, code in codes.items() if self.kind_of(name) == FUTURE}
            made[FUTURE] = _joined(settings.future_columns, inputs.get(FUTURE), ahead)
        if settings.static_columns:
            made[STATIC] = _joined(settings.static_columns, inputs.get(STATIC), codes)
        if settings.reads_time:
            made[TIME] = tf.convert_to_tensor(inputs[TIME])
        return made[PAST] if settings.known is None else made

    def _codes(self, name: Any, words: Any, samples: Any) -> tf.Tensor:
        """The codes `[B]` or `[B, steps]` of an input; another shape and words that are not known are refused."""
        import tensorflow as tf

        words, steps = tf.convert_to_tensor(words, tf.string), self.steps_of(name)
        shape = tf.shape(words)
        what = "[samples of past]" if steps is None else "[samples of past, timesteps]; the last are used"
        if self.kind_of(name) == FUTURE:
            what = "[samples of past, timesteps and then the horizon]; the last are used"
        is_other = shape[0] != samples if steps is None else (shape[0] != samples) | (shape[1] < steps)
        wanted = {"samples": samples, "steps": "," if steps is None else f", {steps} or more", "what": what}
        words = guarded(OTHER_WORDS, words, is_other, input=self.names[name], came=shape_as_text(shape), **wanted)
        words = words if steps is None else tf.ensure_shape(words[:, -steps:], (None, steps))
        places = self.lookups[name](words)  # 0 for "", 1 for what is not known
        sample = tf.range(tf.shape(words)[0])
        sample = sample if steps is None else sample[:, None]
        if self.settings.unseen == REFUSE:
            known = listed(self.settings.words[name], most=MOST_WORDS_LISTED)
            place = {"column": repr(name), "sample": sample}
            places = guarded(UNSEEN_WORD, places, places == 1, word=words, words=known, **place)
            if steps is None:
                places = guarded(NO_WORD, places, places == 0, **place)
        return tf.cast(tf.maximum(places - 1, 0), tf.float32)


def _joined(columns: Sequence[Any], numbers: Any, codes: dict[Any, Any]) -> tf.Tensor:
    """Numbers `[..., F - G]` and codes `[...]` of the others, in the order of all columns `[..., F]`."""
    import tensorflow as tf

    at, parts = 0, []
    for name in columns:
        if name in codes:
            parts.append(codes[name][..., None])
        else:
            parts.append(numbers[..., at : at + 1])
            at += 1
    return tf.concat(parts, axis=-1)


def without_categories(settings: ForecasterSettings) -> ForecasterSettings:
    """The settings of the columns of numbers alone."""
    kept = [at for at, name in enumerate(settings.columns) if name not in settings.categories]
    return replace(
        settings,
        columns=tuple(settings.columns[at] for at in kept),
        transform=tuple(settings.transform[at] for at in kept),
        least_spread=tuple(settings.least_spread[at] for at in kept),
        future_columns=tuple(name for name in settings.future_columns if name not in settings.categories),
        static_columns=tuple(name for name in settings.static_columns if name not in settings.categories),
        categories=(),
        category_sizes=(),
        category_words=(),
    )


def input_names(columns: Sequence[Any]) -> dict[Any, str]:
    """The name of each column's input: its own, or where that is no name of an argument, one that is like it.

    Example:
        >>> input_names(["region", "kind of day", "series", "2nd"])
        {'region': 'region', 'kind of day': 'kind_of_day', 'series': 'series_2', '2nd': 'category_2nd'}
    """
    found: dict[Any, str] = {}
    taken = {PAST, FUTURE, STATIC, TIME, SERIES}
    for column in columns:
        name = re.sub(r"[^0-9A-Za-z_]", "_", str(column))
        name = name if re.match("[A-Za-z]", name) else f"category_{name.lstrip('_')}"
        name = f"{name}_" if keyword.iskeyword(name) else name
        number, whole = 2, name
        while whole in taken:
            whole, number = f"{name}_{number}", number + 1
        taken.add(whole)
        found[column] = whole
    return found
