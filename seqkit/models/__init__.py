"""Models: each file holds a builder and the model it builds."""

from seqkit.models.forecaster import Forecaster, build_forecaster

__all__ = ["Forecaster", "build_forecaster"]
