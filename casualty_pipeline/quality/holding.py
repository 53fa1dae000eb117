"""Months that a gate refused, and what that means for the stages after it. Nothing here refuses; that is `publishing.py`.

A month that a stage refused keeps the rows of before there. What follows goes on for the other months, so that a mistake in
one doesn't keep the rest from being published: later stages compute a refused month from the rows of before, and where there
are none, leave it out, since its figures would say that nobody died. Its report stays as it is.
"""

from collections.abc import Mapping, Sequence

from casualty_pipeline.tables import STAGES
from casualty_pipeline.warehouse import Reading

_MONTHS_OF = {"attributed": "cleaned.month_inputs", "monthly": "attributed.month_inputs"}  # that the stage before has made


def refused_months(
    reading: Reading, months: Sequence[str], until: str = STAGES[-1]
) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Of these months, those that a stage refused and hasn't found good since: month, stage, checks by name.

    Stages are looked at from the first to `until`.
    """
    union = " union all ".join(
        f"select {number} as place, month, '{name}' as stage, check_table || ' ' || check_name as named "
        f"from {name}.failures where refused and blocking and closed_at is null and month in (select unnest($months))"
        for number, name in enumerate(STAGES[: STAGES.index(until) + 1])
    )
    found: dict[str, dict[str, list[str]]] = {}
    rows = reading.connection.execute(
        f"select distinct month, place, stage, named from ({union}) order by all", {"months": list(months)}
    ).fetchall()
    for month, _, stage, check in rows:
        found.setdefault(month, {}).setdefault(stage, []).append(check)
    return found


def left_out(reading: Reading, stage: str, months: Sequence[str]) -> list[str]:
    """Of these months, those that the stage doesn't compute because one before it refused them.

    `reports` computes none that was refused; others leave out those of which the stage before has no rows.
    """
    before = STAGES[STAGES.index(stage) - 1] if stage in (*_MONTHS_OF, "reports") else ""
    refused = refused_months(reading, months, before) if before else {}
    if stage == "reports" or not refused:
        return sorted(refused)
    made = reading.connection.execute(f"select distinct documentation_month from {_MONTHS_OF[stage]}").fetchall()
    return sorted(set(refused) - {m for (m,) in made})


def sentence(refused: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """What became of refused months, for people: by stage, with the checks, and the command that names the rows."""
    by_stage: dict[str, dict[str, set[str]]] = {}
    for month, stages in refused.items():
        for stage, checks in stages.items():
            told = by_stage.setdefault(stage, {"months": set(), "checks": set()})
            told["months"].add(month)
            told["checks"].update(checks)
    return " ".join(
        f"{', '.join(sorted(told['months']))} not replaced in {stage}, which keeps the rows of before: "
        f"{', '.join(sorted(told['checks']))}. `casualty failures --stage {stage}` says which rows."
        for stage, told in by_stage.items()
    )
