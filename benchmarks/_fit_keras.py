"""The worker of fit_beside.py that trains through Keras, with seqkit or by hand: _fit_keras.py JOB WAY DATA."""

import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from _fit_jobs import CLASSES, EMBEDDING, FILTERS, JOBS, TEXT_UNITS, WIDTHS, Job, numbers_of, rows_of, texts_of
from keras import layers

Fit = Callable[[], object]


def seqkit_forecaster(job: Job, folder: Path, **options: object) -> tuple[keras.Model, tuple[object]]:
    import seqkit as sk

    size = {"timesteps": job.timesteps, "features": job.features, "horizon": job.horizon}
    network = {"preset": "article"} if job.is_stack else {"baseline": "last", "segment": job.segment}
    windows = sk.make_windows(rows_of(job, folder), timesteps=job.timesteps, horizon=job.horizon)
    return sk.build_forecaster(**size, **network, **options), (windows,)


def seqkit_classifier(job: Job, folder: Path, **options: object) -> tuple[keras.Model, tuple[object, object]]:
    import seqkit as sk

    texts, labels = texts_of(job, folder)
    network = {"units": TEXT_UNITS, "embedding": EMBEDDING, "attention": "none", "convolution": "phrases"}
    return sk.build_classifier(like=texts, labels=labels, **network, **options), (texts, labels)


def forecaster_by_hand(job: Job) -> keras.Model:
    past = keras.Input((job.timesteps, job.features))
    level = keras.ops.mean(past, axis=1, keepdims=True)
    spread = keras.ops.std(past, axis=1, keepdims=True) + 1e-4
    scaled = (past - level) / spread
    steps = layers.Reshape((-1, job.features * job.segment))(scaled)
    change = layers.Dense(job.horizon * job.features)(layers.Dropout(0.2)(layers.GRU(32)(steps)))
    forecast = (scaled[:, -1:] + layers.Reshape((job.horizon, job.features))(change)) * spread + level
    return keras.Model(past, forecast)


def stack_by_hand(job: Job) -> keras.Model:
    recurrent = [
        layers.LSTM(128, return_sequences=True),
        layers.Dropout(0.5),
        layers.LSTM(128, return_sequences=True),
        layers.LSTM(64),
    ]
    return keras.Sequential([keras.Input((job.timesteps, job.features)), *recurrent, layers.Dense(job.horizon)])


def classifier_by_hand(words: int) -> keras.Model:
    numbers = keras.Input((None,), dtype="int32")
    vectors = layers.Embedding(words, EMBEDDING)(numbers)
    summary = layers.Bidirectional(layers.LSTM(TEXT_UNITS))(vectors, mask=numbers > 0)
    phrases = [layers.Conv1D(FILTERS, width, padding="same", activation="relu")(vectors) for width in WIDTHS]
    maxima = [layers.GlobalMaxPooling1D()(phrase) for phrase in phrases]
    described = layers.Dropout(0.5)(layers.Concatenate()([summary, *maxima]))
    return keras.Model(numbers, layers.Dense(CLASSES, activation="softmax")(described))


def series_by_hand(job: Job, folder: Path) -> tuple[keras.Model, object]:
    model = stack_by_hand(job) if job.is_stack else forecaster_by_hand(job)
    metrics = [keras.metrics.MeanAbsoluteError(name="mae"), keras.metrics.RootMeanSquaredError(name="rmse")]
    model.compile("adam", "mse" if job.is_stack else "mae", metrics=metrics)
    rows = rows_of(job, folder)
    targets = np.lib.stride_tricks.sliding_window_view(rows[job.timesteps :], job.horizon, axis=0).swapaxes(1, 2)
    targets = targets[..., 0] if job.is_stack else targets
    dataset = keras.utils.timeseries_dataset_from_array(
        rows[: -job.horizon], targets, sequence_length=job.timesteps, batch_size=job.batch, shuffle=True
    )
    return model, dataset


def texts_by_hand(job: Job, folder: Path) -> tuple[keras.Model, object]:
    import tensorflow as tf

    texts, labels = texts_of(job, folder)
    numbers, words = numbers_of(texts)
    model = classifier_by_hand(words)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    samples = tf.data.Dataset.from_tensor_slices((tf.ragged.constant([row.tolist() for row in numbers]), labels))
    samples = samples.map(lambda row, label: (tf.cast(row, tf.int32), label)).shuffle(len(texts))
    return model, samples.padded_batch(job.batch, ([None], [])).prefetch(tf.data.AUTOTUNE)


def by_hand(job: Job, folder: Path, is_tuned: bool) -> tuple[keras.Model, Fit]:
    model, dataset = (series_by_hand if job.timesteps else texts_by_hand)(job, folder)
    if not is_tuned:
        from seqkit.data.pipelines import without_autotune

        dataset = without_autotune(dataset)
    return model, lambda: model.fit(dataset, epochs=job.epochs, shuffle=False, verbose=0)


def by_seqkit(job: Job, folder: Path, jit_compile: bool | str = "auto") -> tuple[keras.Model, Fit]:
    model, data = (seqkit_forecaster if job.timesteps else seqkit_classifier)(job, folder, jit_compile=jit_compile)
    return model, lambda: model.fit(*data, batch_size=job.batch, epochs=job.epochs, verbose=0)


def in_a_loop(job: Job, folder: Path) -> tuple[keras.Model, Fit]:
    """The model's own train step, compiled, and called for each batch that `fit` would read."""
    import tensorflow as tf

    model, data = (seqkit_forecaster if job.timesteps else seqkit_classifier)(job, folder)
    dataset = model.batches("fit", *(*data, None)[:2], job.batch, True)
    dataset = dataset["x"] if isinstance(dataset, dict) else dataset
    step = tf.function(model.train_step, reduce_retracing=True)

    def fit() -> None:
        for _ in range(job.epochs):
            model.reset_metrics()
            for batch in dataset:
                step(batch)

    return model, fit


def several_at_once(model: keras.Model) -> contextlib.AbstractContextManager[None]:
    from seqkit.task.recipe import several_steps_at_once

    return several_steps_at_once(model)


WAYS = {
    "fit": by_seqkit,
    "recipe": by_seqkit,
    "recipe, XLA": lambda job, folder: by_seqkit(job, folder, jit_compile=True),
    "loop": in_a_loop,
    "by hand": lambda job, folder: by_hand(job, folder, is_tuned=True),
    "by hand, no autotune": lambda job, folder: by_hand(job, folder, is_tuned=False),
}


def seconds(fit: Fit) -> float:
    start = time.perf_counter()
    fit()
    return time.perf_counter() - start


def main(job: str, way: str, folder: str) -> None:
    keras.utils.set_random_seed(7)
    model, fit = WAYS[way](JOBS[job], Path(folder))
    with several_at_once(model) if way.startswith("recipe") else contextlib.nullcontext():
        print(model.count_params(), seconds(fit), flush=True)
        for _ in sys.stdin:
            print(seconds(fit), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
