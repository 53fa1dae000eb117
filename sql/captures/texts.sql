-- Posts, messages and pages, each with a stable id. The same bytes under two names are read once.
with identified as (
    select
        r.*,
        'T-'
        || substr(sha256(concat_ws(chr(31), r.source, r.source_key, r.capture_sha256, r.pointer, r.edited)), 1, 16)
            as text_id
    from texts_read as r
)

select
    s.text_id,
    s.source_key,
    s.source,
    s.capture_sha256,
    s.file,
    s.sheet,
    s.row_number,
    s.pointer,
    s.published,
    s.edited,
    s.author,
    s.original_source,
    s.reply_to,
    s.url,
    s.archive_url,
    s.title,
    s.content,
    cast(s.received_at as timestamptz) at time zone 'UTC' as received_at
from identified as s
where s.text_id not in (select k.text_id from captures.texts as k)
qualify row_number() over (partition by s.text_id order by s.entry_id) = 1
