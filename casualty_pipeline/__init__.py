"""Casualty recording: the domain. Nothing in it but `definitions` and `orchestration` knows about Dagster."""

__version__ = "0.1.0"
