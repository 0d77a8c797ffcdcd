"""Estimators of scikit-learn's: the recipes as objects that `Pipeline`, `cross_val_score` and `GridSearchCV` know."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "classifier": ["SeqkitClassifier"],
        "forecaster": ["SeqkitForecaster"],
        "regressor": ["SeqkitRegressor"],
    },
)
