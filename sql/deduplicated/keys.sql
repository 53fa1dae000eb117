-- Not a table of its own: the keys under which named statements meet. A key is a conjunction of two to four things
-- that statements on one person nearly always share; those that share a key of a scheme are candidates for one
-- person. `name` holds the forms of names, `person` the facts; ends of `day` are cut into windows, so that two days
-- at most a window apart meet.
with form as (
    select
        n.record_no,
        n.script,
        n.count,
        n.given,
        n.whole,
        n.shape,
        n.initials,
        n.sound,
        n.sounds[1] as first_word,
        n.sounds[2] as second_word,
        n.sounds[3] as third_word,
        n.sounds[4] as fourth_word,
        n.sounds[len(n.sounds)] as last_word,
        array_to_string(n.sounds, ' ') as lineage,
        p.governorate,
        coalesce(p.place_id, p.place_key) as place,
        p.incident_ref,
        p.day_first,
        p.day_last,
        p.birth_written,
        p.birth_first,
        p.birth_last
    from name as n
    inner join person as p on n.record_no = p.record_no
    where p.person
),

pair_of_words as (
    select
        record_no,
        sound,
        first_word as one,
        second_word as other
    from form
    union all
    select
        record_no,
        sound,
        first_word as one,
        third_word as other
    from form
    union all
    select
        record_no,
        sound,
        second_word as one,
        third_word as other
    from form
    union all
    select
        record_no,
        sound,
        first_word as one,
        fourth_word as other
    from form
    union all
    select
        record_no,
        sound,
        second_word as one,
        fourth_word as other
    from form
    union all
    select
        record_no,
        sound,
        third_word as one,
        fourth_word as other
    from form
),

word as (
    select
        record_no,
        sound,
        first_word as one,
        governorate,
        day_first,
        day_last
    from form
    union all
    select
        record_no,
        sound,
        last_word as one,
        governorate,
        day_first,
        day_last
    from form
    where count > 2
),

in_time as (
    select
        record_no,
        sound,
        one,
        date_diff('day', date '1970-01-01', day_first) // $window_days as time_window
    from word
    union all
    select
        record_no,
        sound,
        one,
        date_diff('day', date '1970-01-01', day_first) // $window_days + 1 as time_window
    from word
    union all
    select
        record_no,
        sound,
        one,
        date_diff('day', date '1970-01-01', day_last) // $window_days as time_window
    from word
    union all
    select
        record_no,
        sound,
        one,
        date_diff('day', date '1970-01-01', day_last) // $window_days + 1 as time_window
    from word
),

born as (
    select
        record_no,
        sound,
        last_word,
        count,
        year(birth_first) as birth_year
    from form
    union all
    select
        record_no,
        sound,
        last_word,
        count,
        year(birth_last) as birth_year
    from form
),

birthday as (
    select
        record_no,
        sound as one,
        birth_written
    from form
    where birth_written is not null
    union all
    select
        record_no,
        last_word as one,
        birth_written
    from form
    where birth_written is not null and count > 1
    union all
    select
        record_no,
        substr(sound, 1, 1) || substr(last_word, 1, 1) as one,
        birth_written
    from form
    where birth_written is not null and count > 1
),

keyed as (
    select
        1 as scheme,
        record_no,
        hash(1, sound, one, other) as key
    from pair_of_words
    where one is not null and other is not null
    union all
    select
        2 as scheme,
        record_no,
        hash(2, lineage) as key
    from form
    where count > 2
    union all
    select
        3 as scheme,
        record_no,
        hash(3, shape) as key
    from form
    where count > 1
    union all
    select
        4 as scheme,
        record_no,
        hash(4, initials) as key
    from form
    where count > 2
    union all
    select
        4 as scheme,
        record_no,
        hash(4, 'start', left(shape, 9)) as key
    from form
    where count > 2
    union all
    select
        4 as scheme,
        record_no,
        hash(4, 'end', right(shape, 9)) as key
    from form
    where count > 2
    union all
    select
        5 as scheme,
        record_no,
        hash(5, sound, last_word, birth_year) as key
    from born
    where count > 1 and birth_year is not null
    union all
    select
        6 as scheme,
        record_no,
        hash(6, sound, one, time_window) as key
    from in_time
    where one is not null and time_window is not null
    union all
    select
        7 as scheme,
        record_no,
        hash(7, sound, one, governorate) as key
    from word
    where one is not null and governorate is not null
    union all
    select
        8 as scheme,
        record_no,
        hash(8, sound, day_first, place) as key
    from form
    where day_first is not null and place is not null
    union all
    select
        9 as scheme,
        record_no,
        hash(9, sound, incident_ref) as key
    from form
    where incident_ref is not null
    union all
    select
        10 as scheme,
        record_no,
        hash(10, one, substr(birth_written, 1, 6)) as key
    from birthday
    union all
    select
        10 as scheme,
        record_no,
        hash(10, one, substr(birth_written, 5, 4)) as key
    from birthday
    union all
    select
        10 as scheme,
        record_no,
        hash(10, one, substr(birth_written, 1, 4), substr(birth_written, 7, 2)) as key
    from birthday
    union all
    select
        11 as scheme,
        record_no,
        hash(11, birth_written, governorate) as key
    from form
    where birth_written is not null and governorate is not null
    union all
    select
        11 as scheme,
        record_no,
        hash(11, birth_written, place) as key
    from form
    where birth_written is not null and place is not null
    union all
    select
        12 as scheme,
        record_no,
        hash(12, least(sound, last_word), greatest(sound, last_word)) as key
    from form
    where count = 2
)

select distinct
    cast(scheme as utinyint) as scheme,
    key,
    record_no
from keyed
