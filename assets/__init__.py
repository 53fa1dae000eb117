"""Dagster assets, thin: a module per stage, each a function that builds the stage's assets for a partitioning by month."""
