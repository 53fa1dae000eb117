"""Free text (posts, pages) read into candidate statements by documented rules, in Arabic and English.

What comes out is a candidate: it counts for nothing before a person has confirmed it. The rules, by id, and how well they
read are in `docs/prose-reader.md`. Words of a language are in the TOML files beside the modules, words of a conflict in the
profile; code holds neither.
"""

from casualty_pipeline.captures.prose.model import Passage
from casualty_pipeline.captures.prose.reader import READER_VERSION, ProseReader

__all__ = ["READER_VERSION", "Passage", "ProseReader"]
