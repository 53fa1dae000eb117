-- Rows and files that could not be read, each with the reason.
with identified as (
    select
        r.*,
        'X-'
        || substr(
            sha256(
                concat_ws(
                    chr(31), r.source, r.capture_sha256, r.file, r.sheet, r.row_number, r.pointer, r.column_name, r.reason
                )
            ),
            1,
            16
        ) as rejected_id
    from rejections_read as r
)

select
    s.rejected_id,
    s.source,
    s.capture_sha256,
    s.file,
    s.sheet,
    s.row_number,
    s.pointer,
    s.column_name,
    s.value,
    s.reason
from identified as s
where s.rejected_id not in (select k.rejected_id from captures.rejected as k)
qualify row_number() over (partition by s.rejected_id order by s.row_number) = 1
