"""The weights of the pretrained network, which come with the package."""

from __future__ import annotations

from importlib.resources import as_file, files

import keras

SYNTHETIC = "synthetic"  # trained on synthetic series alone
WEIGHTS = {SYNTHETIC: "a network that was trained on synthetic series alone"}


def load_synthetic(network: keras.Model) -> None:
    """Give a `pretrained_network` the weights that `python -m seqkit.pretraining.train` made; see `weights.md`."""
    with as_file(files("seqkit.pretraining") / "synthetic.weights.h5") as path:
        network.load_weights(path)
