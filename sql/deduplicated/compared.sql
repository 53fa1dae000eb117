-- Not a table of its own: what two statements say together, as a level for each comparison; 0 where one says nothing.
-- What a level means and weighs stands in the model (casualty_pipeline/linkage/models). `fact` holds the pairs with what
-- they say but for their names (facts.sql), `name` the forms of names, `person` in which scripts they are, `vowels_apart`
-- the vowels that tell two names of the same consonants apart.
--
-- Arabic is compared with Arabic where both have it, else Latin with Latin, else across scripts by sound.
with script as (
    select
        m.a,
        m.b,
        case
            when x.arabic and y.arabic then 1
            when x.latin and y.latin then 2
            else 3
        end as script,
        case when x.arabic and (y.arabic or not (x.latin and y.latin)) then 'ar' else 'la' end as script_a,
        case when y.arabic and (x.arabic or not (x.latin and y.latin)) then 'ar' else 'la' end as script_b
    from fact as m
    inner join person as x on m.a = x.record_no
    inner join person as y on m.b = y.record_no
),

named as (
    select
        s.a,
        s.b,
        s.script,
        x.count as count_a,
        y.count as count_b,
        case when x.sound = y.sound and s.script > 1 then x.vowels end as vowels_a,
        case when x.sound = y.sound and s.script > 1 then y.vowels end as vowels_b,
        x.sound as sound_a,
        y.sound as sound_b,
        least(x.bits, y.bits) as bits,
        case when s.script = 3 then x.sound else x.given end as given_a,
        case when s.script = 3 then y.sound else y.given end as given_b,
        case when s.script = 3 then x.sounds else x.words end as words_a,
        case when s.script = 3 then y.sounds else y.words end as words_b,
        case when s.script = 3 then x.sound || array_to_string(x.sounds, '') else x.whole end as whole_a,
        case when s.script = 3 then y.sound || array_to_string(y.sounds, '') else y.whole end as whole_b,
        x.known and y.known and x.sound <> y.sound as two_known,
        x.shape as shape_a,
        y.shape as shape_b,
        case when s.script = 3 then x.sounds[len(x.sounds)] else x.family end as family_a,
        case when s.script = 3 then y.sounds[len(y.sounds)] else y.family end as family_b
    from script as s
    inner join name as x on s.a = x.record_no and s.script_a = x.script
    inner join name as y on s.b = y.record_no and s.script_b = y.script
),

-- What is left of each name's other words when those that both have are taken away.
remaining as (
    select
        *,
        whole_a = whole_b as same,
        list_filter(words_a, lambda w: not list_contains(words_b, w)) as left_a,
        list_filter(words_b, lambda w: not list_contains(words_a, w)) as left_b
    from named
),

measured as (
    select
        r.*,
        len(r.left_a) as left_count_a,
        len(r.left_b) as left_count_b,
        len(r.words_a) - len(r.left_a) as shared,
        case when r.same then 0 else levenshtein(r.whole_a, r.whole_b) end as whole_edits,
        greatest(length(r.whole_a), length(r.whole_b)) as whole_length,
        case when r.given_a = r.given_b then 0 else levenshtein(r.given_a, r.given_b) end as given_edits,
        least(length(r.given_a), length(r.given_b)) as given_length,
        case
            when r.family_a = r.family_b then 0
            else levenshtein(r.family_a, r.family_b)
        end as family_edits,
        least(length(r.family_a), length(r.family_b)) as family_length,
        case
            when len(r.left_a) = 0 or len(r.left_b) = 0 then null
            else levenshtein(array_to_string(r.left_a, ''), array_to_string(r.left_b, ''))
        end as left_edits,
        greatest(length(array_to_string(r.left_a, '')), length(array_to_string(r.left_b, ''))) as left_length,
        least(length(array_to_string(r.left_a, '')), length(array_to_string(r.left_b, ''))) as left_least,
        r.sound_a = r.sound_b and v.one is null as sounds_alike,
        r.sound_a = r.sound_b and v.one is not null as vowels_differ
    from remaining as r
    left join vowels_apart as v on r.vowels_a = v.one and r.vowels_b = v.other
),

spelled as (
    select
        *,
        case
            when given_edits = 0 and script < 3 then 1
            when script > 1 and sounds_alike then 2
            when script > 1 and vowels_differ then 6
            when two_known and given_edits = 1 and given_length >= 3 then 10
            -- A long vowel within makes another name (محمد, محمود); an alef within a long word is left out by some.
            when
                script = 1 and sound_a = sound_b and not (starts_with(given_a, given_b) or starts_with(given_b, given_a))
                and not (given_length >= 5 and replace(given_a, 'a', '') = replace(given_b, 'a', ''))
                then 6
            when given_edits = 1 and given_length >= 4 or given_edits = 2 and given_length >= 7 then 3
            when
                script = 1 and given_edits <= 2 and given_length >= 3
                and substr(shape_a, 1, length(given_a)) = substr(shape_b, 1, length(given_b)) then 3
            when
                given_length >= 3 and (starts_with(given_a, given_b) or starts_with(given_b, given_a)) and given_edits = 1
                then 3
            when
                count_a = 2 and count_b = 2
                and levenshtein(given_a, words_b[1]) <= 1 and levenshtein(given_b, words_a[1]) <= 1
                then 4
            when list_contains(words_b, given_a) or list_contains(words_a, given_b) then 5
            when given_edits = 1 then 6
            when given_edits = 2 and given_length >= 3 then 7
            else 8
        end as given,
        case
            when count_a = 1 or count_b = 1 then 0
            when left_count_a = 0 and left_count_b = 0 and count_a = count_b then 1
            when left_edits = 0 then 1
            -- A given and a last name are all that the shorter one tells.
            when
                least(count_a, count_b) = 2
                and count_a <> count_b
                and (family_edits = 0 or family_edits = 1 and family_length >= 3)
                then 6
            when left_edits = 1 and left_least >= 3 then 2
            when left_edits <= 0.3 * left_length then 3
            when left_edits <= 0.5 * left_length then 4
            when (left_count_a = 0 or left_count_b = 0) and shared >= 2 then 5
            when (left_count_a = 0 or left_count_b = 0) and shared = 1 then 10
            when least(left_count_a, left_count_b) = 1 and shared >= 2 then 7
            when least(left_count_a, left_count_b) = 1 and shared = 1 then 8
            else 9
        end as lineage,
        case
            when count_a = 1 or count_b = 1 then 0
            when family_edits = 0 then 1
            when family_edits = 1 and family_length >= 3 then 2
            when family_edits = 2 and family_length >= 5 then 3
            when list_contains(words_b, family_a) or list_contains(words_a, family_b) then 4
            else 5
        end as family,
        case
            -- Latin spellings vary: there, only agreement says something. Sounds that agree say less than letters.
            when script = 3 and whole_edits > 1 then 0
            when script = 3 then 2 + whole_edits
            when script = 2 and whole_edits > 2 then 0
            when same then 1
            when whole_edits = 1 then 2
            when whole_edits = 2 or (script < 3 and shape_a = shape_b) then 3
            when whole_edits = 3 or whole_edits <= 0.15 * whole_length then 4
            when whole_edits <= 0.3 * whole_length then 5
            else 6
        end as whole
    from measured
),

-- Where two words changed places, the other names have been compared already.
placed as (
    select
        a,
        b,
        script,
        bits,
        given_a,
        words_a,
        given,
        case when given = 4 then 0 else lineage end as lineage,
        case when given = 4 then 0 else family end as family,
        -- Nor does the length of the whole say more where one has fewer words.
        case when given = 4 or lineage in (5, 6, 10) then 0 else whole end as whole
    from spelled
),

levelled as (
    select
        f.*,
        coalesce(s.given, case when f.persons then 0 else 9 end) as given,
        coalesce(s.lineage, 0) as lineage,
        coalesce(s.family, 0) as family,
        coalesce(s.whole, 0) as whole,
        coalesce(s.script, 0) as script,
        case
            when s.given between 1 and 4 and s.family > 3 then 'given'
            when s.given between 5 and 10 and s.family between 1 and 3 then 'last'
            -- One of the two names is all that one of them tells.
            when s.given = 5 and s.family = 0 then 'last'
            when s.given between 5 and 10 then 'neither'
        end as alike,
        case
            when s.given > 4 and s.given < 10 or s.whole > 4 or s.lineage > 6 and s.lineage < 10 or s.given is null then 0
            when s.bits < 8 then 1
            when s.bits < 12 then 2
            when s.bits < 16 then 3
            when s.bits < 20 then 4
            when s.bits < 25 then 5
            else 6
        end as rarity,
        case
            when s.given <> 1 or s.whole not in (1, 2, 3) or coalesce(s.words_a[2], '') <> s.given_a then 0
            when f.birth_gap > 1827 then 2
            else 1
        end as namesake
    from fact as f
    left join placed as s on f.a = s.a and f.b = s.b
)

select
    a,
    b,
    cast(given as utinyint) as given,
    cast(lineage as utinyint) as lineage,
    cast(family as utinyint) as family,
    cast(whole as utinyint) as whole,
    cast(script as utinyint) as script,
    cast(rarity as utinyint) as rarity,
    cast(namesake as utinyint) as namesake,
    sex,
    case when birth = 0 then age_group else 0 end as age_group,
    birth,
    -- Where the given names differ, that the days and places agree says as much of brothers and sisters.
    case when given between 5 and 10 and lineage <> 0 and day between 1 and 5 then 0 else day end as day,
    case when given between 5 and 10 and lineage <> 0 and place between 1 and 4 then 0 else place end as place,
    occupation,
    list,
    cast(
        case
            when birth = 1 and place in (1, 2, 7) and alike = 'last' then 3
            when birth = 1 and place in (1, 2, 7) and alike = 'given' then 4
            when birth = 1 and place in (1, 2, 7) and alike = 'neither' then 5
            when birth = 1 and alike = 'last' then 6
            when birth = 1 and alike = 'given' then 7
            when birth = 1 and alike = 'neither' then 8
            when list = 1 or day between 1 and 5 or place in (1, 2) or birth in (1, 2, 3, 4, 12) then 0
            when rarity >= 5 then 1
            else 2
        end as utinyint
    ) as context,
    day_gap
from levelled
