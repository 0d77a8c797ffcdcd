"""A copy of a model in which calls of layers are watched, while the model itself stays as it is."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from types import MethodType
from typing import Any

import keras
from keras import layers

from seqkit._errors import InvalidValue

Watch = Callable[..., Any]  # (name, layer, call, *arguments, **options), returns what the layer gives


def watched_copy(where: str, model: keras.Model, chosen: Mapping[str, layers.Layer], watch: Watch) -> keras.Model:
    """Copy a model, and let `watch` answer for the chosen layers of the copy.

    The copy has the model's own variables, and new Python objects for everything that holds them: layers, their lists
    and the graph's operations. So nothing that happens to the copy is seen by another thread that uses the model. The
    copy of a chosen layer calls `watch(name, layer, call, *arguments, **options)`, where `layer` is that copy and
    `call` its own `call`. No copy uses the cuDNN kernel, which hides the layers of `Bidirectional`.

    Args:
        where: the public function, for messages.
        model: a built model.
        chosen: layers to watch, by name.
        watch: what answers for their `call`.
    """
    if not model.built:
        raise InvalidValue(where, "the model is not built.", "Call it once on a batch: model(x).", "model")
    copies = _Copies(where)
    copy: keras.Model = copies.of(model)
    for name, layer in chosen.items():
        twin = copies.of(layer)
        if "use_cudnn" in vars(twin):
            vars(twin)["use_cudnn"] = False
        vars(twin)["call"] = functools.partial(watch, name, twin, twin.call)
    return copy


@contextlib.contextmanager
def unchanged_variables(model: keras.Model) -> Iterator[None]:
    """Inside the `with` block, what this thread assigns to variables is seen there alone, and is gone at its end.

    These are the states of stateful layers, seeds and what is counted. Losses of layers are collected.
    """
    regularized = [(one, one.value) for one in model.trainable_variables if one.regularizer is not None]
    with keras.StatelessScope(regularized, collect_losses=True):
        yield


class _Copies:
    """Copies of layers, each made once, and of the containers that hold them."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.made: dict[int, tuple[Any, Any]] = {}  # by id: the original, which must live as long, and its copy

    def of(self, value: Any) -> Any:
        """The copy of a layer or container; anything else as it is."""
        if id(value) in self.made:
            return self.made[id(value)][1]
        if isinstance(value, layers.Layer):
            return self._of_layer(value)
        if isinstance(value, list):
            copy: list[Any] = []
            self.made[id(value)] = value, copy
            copy.extend(map(self.of, list(value)))
            return copy
        if isinstance(value, dict):
            filled: dict[Any, Any] = {}
            self.made[id(value)] = value, filled
            filled.update({key: self.of(one) for key, one in dict(value).items()})
            return filled
        if isinstance(value, tuple):
            parts = map(self.of, value)
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        if isinstance(value, set):
            return set(value)
        if isinstance(value, MethodType) and isinstance(value.__self__, layers.Layer):
            return MethodType(value.__func__, self.of(value.__self__))
        return value

    def _of_layer(self, layer: layers.Layer) -> layers.Layer:
        twin: Any = object.__new__(type(layer))
        self.made[id(layer)] = layer, twin
        vars(twin).update({name: self.of(value) for name, value in dict(vars(layer)).items()})
        if hasattr(layer, "_run_through_graph"):
            vars(twin)["_run_through_graph"] = functools.partial(self._run_through_graph, twin)
        if not layer.built:
            vars(twin)["build"] = functools.partial(self._refuse_to_build, layer.name)
        if getattr(layer, "_compile_loss", None) is not None:
            vars(twin)["_compile_loss"] = _unbuilt_loss(layer._compile_loss)
        return twin

    def _run_through_graph(
        self, twin: Any, inputs: Any, operation_fn: Any = lambda operation: operation, call_fn: Any = None
    ) -> Any:
        """Keras's, on the copies of the graph's layers."""
        return type(twin)._run_through_graph(twin, inputs, lambda layer: operation_fn(self.of(layer)), call_fn)

    def _refuse_to_build(self, name: str, *_: Any, **__: Any) -> None:
        raise InvalidValue(self.where, f"layer {name!r} is not built.", "Call the model once: model(x).", "model")


def _unbuilt_loss(loss: Any) -> Any:
    """Keras's compiled loss, anew: it is built at its first call, and would then change in two threads at once."""
    return type(loss)(loss._user_loss, loss._user_loss_weights, output_names=loss.output_names)
