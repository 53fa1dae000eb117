-- Sources cited by a source, each with a stable id.
with identified as (
    select
        r.*,
        'C-'
        || substr(
            sha256(concat_ws(chr(31), r.source, r.source_key, r.capture_sha256, r.sheet, r.row_number, r.pointer)), 1, 16
        )
            as citation_id
    from citations_read as r
)

select
    s.citation_id,
    s.source,
    s.capture_sha256,
    s.file,
    s.sheet,
    s.row_number,
    s.pointer,
    s.incident_ref,
    s.cited_source,
    s.author,
    s.url,
    s.archive_url
from identified as s
where s.incident_ref is not null and s.citation_id not in (select k.citation_id from captures.citations as k)
qualify row_number() over (partition by s.citation_id order by s.entry_id) = 1
