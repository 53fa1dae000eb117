"""How good the linkage is on the data that are there: what people are asked, what follows from it, where it stands.

Here belongs the way from decisions to deduplicated.quality, and reading it back for reports and checks. Nothing is asked
for its own sake: an answer is a decision on a link like any other, and wins over the machine; the estimate is of what the
machine does without it. The sample is `samples`', the statistics are `estimates`'.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

import polars as pl

from casualty_pipeline.linkage.estimates import ENOUGH, Judged, Stratum, measures, share_of
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.questions import SCHEMA
from casualty_pipeline.linkage.samples import SAMPLE, Sample, draw
from casualty_pipeline.linkage.unaided import without_decisions
from casualty_pipeline.warehouse import Reading, Writing

KIND = "quality"  # of question
MEASURES = ("precision", "recall", "f1")
ON_LISTS = ("precision_on_lists", "recall_on_lists")  # as the model's file says that they were measured
QUESTIONS = {**SCHEMA, "place": pl.Int32}
QUESTION = "One person or two? The machine's opinion is left out: the answers tell how often it is right."
_DECIDED = "select record_a, record_b, relation, decided_at from deduplicated.constraints where not contradicted"


@dataclass(frozen=True)
class Estimate:
    """A row of deduplicated.quality. `value`, `low` and `high` are None where too little was judged."""

    measure: str
    value: float | None
    low: float | None
    high: float | None
    units: int
    pairs: float
    sampled: int
    judged: int
    unsure: int
    judged_on: date | None
    model: str
    lists: str | None = None


@dataclass(frozen=True)
class Quality:
    """What is known of the linkage's quality, by measure and stratum."""

    estimates: Mapping[str, Estimate]

    @property
    def estimated(self) -> bool:
        """Whether there is an estimate of precision, recall and F1."""
        return all(name in self.estimates and self.estimates[name].value is not None for name in MEASURES)

    def told(self) -> dict[str, str | int | float]:
        """What is known, in numbers and in one sentence, without names; what to do where too little was judged."""
        shown: dict[str, str | int | float] = {"estimate": self._sentence()}
        for name in (*MEASURES, *ON_LISTS):
            one = self.estimates.get(name)
            numbers = {name: one.value, f"{name}_low": one.low, f"{name}_high": one.high} if one else {}
            shown |= {key: round(number, 4) for key, number in numbers.items() if number is not None}
        whole = self.estimates.get("f1")
        if whole:
            shown |= {"sampled": whole.sampled, "judged": whole.judged, "unsure": whole.unsure, "model": whole.model}
            shown |= {"judged_on": whole.judged_on.isoformat()} if whole.judged_on else {}
        return shown

    def _sentence(self) -> str:
        if self.estimated:
            return "of pairs of statements, as the program alone would join them, with 95 % intervals"
        if not self.estimates:
            return "not yet estimated: nothing was linked yet"
        missing = ", ".join(f"{count} more of {name}" for name, count in self.missing().items())
        if not missing:
            return "not estimated: there are no victims of several statements"
        return f"not yet estimated ({missing}): answer what `casualty review export --kind {KIND}` asks, and import it"

    def missing(self) -> dict[str, int]:
        """By stratum: how many more units of the sample have to be judged before there is an estimate."""
        strata = (self.estimates[name] for name in SAMPLE if name in self.estimates)
        lacking = {one.measure: min(ENOUGH, one.units) - one.judged for one in strata if one.units and one.value is None}
        return {name: max(1, count) for name, count in lacking.items()}


class Answers:
    """What people decided on pairs of statements, and what follows from it: who is A's one person is B's, too."""

    def __init__(self, decisions: Iterable[tuple[str, str, str, datetime]], unsure: Iterable[tuple[str, str]]) -> None:
        """`decisions`: record_a, record_b, relation as in deduplicated.constraints, when."""
        rows = list(decisions)
        self._of: dict[str, str] = {}
        self._latest: dict[str, datetime] = {}
        for a, b, relation, at in rows:
            for record in (a, b):
                self._latest[record] = max(at, self._latest.get(record, at))
            one, other = self.person(a), self.person(b)
            if relation != "cannot_link" and one != other:
                self._of[one] = other
        self._apart = {
            frozenset((self.person(a), self.person(b))) for a, b, relation, _ in rows if relation == "cannot_link"
        }
        self._unsure = {frozenset(pair) for pair in unsure}

    def person(self, record: str) -> str:
        """One statement for all that people said to be of one person."""
        while record in self._of:
            record = self._of[record]
        return record

    def same(self, a: str, b: str) -> bool | None:
        """Whether two statements are one person; None where that doesn't follow from anything said."""
        one, other = self.person(a), self.person(b)
        return True if one == other else False if frozenset((one, other)) in self._apart else None

    def unsure(self, a: str, b: str) -> bool:
        """Whether people looked at these two and couldn't tell."""
        return frozenset((a, b)) in self._unsure

    def judged_on(self, records: Iterable[str]) -> date | None:
        """The day of the latest decision on any of these statements."""
        moments = [self._latest[record] for record in records if record in self._latest]
        return max(moments).date() if moments else None


@dataclass(frozen=True)
class _Verdict:
    """What is known of a unit: the share of its pairs that are one person, or the pairs of statements still to be told."""

    share: float | None
    open: Sequence[tuple[str, str]] = ()
    unsure: bool = False
    judged_on: date | None = None


def _of_linked(records: Sequence[str], answers: Answers) -> _Verdict:
    """A victim of several statements, in the order in which they became known.

    Each is held against the first, and only what doesn't follow from that is asked later: as many questions as statements,
    not as pairs.
    """
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for record in records:
        groups[answers.person(record)].append(record)
    heads = [group[0] for group in groups.values()]
    for head in heads:
        others = [other for other in heads if other != head and answers.same(head, other) is None]
        if others:
            told = [(min(head, other), max(head, other)) for other in others]
            if any(answers.unsure(*pair) for pair in told):
                return _Verdict(None, unsure=True)
            return _Verdict(None, told)
    right = sum(len(group) * (len(group) - 1) for group in groups.values())
    return _Verdict(right / (len(records) * (len(records) - 1)), judged_on=answers.judged_on(records))


def _of_pair(a: str, b: str | None, answers: Answers) -> _Verdict:
    """Two statements of victims that were kept apart. Without a second one there is nobody whom it could be."""
    if b is None:
        return _Verdict(0.0)
    same = answers.same(a, b)
    if same is not None:
        return _Verdict(float(same), judged_on=answers.judged_on((a, b)))
    return _Verdict(None, unsure=True) if answers.unsure(a, b) else _Verdict(None, [(min(a, b), max(a, b))])


def assess(write: Writing, model: Model, unsure: frozenset[tuple[str, str]] = frozenset()) -> pl.DataFrame:
    """Draw the sample, take what people said of it, write deduplicated.quality_sample and .quality.

    `unsure`: pairs of record ids about which people said that they can't tell. Returns what is still to be asked: rows of
    QUESTIONS, whole victims together, in the order in which they are to be judged, so that whoever stops half-way
    has judged a sample all the same.
    """
    without_decisions(write, model)
    sample = draw(write, model)
    answers = Answers(write.frame(_DECIDED).iter_rows(), unsure)
    write.register(drawn_linked=sample.units.filter(pl.col("stratum") == "linked").select("unit"))
    members = write.frame(
        "select u.victim, list(u.record_id order by p.known_at, u.record_id) as records"
        " from unaided as u inner join deduplicated.people as p on u.record_no = p.record_no"
        " where u.victim in (select unit from drawn_linked) group by u.victim"
    )
    records: Mapping[str, Sequence[str]] = dict(members.iter_rows())
    verdicts = [
        _of_linked(records[unit], answers) if stratum == "linked" else _of_pair(a, b, answers)
        for stratum, unit, a, b in sample.units.select("stratum", "unit", "record_a", "record_b").iter_rows()
    ]
    judged = sample.units.with_columns(
        pl.Series("share", [v.share for v in verdicts], dtype=pl.Float64),
        pl.Series("unsure", [v.unsure for v in verdicts], dtype=pl.Boolean),
        pl.Series("judged_on", [v.judged_on for v in verdicts], dtype=pl.Date),
    )
    write.replace("deduplicated.quality_sample", judged)
    rows = [*_estimates(sample, judged, model.version), *_on_lists(model)]
    write.replace("deduplicated.quality", pl.DataFrame([vars(row) for row in rows], schema=_SCHEMA))
    return _questions(judged, verdicts)


_SCHEMA = {
    "measure": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "units": pl.Int64,
    "pairs": pl.Float64,
    "sampled": pl.Int32,
    "judged": pl.Int32,
    "unsure": pl.Int32,
    "judged_on": pl.Date,
    "model": pl.String,
    "lists": pl.String,
}


def _estimates(sample: Sample, judged: pl.DataFrame, version: str) -> list[Estimate]:
    """The measures, then the strata. What nobody had to look at, for want of anybody near, isn't called judged."""
    strata = {name: _stratum(name, sample, judged) for name in SAMPLE}
    found = measures(strata["linked"], {name: one for name, one in strata.items() if name != "linked"})
    shares = found | {name: share for name, one in strata.items() if (share := share_of(one)) is not None}
    rows = []
    for measure in (*MEASURES, *SAMPLE):
        concerned = ["linked"] if measure == "precision" else [measure] if measure in SAMPLE else list(SAMPLE)
        of, share = judged.filter(pl.col("stratum").is_in(concerned)), shares.get(measure)
        rows.append(
            Estimate(
                measure,
                value=share.value if share else None,
                low=share.low if share else None,
                high=share.high if share else None,
                units=sum(strata[name].units for name in concerned),
                pairs=sum(strata[name].pairs for name in concerned),
                sampled=of.height,
                judged=of["judged_on"].count(),
                unsure=int(of["unsure"].sum()),
                judged_on=max(of["judged_on"].drop_nulls(), default=None),
                model=version,
            )
        )
    return rows


def _on_lists(model: Model) -> list[Estimate]:
    """What the model's own file says of lists whose truth is known."""
    known = model.measured
    if known is None:
        return []
    lists = json.dumps(known.on, ensure_ascii=False, sort_keys=True)
    values = zip(ON_LISTS, (known.precision, known.recall), strict=True)
    return [Estimate(name, value, None, None, 0, 0.0, 0, 0, 0, None, model.version, lists) for name, value in values]


def _stratum(name: str, sample: Sample, judged: pl.DataFrame) -> Stratum:
    sizes = sample.sizes.filter(pl.col("stratum") == name).select("size", "units")
    told = judged.filter((pl.col("stratum") == name) & pl.col("share").is_not_null()).select("size", "share")
    return Stratum(sample.pairs.get(name, 0.0), dict(sizes.iter_rows()), [Judged(*row) for row in told.iter_rows()])


def _questions(judged: pl.DataFrame, verdicts: Sequence[_Verdict]) -> pl.DataFrame:
    """The pairs still to be told, each once. The strata are mixed: an order by stratum would tell the machine's opinion."""
    places = zip(judged["place"], judged["stratum"], judged["unit"], verdicts, strict=True)
    mixed = sorted(places, key=lambda row: (row[0] / SAMPLE[row[1]], row[2]))
    pairs = dict.fromkeys(pair for *_, verdict in mixed for pair in verdict.open)
    rows = [(_question_id(f"{a}|{b}"), KIND, f"{a}|{b}", QUESTION, None, 0, place) for place, (a, b) in enumerate(pairs, 1)]
    return pl.DataFrame(rows, schema=QUESTIONS, orient="row")


def _question_id(subject: str) -> str:
    return f"Q-{sha256(f'{KIND}|{subject}'.encode()).hexdigest()[:12]}"


def read_quality(reading: Reading) -> Quality:
    """What deduplicated.quality holds; nothing where the stage hasn't written it yet."""
    rows = reading.frame("from deduplicated.quality").to_dicts()
    return Quality({row["measure"]: Estimate(**row) for row in rows})
