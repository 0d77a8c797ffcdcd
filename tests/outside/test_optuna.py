"""Optuna: a study over the builder's arguments, judged and pruned by validation rows."""

import keras
import pytest

import seqkit as sk

optuna = pytest.importorskip("optuna")


@pytest.fixture
def quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield
    optuna.logging.set_verbosity(before)


def test_a_study_of_the_builders_arguments_prunes_what_is_worse(quiet):
    train, validation, _ = sk.split(sk.load_example("air_passengers"), validation=24, test=12)

    def objective(trial):
        def report(epoch, logs):
            trial.report(logs["val_mae"], epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

        scaling = trial.suggest_categorical("scaling", ["window", "none"])
        model = sk.build_forecaster(
            like=train, horizon=3, timesteps=7, units=2, baseline="none", transform="none", scaling=scaling
        )
        watch = keras.callbacks.LambdaCallback(on_epoch_end=report)
        history = model.fit(train, validation_data=validation, epochs=2, verbose=0, callbacks=[watch])
        return min(history.history["val_mae"])

    pruner = optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=0)
    study = optuna.create_study(pruner=pruner, sampler=optuna.samplers.RandomSampler(seed=0))
    for scaling in ("window", "none"):  # without scaling, the network answers numbers near 0
        study.enqueue_trial({"scaling": scaling})
    study.optimize(objective, n_trials=2)
    assert study.best_params == {"scaling": "window"}
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "PRUNED"]
