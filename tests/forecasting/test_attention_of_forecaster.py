"""attention= of build_forecaster: by step, by layer, by feature; saved and served."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqkit as sk

SMALL = {"timesteps": 6, "features": 2, "horizon": 3, "units": (3, 3), "cell": "simple_rnn", "baseline": "none"}
X = np.random.default_rng(7).normal(5, 2, (4, 6, 2)).astype("float32")
NAMES = {"dense": ["attention"], "weighted_tanh": ["attention"], "layers": ["layer_attention"]}
NAMES |= {"features": ["feature_attention"], ("tanh", "layers"): ["attention", "layer_attention"], "none": []}


@pytest.mark.parametrize("attention", NAMES)
def test_each_attention_has_its_weights_and_is_saved_and_served_alike(attention, tmp_path):
    model = sk.build_forecaster(attention=attention, **SMALL)
    if NAMES[attention]:
        weights = sk.attention_weights(model, X)
        assert list(weights) == NAMES[attention]
        for name, values in weights.items():
            assert name == "feature_attention" or np.allclose(np.sum(values, axis=-1), 1, atol=1e-6)
    model.save(tmp_path / "model.keras")
    model.export(tmp_path / "served")
    answers = model.predict(X, verbose=0)
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "model.keras").predict(X, verbose=0), answers)
    served = tf.saved_model.load(tmp_path / "served")
    np.testing.assert_allclose(served.serve(X)["forecast"], answers, rtol=1e-6)
    assert model.asked["attention"] == list(model.settings.attention)


def test_with_attention_and_without_nothing_else_differs():
    plain, attended = (sk.build_forecaster(attention=kind, **SMALL) for kind in ("none", "dense"))
    layers = [{layer.name for layer in model.layers} for model in (plain, attended)]
    assert layers[1] - layers[0] == {"attention"}
    assert attended.count_params() - plain.count_params() == 3 + 1


def test_attention_over_columns_reads_them_jointly_unless_told_otherwise():
    for attention in ("features", ["features", "dense"]):
        model = sk.build_forecaster(attention=attention, **SMALL)
        assert model.settings.channels == "joint"
        assert sk.attention_weights(model, X)["feature_attention"].shape[-1] == 2
    assert sk.build_forecaster(attention="dense", **SMALL).settings.channels == "independent"
    apart = sk.build_forecaster(attention="features", channels="independent", **SMALL)
    assert apart.settings.channels == "independent"


def test_attention_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="build_forecaster: attention over layers needs two layers"):
        sk.build_forecaster(**{**SMALL, "units": 3}, attention="layers")
