"""The synthetic sample: an invented inbox for January to March 2020 whose tolls are the published ones.

The published figures (`profile.published`) are marginals; from them come people, from people incidents, from incidents
what five invented sources say of them, with their spellings, gaps, reposts, contradictions and bad rows. Nothing here
knows how the pipeline cleans, links, attributes or counts: it is never imported, so the sample is a test of it.

One thing can't be had (C1). The published Russian toll of March is 19 civilians (2 children, 7 women), the toll of the
Russian massacres of March is 20 (3 children, 11 women): no set of people satisfies both. The sample follows the toll
and the number of massacres, two; together they have 19 dead, 2 of them children (girls) and 7 women. So the massacre
victims of March are 41 with 14 children and 7 women, where the report prints 42 with 15 and 11, and the share of women
and children among them is 51 %, where it prints 62.

What January and February leave open (categories beneath "other parties", massacres of February by party, the sex of
children) is chosen in `data/scenario.toml`.
"""

from casualty_pipeline.sample.generate import SampleReport, write_sample

__all__ = ["SampleReport", "write_sample"]
