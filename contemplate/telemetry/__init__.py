"""Telemetry: runs as spans and metrics of OpenTelemetry, by its conventions for generative AI."""

from contemplate.telemetry.observer import Telemetry

__all__ = ["Telemetry"]
