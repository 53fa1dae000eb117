"""Candidate statements: what the reader of free text finds in posts and pages, for a person to confirm or refuse.

A candidate is a statement like any other, with the flag that keeps it from counting. Its key names the post and what the
passage says, so that a person's decision holds for exactly that: an edited post that says something else asks again.
"""

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING

from casualty_pipeline.captures.connectors.batch import Batch, Position
from casualty_pipeline.profile import Profile

if TYPE_CHECKING:
    from casualty_pipeline.captures.prose import Passage


def state_candidates(profile: Profile, batch: Batch) -> int:
    """Read every post of a batch, and state what it says as candidates. Returns their number."""
    if not batch.posts:
        return 0
    from casualty_pipeline.captures.prose import READER_VERSION, ProseReader  # its patterns take a while to get ready

    reader, found = ProseReader(profile), 0
    for source, entry, post in batch.posts:
        content, seen = post.get("content") or "", Counter[str]()
        for passage in reader.read(content):
            says = content[passage.first : passage.last]
            digest = _digest(says, passage)
            seen[digest] += 1
            key = f"{post['source_key']}#{digest}" + (f".{seen[digest]}" if seen[digest] > 1 else "")
            said = {
                "incident_ref": f"{post['source_key']}#{_digest(says)}",  # what one passage says happened together
                "documented_date": post.get("published"),
                "original_source": post.get("original_source"),
                "url": post.get("url"),
                "narrative": says,
            }
            where = {
                "post": post["source_key"],
                "passage": [passage.first, passage.last],
                "fields": {name: list(span) for name, span in sorted(passage.spans.items())},
                "rule": passage.rule,
                "reader": READER_VERSION,
            }
            batch.state(
                source,
                entry,
                passage.statement,
                key,
                {**said, **passage.fields},
                Position(post["sheet"], post["row_number"], post["pointer"]),
                extra=json.dumps(where, ensure_ascii=False),
                candidate=True,
            )
            found += 1
    return found


def _digest(says: str, passage: "Passage | None" = None) -> str:
    """Eight characters over what a passage says and how it was read, the same for ever."""
    read = json.dumps([passage.part, sorted(passage.fields.items())], ensure_ascii=False) if passage else ""
    return hashlib.sha256(f"{says}\0{read}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
