"""The device that Keras's backend uses."""

from __future__ import annotations

import keras


def device_name() -> str:
    """The accelerator that Keras's backend uses, or "cpu"."""
    if keras.backend.backend() == "jax":
        import jax

        return "cpu" if jax.devices()[0].platform == "cpu" else jax.devices()[0].device_kind
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU") if gpus else "cpu"
