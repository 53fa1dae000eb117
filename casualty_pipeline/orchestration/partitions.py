"""Months of documentation as Dagster partitions, keyed as people type them: 2020-03."""

import dagster as dg

from casualty_pipeline.profile import Profile


def months_of(profile: Profile) -> dg.MonthlyPartitionsDefinition:
    """Every month since the profile starts, the running one included: what is documented today belongs to it."""
    return dg.MonthlyPartitionsDefinition(
        start_date=profile.start_month, fmt="%Y-%m", timezone=profile.timezone, end_offset=1
    )
