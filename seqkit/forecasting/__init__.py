"""Forecasting: the last rows of a table in, the next rows out, in the units of the table."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "anomalies": ["Anomalies", "anomalies"],
        "anomaly_plot": ["plot_anomalies"],
        "build": ["build_forecaster"],
        "explain": ["Explanation", "explain"],
        "explanation_check": ["ExplanationCheck", "check_explanation"],
        "explanation_plot": ["plot_explanation"],
        "model": ["Forecaster"],
        "pretrained": ["PretrainedForecaster"],
        "train": ["train_forecaster"],
        "score": ["Backtest", "backtest"],
        "plots": ["plot_backtest", "plot_forecast"],
    },
)
