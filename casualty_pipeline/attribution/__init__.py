"""Who is responsible and who counts: claims and decisions resolved, month by month."""

from casualty_pipeline.attribution.resolve import NO_INPUT, attribute, digest_months, digests, resolve, states

__all__ = ["NO_INPUT", "attribute", "digest_months", "digests", "resolve", "states"]
