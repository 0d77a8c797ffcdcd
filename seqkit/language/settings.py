"""LanguageSettings: the builder's arguments, checked, as plain values for the config of a saved model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.language import inputs
from seqkit.layers.cell_names import cell_name
from seqkit.layers.cells import CELLS
from seqkit.layers.stack_arguments import activation_name, layer_dropout, layer_units
from seqkit.task.settings import PlainSettings
from seqkit.text.splitting import SPLITTINGS
from seqkit.text.vocabulary import Vocabulary
from seqkit.text.vocabulary_argument import (
    VocabularyLike,
    as_vocabulary,
    choose_splitting,
    learn_vocabulary,
    refuse_beside_vocabulary,
)

WHERE = "build_language_model"
ONE_HOT = "one-hot"
DEFAULT_TIMESTEPS = {"words": 35, "spaces": 35, "characters": 100}  # of one long text (Zaremba et al. 2014)
MOST_DEFAULT_TIMESTEPS = 250  # of separate texts


@dataclass(frozen=True)
class LanguageSettings(PlainSettings):
    """Checked and complete settings; `build_language_model` makes them, `LanguageModel` and its network read them."""

    words: tuple[str, ...]  # with the start and the end mark
    splitting: str
    lower: bool
    continuous: bool
    timesteps: int  # of a piece, through which gradients flow back
    cell: str
    units: tuple[int, ...]
    embedding: int  # size of a word's vector; 0 for one-hot
    tied: bool
    dropout: tuple[float, ...]
    activation: str = "tanh"

    def check(self) -> None:
        """Refuse what `build_language_model` refuses."""
        _checks.choice(WHERE, "by", self.splitting, SPLITTINGS)
        as_vocabulary(WHERE, Vocabulary(self.words, self.splitting, self.lower))
        _checks.whole_number(WHERE, "timesteps", self.timesteps)
        _embedding_size(self.embedding or ONE_HOT, self.tied)
        self.check_recurrent(WHERE)


def settle(
    *,
    like: Any,
    vocabulary: VocabularyLike | None,
    by: str | None,
    most_words: int | None,
    least_count: int | None,
    lower: bool | None,
    cell: str,
    units: int | Sequence[int],
    activation: str,
    embedding: int | str,
    tied: bool,
    dropout: float | Sequence[float],
    timesteps: int | None,
    continuous: bool | None,
) -> LanguageSettings:
    """Check the builder's arguments; take the missing ones from the training text or from the defaults."""
    refuse_beside_vocabulary(WHERE, vocabulary, by=by, lower=lower, most_words=most_words, least_count=least_count)
    texts = None if like is None else inputs.as_texts(WHERE, like)
    splitting = choose_splitting(vocabulary, by)
    _checks.choice(WHERE, "by", splitting, SPLITTINGS)
    cell = cell_name(WHERE, cell, CELLS)
    inputs.refuse_empty(WHERE, texts or [], splitting)
    lower = splitting != "characters" if lower is None else bool(lower)
    if vocabulary is None:
        vocabulary = _learnt_vocabulary(texts, splitting, lower, most_words, least_count)
    else:
        vocabulary = as_vocabulary(WHERE, vocabulary, splitting, lower)
    continuous = isinstance(like, str) if continuous is None else bool(continuous)
    layer_sizes = layer_units(WHERE, units)
    settings = LanguageSettings(
        words=vocabulary.words,
        splitting=vocabulary.by,
        lower=vocabulary.lower,
        continuous=continuous,
        timesteps=_timesteps(texts, vocabulary, continuous, timesteps),
        cell=cell,
        units=layer_sizes,
        embedding=_embedding_size(embedding, bool(tied)),
        tied=bool(tied),
        dropout=layer_dropout(WHERE, dropout, len(layer_sizes)),
        activation=activation_name(WHERE, activation),
    )
    settings.check()
    return settings


def _embedding_size(embedding: int | str, tied: bool) -> int:
    if embedding != ONE_HOT:
        if isinstance(embedding, str):
            problem = f'embedding must be a size or "{ONE_HOT}", got {embedding!r}.'
            raise InvalidValue(WHERE, problem, argument="embedding")
        return _checks.whole_number(WHERE, "embedding", embedding)
    if tied:
        problem = f'tied=True uses the words\' vectors again at the output, and embedding="{ONE_HOT}" has none.'
        raise InvalidValue(WHERE, problem, "Pass a size, for example embedding=128.", "embedding")
    return 0


def _learnt_vocabulary(
    texts: list[str] | None, splitting: str, lower: bool, most_words: int | None, least_count: int | None
) -> Vocabulary:
    """Return the words of the training text, with the start and the end mark."""
    if texts is None:
        raise InvalidValue(WHERE, "give like=<the training text>, or vocabulary=.")
    return learn_vocabulary(
        WHERE, "texts", texts, most_words=most_words, least_count=least_count, splitting=splitting, lower=lower
    )


def _timesteps(texts: list[str] | None, vocabulary: Vocabulary, continuous: bool, timesteps: int | None) -> int:
    if timesteps is not None:
        return _checks.whole_number(WHERE, "timesteps", timesteps)
    if continuous or texts is None:
        return DEFAULT_TIMESTEPS[vocabulary.by]
    longest = max(len(tokens) for tokens in vocabulary.split(texts)) + 1  # for the start mark
    return min(longest, MOST_DEFAULT_TIMESTEPS)
