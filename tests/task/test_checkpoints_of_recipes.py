"""A recipe with a seed and a checkpoint goes on after a kill in any of its trainings to the same weights."""

import shutil

import keras
import numpy as np
import pytest
from task_rows import monthly
from test_recipe_arguments import RECIPES

import seqkit as sk

RECIPES_TO_STOP = {
    "train_forecaster": lambda **more: sk.train_forecaster(monthly(), horizon=3, timesteps=7, units=3, **more),
    **{name: RECIPES[name] for name in ("train_classifier", "train_tagger", "train_language_model", "train_seq2seq")},
}
TRAININGS = {"train_classifier": 3, "train_tagger": 2}  # of two epochs or more; 1 elsewhere


class CopiesInTheMiddle(keras.callbacks.Callback):
    """Copy the checkpoints in the second epoch of each training: what a kill would leave then."""

    def __init__(self, folder):
        super().__init__()
        self._folder, self._count = folder, 0

    def on_train_begin(self, logs=None):
        self._count += 1

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            shutil.copytree(self._folder / "whole", self._folder / f"killed {self._count}")


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES_TO_STOP)
def test_a_killed_recipe_goes_on_to_the_same_weights(name, tmp_path):
    how = {"epochs": 3, "seed": 5, "batch_size": 4, "verbose": 0}
    (tmp_path / "whole").mkdir()
    copies = CopiesInTheMiddle(tmp_path)
    whole = RECIPES_TO_STOP[name](callbacks=copies, checkpoint=tmp_path / "whole" / "run", **how)
    killed = sorted(path for path in tmp_path.iterdir() if path.name.startswith("killed"))
    assert killed
    assert len(list(killed[-1].glob("*.before"))) == TRAININGS.get(name, 1)
    for folder in killed:
        again = RECIPES_TO_STOP[name](checkpoint=folder / "run", **how)
        assert again.chosen_epochs == whole.chosen_epochs
        assert again.validation_history == whole.validation_history
        for one, other in zip(again.get_weights(), whole.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
