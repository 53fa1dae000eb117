"""Great Expectations suites as checks; and the expectations that many suites share."""

from collections.abc import Mapping, Sequence

from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading
from checks.rules import Check, Finding
from checks.worker import WORKER, Expectation, Suite


def required(table: str, requirement: str = "principle 3") -> list[Expectation]:
    """The expectations that follow from the table's declaration: required columns are filled, the key is unique."""
    declared = TABLE[table]
    unique = (
        Expectation("ExpectColumnValuesToBeUnique", {"column": declared.key[0]}, "the key is unique", requirement)
        if len(declared.key) == 1
        else Expectation(
            "ExpectCompoundColumnsToBeUnique", {"column_list": list(declared.key)}, "the key is unique", requirement
        )
    )
    return [unique] + [
        Expectation("ExpectColumnValuesToNotBeNull", {"column": c.name}, f"every row has its {c.name}", requirement)
        for c in declared.columns
        if c.required
    ]


def one_of(column: str, values: Sequence[str], requirement: str) -> Expectation:
    """A column holds nothing but these values, or nothing."""
    arguments = {"column": column, "value_set": list(values)}
    return Expectation("ExpectColumnValuesToBeInSet", arguments, f"{column} is one of {', '.join(values)}", requirement)


def between(column: str, low: float | None, high: float | None, requirement: str) -> Expectation:
    """A column's values lie in an interval, both ends included."""
    arguments = {"column": column, "min_value": low, "max_value": high}
    bounds = [*([f"at least {low}"] if low is not None else []), *([f"at most {high}"] if high is not None else [])]
    text = f"{column} is {' and '.join(bounds)}"
    return Expectation("ExpectColumnValuesToBeBetween", arguments, text, requirement)


def suite_check(table: str, expectations: Sequence[Expectation], blocking: bool = True) -> Check:
    """The Great Expectations suite of a table, as a check."""
    suite, by_month = Suite(table, expectations), bool(TABLE[table].month)

    def begin(home: HomeResource, months: Sequence[str]) -> None:
        WORKER.ask(str(home.home.warehouse), suite, months if by_month else [])

    def find(home: HomeResource, _reading: Reading, months: Sequence[str]) -> Mapping[str, Finding]:
        results = WORKER.validate(str(home.home.warehouse), suite, months if by_month else [])
        failed = [r for r in results if not r["success"]]
        found: dict[str, Finding] = {}
        for month in sorted({r["month"] for r in failed}):
            mine = [r for r in failed if r["month"] == month]
            sentences = [f"{r['description']}: {r['unexpected']} rows are not so ({r['requirement']})" for r in mine]
            keys = [str(k) for r in mine for k in r["keys"]]
            found[month] = Finding(sum(r["unexpected"] for r in mine), tuple(sentences + keys)[:10], f"from {table}")
        return found

    described = "; ".join(e.description for e in expectations)
    requirement = ", ".join(dict.fromkeys(e.requirement for e in expectations))
    return Check("expectations", table, f"Great Expectations: {described}", requirement, find, blocking, begin=begin)
