-- Files that statements and posts name. `match_attachments` finds the captures among them.
with identified as (
    select
        r.*,
        'A-'
        || substr(
            sha256(concat_ws(chr(31), r.source, r.source_key, r.capture_sha256, r.row_number, r.pointer, r.name)), 1, 16
        ) as attachment_id
    from attachments_read as r
)

select
    s.attachment_id,
    s.source_key,
    s.source,
    s.capture_sha256,
    s.file,
    s.sheet,
    s.row_number,
    s.pointer,
    s.role,
    s.name,
    s.url,
    s.claimed_algorithm,
    s.claimed_hash,
    cast(null as varchar) as sha256,
    cast(null as boolean) as verified
from identified as s
where s.name is not null and s.attachment_id not in (select k.attachment_id from captures.attachments as k)
qualify row_number() over (partition by s.attachment_id order by s.entry_id) = 1
