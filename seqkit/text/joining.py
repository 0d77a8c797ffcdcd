"""Tokens to text, in a graph: spaces between words, and none in scripts that are written without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf

UNSPACED_SCRIPTS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}"
WIDE_PUNCTUATION = r"\x{3001}-\x{303F}\x{30FB}\x{30FC}\x{FF01}-\x{FF65}"  # 。、「」 ， ！ and the like
QUOTES = "\u2018\u2019\u201c\u201d\u2026\u2014"  # also in spaced scripts, so they follow their neighbours
UNSPACED = rf"[{UNSPACED_SCRIPTS}{WIDE_PUNCTUATION}]"
UNSPACED_OR_QUOTE = rf"[{UNSPACED_SCRIPTS}{WIDE_PUNCTUATION}{QUOTES}]"
NEEDLESS_SPACE = f"({UNSPACED}[{QUOTES}]*) ({UNSPACED_OR_QUOTE})|({UNSPACED_OR_QUOTE}) ([{QUOTES}]*{UNSPACED})"
PASSES = 4  # a match reads its characters only once: 我 爱 你 is 我爱 你 after the first pass
WHITESPACE = "\\t\\n\\f\\r "


def join_words(words: tf.Tensor, by: str) -> tf.Tensor:
    """Join words `[B, T]` to strings `[B]`; `""` is no word.

    Args:
        words: the tokens.
        by: the kind of token, as `Vocabulary` has it. `"characters"` are joined directly, `"spaces"` by a space, and
            `"words"` by a space except between two that are written without one: `我 爱 你 。` is `我爱你。`
    """
    import tensorflow as tf

    between = "" if by == "characters" else " "
    words = tf.convert_to_tensor(words, tf.string)
    joined = tf.strings.reduce_join(tf.ragged.boolean_mask(words, words != ""), axis=-1, separator=between)
    return _without_needless_spaces(joined) if by == "words" else joined


def join_to_prompts(prompts: tf.Tensor, continuations: tf.Tensor, by: str) -> tf.Tensor:
    """Write each continuation `[B]` after its prompt `[B]`, which stays as it is written."""
    import tensorflow as tf

    if by == "characters":
        return tf.strings.join([prompts, continuations])
    prompts = tf.strings.regex_replace(prompts, f"[{WHITESPACE}]+$", "")
    last = tf.strings.regex_replace(prompts, "(?s).*(.)$", r"\1")
    first = tf.strings.regex_replace(continuations, "(?s)^(.).*", r"\1")
    seam = join_words(tf.stack([last, first], axis=-1), by)
    has_space = tf.strings.regex_full_match(seam, "(?s). .")
    return tf.strings.join([prompts, tf.where(has_space, " ", ""), continuations])


def _without_needless_spaces(texts: tf.Tensor) -> tf.Tensor:
    import tensorflow as tf

    for _ in range(PASSES):
        texts = tf.strings.regex_replace(texts, NEEDLESS_SPACE, r"\1\2\3\4")
    return texts


def as_strings(texts: tf.Tensor) -> list[str]:
    """The strings of a tensor `[B]`."""
    return [text.decode("utf-8", "replace") for text in texts.numpy().tolist()]
