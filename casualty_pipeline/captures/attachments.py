"""Files that statements and posts name, found among the captures of their source, and hashes that senders gave for them."""

import polars as pl

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.warehouse import Writing

# The name as it was delivered; else the only capture of the source with that file name: exports often flatten folders.
_FOUND = """
    with here as (
        select source, original_name, sha256, regexp_extract(original_name, '[^/]*$') as base
        from captures.manifest
        qualify row_number() over (partition by source, original_name order by received_at desc, entry_id desc) = 1
    ),
    by_base as (
        select source, base, any_value(sha256) as sha256 from here group by all having count(distinct sha256) = 1
    )
    select a.attachment_id, coalesce(h.sha256, b.sha256) as sha256, a.claimed_algorithm, a.claimed_hash
    from captures.attachments as a
    left join here as h on a.source = h.source and a.name = h.original_name
    left join by_base as b on a.source = b.source and regexp_extract(a.name, '[^/]*$') = b.base
    where a.sha256 is null and coalesce(h.sha256, b.sha256) is not null
    order by a.attachment_id
"""


def match_attachments(write: Writing, archive: Archive) -> int:
    """Find the captures of attachments that weren't here before, and compare claimed hashes. Returns how many were found.

    A photograph may come in after the post that names it, so that every reading of the archive tries again.
    """
    found = write.frame(_FOUND)
    if not found.height:
        return 0
    verified = [
        _has(archive, sha256, algorithm, claimed)
        for sha256, algorithm, claimed in found.select("sha256", "claimed_algorithm", "claimed_hash").iter_rows()
    ]
    write.register(attachments_found=found.with_columns(pl.Series("verified", verified, dtype=pl.Boolean)))
    write.connection.execute(
        "update captures.attachments as a set sha256 = f.sha256, verified = f.verified "
        "from attachments_found as f where a.attachment_id = f.attachment_id"
    )
    return found.height


def _has(archive: Archive, sha256: str, algorithm: str | None, claimed: str | None) -> bool | None:
    """Whether the bytes have the hash; None where none was given, or its algorithm isn't known here."""
    name = (algorithm or "").lower().replace("-", "").replace("sha3", "sha3_").replace("sha3__", "sha3_")
    found = archive.digest(sha256, name) if claimed else None
    return None if found is None or claimed is None else found == claimed.strip().lower()
