"""Refusals inside a served graph, and what a graph answers that cannot refuse."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from string import Formatter
from typing import TYPE_CHECKING, Any

from seqkit._refusals import Refusal

if TYPE_CHECKING:
    import tensorflow as tf


_NOTED: ContextVar[list[Any] | None] = ContextVar("noted", default=None)


def guarded(refusal: Refusal, tensor: Any, is_wrong: Any, **values: Any) -> Any:
    """The same tensor, in a graph that is refused in the words of `refusal` where `is_wrong` holds anywhere.

    Args:
        refusal: the words.
        tensor: what the graph goes on with.
        is_wrong: booleans of any shape.
        values: numbers or strings, each one for all, or broadcast to the shape of `is_wrong`, where those at the first
            wrong place are named.
    """
    import tensorflow as tf

    is_wrong = tf.convert_to_tensor(is_wrong)
    if (noted := _NOTED.get()) is not None:
        noted.append(tf.reduce_any(is_wrong))
        return tensor
    named = {name: _first_wrong(value, is_wrong) for name, value in values.items()}
    check = tf.debugging.Assert(~tf.reduce_any(is_wrong), [_filled(refusal, named)])
    with tf.control_dependencies([check]):
        return tf.identity(tensor)


@contextlib.contextmanager
def refusals_noted() -> Iterator[None]:
    """Trace a graph for a runtime that cannot refuse: `guarded` notes what is wrong, for `unless_refused`."""
    token = _NOTED.set([])
    try:
        yield
    finally:
        _NOTED.reset(token)


def notes_refusals() -> bool:
    """Whether the graph that is traced is for a runtime that cannot refuse."""
    return _NOTED.get() is not None


def unless_refused(outputs: dict[str, Any]) -> dict[str, Any]:
    """The same outputs, decimal numbers by name; in a graph that cannot refuse, NaN where a guard would have."""
    import tensorflow as tf

    noted = _NOTED.get()
    if not noted:
        return outputs
    is_refused = tf.reduce_any(tf.stack(noted))
    noted.clear()
    return {
        name: tf.where(is_refused, tf.constant(float("nan"), array.dtype), array) for name, array in outputs.items()
    }


def is_infinite(values: tf.Tensor) -> tf.Tensor:
    """Where values are infinite; `tf.math.is_inf` finds none once LiteRT 2.21 has converted it."""
    import tensorflow as tf

    return ~(tf.math.is_finite(values) | tf.math.is_nan(values))


def shape_as_text(shape: tf.Tensor) -> tf.Tensor:
    """A shape `(axes,)` as Python writes the tuple."""
    import tensorflow as tf

    sizes = tf.strings.reduce_join(tf.strings.as_string(shape), separator=", ")
    return tf.strings.join(["(", sizes, ",)" if shape.shape[0] == 1 else ")"])


def _filled(refusal: Refusal, values: dict[str, tf.Tensor]) -> tf.Tensor:
    """The problem and the way out, as one string."""
    import tensorflow as tf

    parts: list[Any] = []
    for text, name, _, _ in Formatter().parse(f"{refusal.problem} {refusal.way_out}".strip()):
        parts += [text] if name is None else [text, values[name]]
    return tf.strings.join(parts)


def _first_wrong(value: Any, is_wrong: tf.Tensor) -> tf.Tensor:
    """The value at the first wrong place as a string; "" where none is wrong."""
    import tensorflow as tf

    value = tf.convert_to_tensor(value)
    if value.shape.rank:
        value = tf.boolean_mask(tf.broadcast_to(value, tf.shape(is_wrong)), is_wrong)[:1]
    if value.dtype != tf.string:
        value = tf.strings.as_string(value, shortest=value.dtype.is_floating)
    return tf.strings.reduce_join(value)
