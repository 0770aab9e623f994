"""siamnas: predictor-based neural architecture search as one Hydra-configured experiment."""

__version__ = "0.1.0"
