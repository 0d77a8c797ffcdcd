"""scikit-learn's own checks of an estimator; the exceptions are named, each with its reason."""

import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import estimator_checks_generator

import seqkit as sk

TINY = {"cell": "simple_rnn", "units": 3, "bidirectional": False, "attention": "none", "convolution": "none"}
BRIEF = {**TINY, "folds": 0, "epochs": 1, "batch_size": 16}
LEARNING = {"epochs": 15, "learning_rate": 0.02}

# Checks of what was learnt; all others are quicker with one epoch.
OF_WHAT_IS_LEARNT = {
    "check_class_weight_classifiers",
    "check_classifiers_classes",
    "check_classifiers_train",
    "check_regressors_int",
    "check_regressors_train",
}
# Those that train once or not at all, and say most; the others take minutes.
MAIN = {
    "check_complex_data",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_sparse_array",
    "check_estimator_tags_renamed",
    "check_estimators_empty_data_messages",
    "check_estimators_unfitted",
    "check_fit1d",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_requires_y_none",
    "check_set_params",
    "check_valid_tag_types",
}


class WithoutTargets(sk.SeqkitForecaster):
    """The checks pass a y, which a forecaster refuses."""

    def fit(self, X, y=None):  # noqa: N803
        return super().fit(X)

    def score(self, X, y=None):  # noqa: N803
        return super().score(X)


ROUNDING = "float32: the sums of one sample differ in the last digit by its place in a batch, and 1e-7 is asked for"
ROWS_ARE_STEPS = "the rows of a table are steps in time, not samples: predict answers the horizon after the last"
EXCEPTIONS = {
    "check_methods_sample_order_invariance": ROUNDING,
}
EXCEPTIONS_OF_FORECASTER = {
    "check_methods_sample_order_invariance": ROWS_ARE_STEPS,
    "check_methods_subset_invariance": ROWS_ARE_STEPS,
}
FORECASTER = WithoutTargets(
    cell="simple_rnn", horizon=2, timesteps=3, units=2, members=(), validation_rows=0, epochs=1, intervals=False
)
ESTIMATORS = {
    sk.SeqkitClassifier(**BRIEF, dropout=0.0): EXCEPTIONS,
    sk.SeqkitRegressor(**BRIEF | {"units": 8}): EXCEPTIONS,
    FORECASTER: EXCEPTIONS_OF_FORECASTER,
}


def name_of(check):
    return getattr(check, "func", check).__name__


def cases():
    """Each estimator and check; the place in a batch that rounding depends on differs between machines."""
    for estimator, exceptions in ESTIMATORS.items():
        for subject, check in estimator_checks_generator(estimator):
            name = name_of(check)
            marks = [] if name in MAIN else [pytest.mark.slow]
            if name in exceptions:
                marks.append(pytest.mark.xfail(reason=exceptions[name], strict=exceptions[name] != ROUNDING))
            yield pytest.param(subject, check, marks=marks, id=f"{type(estimator).__name__}-{name}")


@pytest.mark.parametrize(("estimator", "check"), list(cases()))
def test_scikit_learns_check(estimator, check):
    if name_of(check) in OF_WHAT_IS_LEARNT:
        estimator = clone(estimator).set_params(**LEARNING)
    check(estimator)
