"""Reads finished reports back and compares every number that they print with the figures.

It shares nothing with what writes them but the words of the languages: pages are read as a reader sees them. What doesn't
belong here: whether figures agree with each other (`figures.identities`).
"""

from casualty_pipeline.reporting.proofreading.proof import Fault, proofread

__all__ = ["Fault", "proofread"]
