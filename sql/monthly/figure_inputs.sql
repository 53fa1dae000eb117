-- The digests that the figures of each month were computed from: those of its own attributed rows and of the months before
-- it in the year.
select distinct
    t.month,
    t.input_month,
    i.sha256
from targets as t
inner join attributed.month_inputs as i on t.input_month = i.documentation_month
