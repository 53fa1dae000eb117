"""Who is responsible and who counts: claims and decisions resolved, month by month."""

from casualty_pipeline.attribution.resolve import attribute, digest_months, digests, resolve

__all__ = ["attribute", "digest_months", "digests", "resolve"]
