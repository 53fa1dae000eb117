"""Puts the sample together and writes it into a home. What doesn't belong here: any choice about its content."""

from dataclasses import dataclass
from pathlib import Path

from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.sample.captures import Statement, report, with_keys
from casualty_pipeline.sample.decisions import COLUMNS, decide
from casualty_pipeline.sample.faults import FAULTS, faulty
from casualty_pipeline.sample.incidents import World, build_world
from casualty_pipeline.sample.marginals import MONTHS, plan_month
from casualty_pipeline.sample.scenario import chance, load_scenario
from casualty_pipeline.sample.sources import SOURCES, SourceLayout
from casualty_pipeline.sample.writers import csv_bytes, write_bytes, xlsx_bytes


@dataclass(frozen=True)
class SampleReport:
    """What was written.

    `persons` counts everybody whom the sources speak of; `bad_rows` must all be refused, `repeated` rows, entered twice
    under one key, be read once.
    """

    files: tuple[Path, ...]
    records: int
    bad_rows: int
    repeated: int
    persons: int
    decisions: int

    def __str__(self) -> str:
        return (
            f"{len(self.files)} files: {self.records} records that speak of {self.persons} invented persons, "
            f"{self.bad_rows} bad rows and {self.repeated} repeated ones among them, and {self.decisions} decisions"
        )


@dataclass(frozen=True)
class Sample:
    """The whole sample before it is written: the truth, what is said of it, and what people decided."""

    world: World
    statements: tuple[Statement, ...]
    decisions: tuple[dict[str, str], ...]


def generate(profile: Profile, seed: int = 2020) -> Sample:
    """Invent the sample. Raises CasualtyError when the profile ships no published figures for the three months."""
    scenario = load_scenario()
    plans = [plan_month(profile, month, scenario) for month in MONTHS]
    world, people = build_world(scenario, plans, seed)
    said = [*report(profile, scenario, world, seed), *faulty(profile, scenario, people, seed)]
    statements = with_keys(said, chance(seed, "keys"))
    return Sample(world, tuple(statements), tuple(decide(world, statements)))


def _content(source: SourceLayout, statements: list[Statement]) -> bytes:
    sheets = []
    for layout in source.tables:
        rows = [
            {
                **{heading: s.fields.get(field, "") for field, heading in layout.columns.items()},
                layout.key: s.key,
            }
            for s in statements
            if s.statement == layout.statement
        ]
        sheets.append((layout, rows))
    if source.suffix == "xlsx":
        return xlsx_bytes(sheets)
    layout, rows = sheets[0]
    return csv_bytes(layout.headings, rows)


def write_sample(home: Path, profile: Profile, seed: int = 2020) -> SampleReport:
    """Write `sources/*.toml`, `inbox/SOURCE/*` and `inbox/decisions/*.csv` beneath the home.

    The same seed writes the same bytes; a file that is already so is left alone, and one of its own names is replaced.
    Raises CasualtyError when the home can't be written to, or the profile ships no published figures.
    """
    sample = generate(profile, seed)
    files: list[tuple[Path, bytes]] = []
    for source in SOURCES:
        files.append((home / "sources" / f"{source.id}.toml", source.declaration().encode("utf-8")))
        said = [s for s in sample.statements if s.source == source.id]
        for month in sorted({s.month for s in said}):
            name = f"{source.stem}-{month}.{source.suffix}"
            files.append((home / "inbox" / source.id / name, _content(source, [s for s in said if s.month == month])))
    for month in sorted({row["decided_at"][:7] for row in sample.decisions}):
        rows = [row for row in sample.decisions if row["decided_at"].startswith(month)]
        files.append((home / "inbox" / "decisions" / f"{month}.csv", csv_bytes(COLUMNS, rows)))
    for path, content in files:
        write_bytes(path, content)
    return SampleReport(
        files=tuple(path for path, _ in files),
        records=len(sample.statements),
        bad_rows=len(FAULTS),
        repeated=len(sample.statements) - len({(s.source, s.statement, s.key) for s in sample.statements}),
        persons=sum(v.person.persons for _, v in sample.world.victims()) + len(FAULTS),
        decisions=len(sample.decisions),
    )
