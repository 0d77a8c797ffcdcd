"""Regression: series in, a number or several out, in raw units and with intervals."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "build": ["build_regressor"],
        "model": ["Regressor"],
        "train": ["train_regressor"],
        "score": ["RegressionScores", "score_regressor"],
    },
)
