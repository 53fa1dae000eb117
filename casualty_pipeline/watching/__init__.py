"""Watching a home: what happened, what it cost, what people must be told, whether it is well. Knows nothing of Dagster."""
