-- Not a table of its own: records that only repeat another source, of the same victim and known earlier (R8): the same bytes
-- at the same position, the same photograph or file, or the same text of a post. A text shorter than the profile says is no
-- evidence of copying: two people may write the same few words.
with several as (
    select s.victim_id
    from speaking as s
    group by s.victim_id
    having min(s.origin) <> max(s.origin)
),

said as (
    select
        s.victim_id,
        s.record_id,
        s.source,
        s.origin,
        s.nth,
        c.source_key,
        case when c.candidate then c.extra ->> 'post' end as post,
        concat_ws(chr(31), 'row', c.capture_sha256, c.sheet, c.row_number, c.pointer) as statement
    from speaking as s
    inner join several as v on s.victim_id = v.victim_id
    inner join captures.records as c on s.record_id = c.record_id
),

post as (
    select
        t.source,
        t.source_key,
        trim(regexp_replace(t.content, '\s+', ' ', 'g')) as words
    from captures.texts as t
    where (t.source, t.source_key) in (select (s.source, s.post) from said as s)
),

content as (
    select
        s.victim_id,
        s.record_id,
        s.origin,
        s.nth,
        s.statement as content
    from said as s
    union all
    select
        s.victim_id,
        s.record_id,
        s.origin,
        s.nth,
        'file' || chr(31) || a.sha256
    from said as s
    inner join captures.attachments as a on s.source = a.source and a.source_key in (s.source_key, s.post)
    where a.sha256 is not null
    union all
    select
        s.victim_id,
        s.record_id,
        s.origin,
        s.nth,
        'text' || chr(31) || lower(p.words)
    from said as s
    inner join post as p on s.source = p.source and s.post = p.source_key
    where length(p.words) >= (select r.copied_text_characters from independence_rules as r)
),

first_said as (
    select
        c.record_id,
        c.origin,
        first_value(c.origin) over (partition by c.victim_id, c.content order by c.nth) as first_origin
    from content as c
)

select distinct f.record_id
from first_said as f
where f.origin <> f.first_origin
