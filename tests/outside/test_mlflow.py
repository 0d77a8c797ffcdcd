"""MLflow: its autologging writes parameters and metrics by epoch, and a model that it logs is loaded again."""

import keras
import numpy as np
import pytest

import seqkit as sk

mlflow = pytest.importorskip("mlflow")
pytestmark = [
    pytest.mark.slow,  # the first use of a store makes its tables
    pytest.mark.filterwarnings("ignore:.*loader strategy is deprecated"),  # SQLAlchemy, of MLflow's own tables
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred:UserWarning"),  # of MLflow's own functions
]


@pytest.fixture
def store(tmp_path):
    """A store of runs in a file."""
    import mlflow.keras

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    mlflow.set_experiment(experiment_id=mlflow.create_experiment("passengers", str(tmp_path / "artifacts")))
    yield
    mlflow.keras.autolog(disable=True)
    mlflow.set_tracking_uri(before)


def test_autologging_writes_each_epoch_and_a_logged_model_answers_alike(store):
    train, validation, _ = sk.split(sk.load_example("air_passengers"), validation=24, test=12)
    mlflow.keras.autolog(log_models=False)
    with mlflow.start_run() as run:
        model = sk.build_forecaster(like=train, horizon=3, timesteps=7, units=2)
        history = model.fit(train, validation_data=validation, epochs=2, verbose=0).history
        # Without the requirements, MLflow starts another Python to look for them.
        logged = mlflow.keras.log_model(model, name="forecaster", pip_requirements=["seqkit"])
    logs = mlflow.MlflowClient()
    for name in ("loss", "val_mae"):
        values = [entry.value for entry in logs.get_metric_history(run.info.run_id, name)]
        np.testing.assert_allclose(values, history[name], rtol=1e-6)
    assert logs.get_run(run.info.run_id).data.params["optimizer_name"] == model.optimizer.name
    loaded = mlflow.keras.load_model(logged.model_uri)
    assert isinstance(loaded, sk.Forecaster)
    assert isinstance(loaded, keras.Model)
    np.testing.assert_array_equal(loaded.forecast(train), model.forecast(train))
    windows = train.to_numpy("float32")[None, -7:]
    served = mlflow.pyfunc.load_model(logged.model_uri)
    np.testing.assert_allclose(served.predict(windows)[0], model.forecast(train), rtol=1e-5)
