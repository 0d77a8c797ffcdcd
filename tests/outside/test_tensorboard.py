"""TensorBoard: its callback, in `fit` and in a recipe, and the scalars that TensorBoard itself reads back."""

import keras
import numpy as np
import pytest

import seqkit as sk

pytest.importorskip("tensorboard")
SMALL = {"horizon": 3, "timesteps": 7, "units": 2, "members": ()}


def scalars(folder, tag):
    """The values of a scalar, by TensorBoard's own reader."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util

    events = EventAccumulator(str(folder))
    events.Reload()
    return [float(tensor_util.make_ndarray(event.tensor_proto)) for event in events.Tensors(tag)]


def test_losses_and_metrics_of_a_fit_are_read_back(tmp_path):
    train, validation, _ = sk.split(sk.load_example("air_passengers"), validation=24, test=12)
    model = sk.build_forecaster(like=train, **SMALL)
    writing = keras.callbacks.TensorBoard(tmp_path)
    history = model.fit(train, validation_data=validation, epochs=2, verbose=0, callbacks=[writing]).history
    np.testing.assert_allclose(scalars(tmp_path / "train", "epoch_loss"), history["loss"], rtol=1e-5)
    np.testing.assert_allclose(scalars(tmp_path / "validation", "epoch_mae"), history["val_mae"], rtol=1e-5)


def test_a_recipe_and_an_estimator_write_each_epoch(tmp_path):
    months = sk.load_example("air_passengers")
    writing = keras.callbacks.TensorBoard(tmp_path / "recipe")
    sk.train_forecaster(months, epochs=2, validation_rows=0, verbose=0, callbacks=[writing], **SMALL)
    assert len(scalars(tmp_path / "recipe" / "train", "epoch_loss")) >= 1
    estimator = sk.SeqkitForecaster(
        **SMALL, epochs=2, validation_rows=0, callbacks=[keras.callbacks.TensorBoard(tmp_path / "estimator")]
    )
    estimator.fit(months)
    assert len(scalars(tmp_path / "estimator" / "train", "epoch_loss")) >= 1
