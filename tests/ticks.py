"""Trying schedules and sensors with a home that is set up and taken down, as Dagster wants of a context with resources."""

from typing import Any

import dagster as dg


def evaluated(
    one: dg.SensorDefinition | dg.ScheduleDefinition, context: dg.SensorEvaluationContext | dg.ScheduleEvaluationContext
) -> Any:
    """What a schedule or sensor asks for."""
    with context:
        return one.evaluate_tick(context)  # type: ignore[arg-type]
