"""Small texts and language models that their tests share."""

import keras
import numpy as np

from seqkit.language.build import build_language_model

TINY = {"units": 3, "embedding": 5, "dropout": 0.0, "cell": "gru"}
SAYING = "Never too late to code, never too late to read."
STORY = " ".join([SAYING] * 11)
VERSES = ["The cat sat.", "the dog ran far", "A cat ran!", "far too far"]


def build(like=STORY, **options):
    """A tiny model with weights that are no longer the first ones, so that its answers differ."""
    model = build_language_model(like=like, **{**TINY, **options})
    random = np.random.default_rng(5)
    for weight in model.trainable_weights:
        weight.assign(weight + random.normal(0, 0.7, weight.shape))
    return model


def learnt(like=STORY, epochs=23, **options):
    """A model that knows its text."""
    keras.utils.set_random_seed(7)
    adam = keras.optimizers.Adam(0.03)
    model = build_language_model(like=like, **{**TINY, "units": 13, "timesteps": 7, "optimizer": adam, **options})
    model.fit(like, epochs=epochs, batch_size=3, verbose=0)
    return model


def token_losses(model, numbers):
    """-log p of each number after the first, the sequence read in one go."""
    probabilities = keras.ops.convert_to_numpy(model(np.array([numbers[:-1]], "int32")))[0]
    return -np.log(probabilities[np.arange(len(numbers) - 1), numbers[1:]])
