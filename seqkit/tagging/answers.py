"""What a tagger answers: tags and their probabilities, of sentences or series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from reprlib import repr as shortened
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit.data.labels import Label
from seqkit.tagging import inputs
from seqkit.tagging import tags as tag_rows
from seqkit.tagging.reader import WordReader
from seqkit.tagging.settings import TaggerSettings
from seqkit.task import batches as padded
from seqkit.task.model import RebuiltModel

BATCH = 32
OURS = (list, tuple, pd.Series, pd.Index, pd.DataFrame)
TEXT = "OUST"  # kinds of NumPy's arrays of strings


class TaggedToken(NamedTuple):
    """A word or mark, and its tag."""

    token: str
    tag: Label


class AnsweringTagger(RebuiltModel):
    """The part of `Tagger` that answers.

    Shapes: B sequences, T steps, K tags.
    """

    settings: TaggerSettings
    _scaling: Any
    _reader: WordReader | None
    _answers: padded.Answers

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
            text: one string, or a list of them. They are split as `by=` of the builder says.

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
