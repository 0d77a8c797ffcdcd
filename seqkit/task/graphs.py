"""Graphs that answer beside the one that trains: decoding, kept for each choice it is asked for with."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import keras


class Answering(keras.Model):
    """A function of a model's layers as a model of its own, so that Keras compiles it on any backend."""

    def __init__(self, owner: keras.Model, answer: Callable[[Any], Any]) -> None:
        """Keep the function; the weights are the owner's."""
        super().__init__()
        self.owner, self._answer = owner, answer
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Answer a batch."""
        return self._answer(inputs)


class Graphs:
    """Made when they are asked for; no part of the model that is saved."""

    def __init__(self) -> None:
        """None yet."""
        self._found: dict[Hashable, keras.Model] = {}

    def of(self, owner: keras.Model, choice: Hashable, answer: Callable[[Any], Any]) -> keras.Model:
        """The graph of a choice; `answer` makes it if it is new."""
        if choice not in self._found:
            self._found[choice] = Answering(owner, answer)
        return self._found[choice]
