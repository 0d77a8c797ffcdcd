"""`--report`: the page of a forecast or of a classifier, with what the command has found anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.classification.model import Classifier
    from seqkit.classification.score import ClassScores
    from seqkit.data.samples import Samples
    from seqkit.forecasting.model import Forecaster
    from seqkit.forecasting.score import Backtest
    from seqkit.reports.page import Report


def report_of_forecast(
    model: Forecaster,
    frame: pd.DataFrame,
    asked: dict[str, Any],
    backtest: Backtest | str,
    notes: Sequence[str],
    options: dict[str, Any],
) -> Report:
    """The page of a forecast; its intervals are those of `--levels`, or the usual ones that the model has."""
    from seqkit.reports.forecast_page import Asked, forecast_report
    from seqkit.reports.report import usual_levels

    future = model.forecast(frame, levels=options["levels"] or usual_levels(model), **asked)
    return forecast_report(model, frame, future, backtest, Asked(notes=notes, timezone=options["timezone"]))


def report_of_classifier(
    model: Classifier, samples: Samples, scores: ClassScores | None, notes: Sequence[str]
) -> Report:
    """The page of a classifier, on the samples that it was scored on."""
    from seqkit.reports.classifier_page import classifier_report

    names = [str(name) for name in samples.names]
    return classifier_report(model, samples.x, samples.y, scores, None, notes, samples.features or None, names)
