"""Task, the skeleton of every model: settings in its config, `fit`, `evaluate`, `export`, written once around hooks."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from functools import partial
from inspect import signature
from typing import Any, ClassVar

import keras

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit._shown import shown_shortly
from seqkit.export import Served
from seqkit.export_formats import check_format, write_served
from seqkit.task import fitting
from seqkit.task.arguments import keras_arguments, keras_validation_data
from seqkit.task.finite_weights import may_be_written
from seqkit.task.graphs import Graphs
from seqkit.task.plain_fit import with_plain_callbacks
from seqkit.task.precision import PRECISION, built_in_precision, precision_of
from seqkit.task.settings import Connected, PlainSettings, refuse_unknown
from seqkit.task.string_batches import gathered, holds_strings, refuse_strings
from seqkit.task.training_run import training_run
from seqkit.task.untuned import UntunedModel


@shown_shortly
class Task(UntunedModel):
    """A functional Keras model made of settings, which reads samples and answers as the user has them."""

    Settings: ClassVar[type[PlainSettings]]
    samples_are: ClassVar[str] = "samples"  # in messages
    answers_are: ClassVar[str] = "answers"
    asked_for: ClassVar[str] = "x, y"  # what `fit` and `evaluate` take
    refused_options: ClassVar[tuple[str, ...]] = ("class_weight",)  # of `fit`
    parts_shown: ClassVar[tuple[str, ...]] = ()  # settings and attributes that say what the model is for
    takes_token_numbers: bool = False  # whether Keras takes arrays of integers, as numbers of tokens

    # What a task writes

    def connect(self, settings: Any) -> Connected:
        """The layers, and inputs and outputs of their graph."""
        raise NotImplementedError

    def batches(self, where: str, x: Any, y: Any, *how: Any, **more: Any) -> Any:
        """Samples and answers, checked, as batches for Keras; or checked arrays as a dict of Keras's own arguments.

        `how` is `batch_size`, `shuffle` and `sample_weight`; `more` is what `batch_options` returns.
        """
        raise NotImplementedError

    def network_input(self, x: Any, where: str) -> Any:
        """What the graph reads of samples as they are."""
        raise NotImplementedError

    def served(self, **options: Any) -> Served:
        """What `export` promises, and an example; `longest` is an option of texts."""
        raise NotImplementedError

    # Hooks with a default

    @property
    def serves_texts(self) -> bool:
        """Whether the endpoints of `export` take texts."""
        return self.takes_token_numbers

    def needs_answers(self, x: Any) -> bool:
        """Whether `fit` and `evaluate` need `y` beside these samples."""
        return True

    def reads(self, x: Any) -> bool:
        """Whether these are samples as they are, or else what Keras itself takes."""
        if isinstance(x, Mapping):
            return not set(x) <= {tensor.name for tensor in self.inputs}
        return not (fitting.is_batches(x) or (self.takes_token_numbers and fitting.is_token_numbers(x)))

    def refuse_unadapted(self, where: str) -> None:
        """Refuse a model that has not seen the training samples, where it needs to."""

    def refuse_options(self, where: str, x: Any, options: dict[str, Any]) -> None:
        """Refuse options of Keras's that mean something else here."""
        fitting.refuse_options(where, options, self.samples_are, *self.refused_options)

    def keras_options(self, where: str, options: dict[str, Any]) -> dict[str, Any]:
        """Other options of `fit`, as Keras takes them."""
        return options

    def answers_of_batches(self, y: Any) -> Any:
        """Answers that a dataset of raw strings holds, as `batches` takes them."""
        return y

    def held_parts(self, validation_data: Any) -> tuple[Any, Any, Any]:
        """Samples, answers and weights of `validation_data`."""
        return fitting.held_parts(validation_data)

    def batch_options(self, epochs: int) -> dict[str, Any]:
        """What else `batches` is told of a training of so many epochs."""
        return {}

    @contextlib.contextmanager
    def around_keras(self, verb: str, data: Any, epochs: int = 1) -> Iterator[list[Any]]:
        """What surrounds Keras's own `fit` or `evaluate` on `data`; yields callbacks to add."""
        yield []

    def predict_samples(self, x: Any, batch_size: int | None, **options: Any) -> Any:
        """The answers to samples as they are."""
        return UntunedModel.predict(self, self.network_input(x, "predict"), batch_size, **options)

    # Written once

    def __init__(self, settings: Any, *, chosen_epochs: float | None = None, **kwargs: Any) -> None:
        """Connect the layers."""
        if isinstance(settings, dict):
            settings = self.Settings.from_config(settings)
        network, inputs, outputs = self.connect(settings)
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)
        self.settings: Any = settings
        self.__dict__["network"] = network  # past Keras, which would track its layers, the graph's own, twice
        self.chosen_epochs = chosen_epochs
        self.validation_history: dict[str, list[float]] | None = None
        self.training_seconds: float | None = None
        self.graphs = Graphs(self)

    def _parts(self) -> dict[str, Any]:
        names = (*self.parts_shown, "cell", "units", "chosen_epochs")
        parts = {name: getattr(self.settings if hasattr(self.settings, name) else self, name) for name in names}
        return {name: part for name, part in parts.items() if part not in (None, ())} | {
            "weights": f"{self.count_params():,} numbers"
        }

    def get_config(self) -> dict[str, Any]:
        """Plain values from which `from_config` makes the same network."""
        config = {"settings": self.settings.to_config(), "chosen_epochs": self.chosen_epochs, "name": self.name}
        return {**config, **precision_of(self)}

    @classmethod
    def build_from_settings(cls, config: dict[str, Any], custom_objects: Any) -> Task:
        """Build the model, unless there is a part of the config that it does not know."""
        parts = {name for kind in cls.__mro__ if issubclass(kind, Task) for name in signature(kind.__init__).parameters}
        refuse_unknown(cls, config, parts | {"name", PRECISION})
        if not isinstance(config.get("settings"), (dict, PlainSettings)):
            raise InvalidValue(cls.__name__, "the settings are missing.", "The file is damaged.", "settings")
        arguments = {name: value for name, value in config.items() if name != PRECISION}
        with built_in_precision(config.get(PRECISION)):
            return cls(**arguments)

    def _run_through_graph(self, inputs: Any, operation_fn: Any = lambda op: op, call_fn: Any = None) -> Any:
        if getattr(operation_fn, "__module__", "") == "keras.src.models.cloning":
            kind = type(self).__name__
            raise InvalidType(
                "clone_model",
                f"it would return a plain model without {kind}'s own loss and inputs.",
                f"Use {kind}.from_config(model.get_config()), then set_weights.",
            )
        return super()._run_through_graph(inputs, operation_fn, call_fn)

    def fit(  # type: ignore[override]  # Keras's own, with `batch_size` and `epochs` third and fourth
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        *,
        validation_data: Any = None,
        shuffle: bool = True,
        sample_weight: Any = None,
        callbacks: Any = None,
        checkpoint: Any = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """`keras.Model.fit` on samples and answers as they are; the class says what these are.

        Args:
            x: samples, or batches of arrays as the graph reads them, such as tf.data's. A tf.data.Dataset of raw
                strings is read once, before the training.
            y: an answer for each sample, where the model needs them.
            batch_size: samples in a batch; the class says how many by default.
            epochs: times through all samples.
            validation_data: a pair `(x, y)` like these, or `(x, y, sample_weight)`, or batches.
            shuffle: a new order each epoch.
            sample_weight: a number from 0 up for each sample.
            callbacks: Keras's.
            checkpoint: a file, or a `seqkit.Checkpoint`, from which the same call goes on after it was killed.
            kwargs: anything else `keras.Model.fit` takes.

        Raises:
            TypeError, ValueError: samples or answers that the class refuses; a model that was not adapted.
        """
        self.refuse_unadapted("fit")
        epochs = _checks.whole_number("fit", "epochs", epochs, least=0)
        self.refuse_options("fit", x, kwargs)
        kwargs = self.keras_options("fit", kwargs)
        how = self.batch_options(epochs)
        with training_run(self, checkpoint) as run:
            data = keras_arguments(self, "fit", x, y, batch_size, shuffle, sample_weight, **how)
            validation_data = keras_validation_data(self, validation_data, batch_size, **how)
            with self.around_keras("fit", data["x"], epochs) as more:
                callbacks = fitting.with_callbacks(with_plain_callbacks(self, callbacks), *more)
                data |= {"epochs": epochs, "validation_data": validation_data, "callbacks": callbacks}
                return super().fit(**run.added_to(data | kwargs))

    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, *, sample_weight: Any = None, **kwargs: Any
    ) -> Any:
        """`keras.Model.evaluate` on samples and answers as they are; arguments as those of `fit`."""
        if kwargs.get("_use_cached_eval_dataset"):  # Keras, within `fit`: the data are checked already
            data = {"x": x, "y": y, "batch_size": batch_size, "sample_weight": sample_weight}
        else:
            self.refuse_unadapted("evaluate")
            data = keras_arguments(self, "evaluate", x, y, batch_size, False, sample_weight)
            data.pop("shuffle")
        with self.around_keras("evaluate", data["x"]):
            return super().evaluate(**data, **kwargs)

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: Any = None, steps: Any = None, callbacks: Any = None
    ) -> Any:
        """`keras.Model.predict` on samples as they are; the class says what it returns. Of batches, graph outputs."""
        self.refuse_unadapted("predict")
        options = {"callbacks": callbacks} | ({} if verbose is None else {"verbose": verbose})
        if holds_strings(x):
            x = gathered("predict", x).x
        if self.reads(x):
            fitting.refuse_beside_samples("predict", steps=steps)
            return self.predict_samples(fitting.as_array(x), batch_size, **options)
        if fitting.is_batches(x):
            fitting.refuse_beside_batches("predict", batch_size=batch_size)
        return super().predict(x, batch_size, steps=steps, **options)

    def train_on_batch(self, x: Any, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.train_on_batch` on arrays as the graph reads them; raw strings are refused."""
        refuse_strings("train_on_batch", x, y)
        return super().train_on_batch(x, y, *args, **kwargs)

    def test_on_batch(self, x: Any, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.test_on_batch` on arrays as the graph reads them; raw strings are refused."""
        refuse_strings("test_on_batch", x, y)
        return super().test_on_batch(x, y, *args, **kwargs)

    def predict_on_batch(self, x: Any) -> Any:
        """`keras.Model.predict_on_batch` on arrays as the graph reads them; raw strings are refused."""
        refuse_strings("predict_on_batch", x)
        return super().predict_on_batch(x)

    def export(
        self,
        filepath: str | os.PathLike[str],
        format: str = "tf_saved_model",
        *,
        longest: int | None = None,
        timesteps: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Write the model for a runtime without seqkit and Keras, and compare its answers with those of this model.

        Args:
            filepath: the folder of a SavedModel, or the file to write.
            format: `"tf_saved_model"`, raw samples in and answers out for TensorFlow alone; the class lists its
                endpoints. `"onnx"` for onnxruntime and `"litert"` for LiteRT: a file of the endpoint `serve`, which
                answers NaN and `""` where a SavedModel refuses. Models that read or write texts have no such file.
            longest: of a model that reads texts, the most tokens of a text that is answered; a longer one is refused,
                so that no request fills the server's memory. 10,000 by default.
            timesteps: of `"litert"`, whose file reads one sample of one length, where the model reads any.
            kwargs: `verbose` alone.

        Raises:
            InvalidValue: the model cannot be written in the format; an extra package is missing.
            OSError: the path cannot be written.
        """
        self.refuse_unadapted("export")
        check_format(format, kwargs, timesteps)
        options = {} if longest is None else {"longest": _checks.whole_number("export", "longest", longest)}
        if options and not self.serves_texts:
            problem = "longest= limits the tokens of a text, and this model reads no texts."
            raise InvalidType("export", problem, "Leave it out.", argument="longest")
        if not may_be_written(self, "export", filepath):
            return None
        return write_served(type(self).__name__, partial(self.served, **options), filepath, format, timesteps)
