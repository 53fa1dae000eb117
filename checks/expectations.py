"""What Great Expectations is asked: each expectation a check with a name, a description and the requirement it guards."""

from collections.abc import Sequence

import dagster as dg

from casualty_pipeline.tables import TABLE
from checks.rules import ERROR, WARN, Check
from checks.worker import Expectation


def _check(
    name: str, table: str, requirement: str, expectations: Sequence[Expectation], blocking: bool = True, described: str = ""
) -> Check:
    severity: dg.AssetCheckSeverity = ERROR if blocking else WARN
    told = "; ".join(e.description for e in expectations)
    sentence = described or f"In every row, where there is a value: {told}."
    return Check(name, table, sentence, requirement, blocking=blocking, severity=severity, expectations=tuple(expectations))


def as_declared(table: str) -> Check:
    """The key of the table is unique. Required columns are `not null` in the table itself: nothing is asked of them."""
    declared = TABLE[table]
    listed = " and ".join(declared.key)
    unique = (
        Expectation("ExpectColumnValuesToBeUnique", {"column": declared.key[0]}, f"no two rows have the same {listed}")
        if len(declared.key) == 1
        else Expectation(
            "ExpectCompoundColumnsToBeUnique", {"column_list": list(declared.key)}, f"no two rows have the same {listed}"
        )
    )
    text = f"No two rows have the same {listed}; that required columns are filled, the table itself sees to."
    return _check("rows_are_as_declared", table, "principle 3", [unique], described=text)


def one_of(table: str, column: str, values: Sequence[str], requirement: str, blocking: bool = True) -> Check:
    """A column holds nothing but these values, or nothing."""
    text = f"{column} is one of {', '.join(values)}"
    arguments = {"column": column, "value_set": list(values)}
    return _check(
        f"{column}_is_known",
        table,
        requirement,
        [Expectation("ExpectColumnValuesToBeInSet", arguments, text)],
        blocking,
    )


def between(
    table: str, column: str, low: float | None, high: float | None, requirement: str, blocking: bool = True
) -> Check:
    """A column's values lie in an interval, both ends included."""
    arguments = {"column": column, "min_value": low, "max_value": high}
    bounds = [*([f"at least {low}"] if low is not None else []), *([f"at most {high}"] if high is not None else [])]
    text = f"{column} is {' and '.join(bounds)}"
    return _check(
        f"{column}_is_in_range",
        table,
        requirement,
        [Expectation("ExpectColumnValuesToBeBetween", arguments, text)],
        blocking,
    )


def in_order(table: str, pairs: Sequence[tuple[str, str]], name: str, requirement: str, blocking: bool = True) -> Check:
    """Of each pair (first, then) the first isn't greater than the other, where both are there."""
    expectations = [
        Expectation(
            "ExpectColumnPairValuesAToBeGreaterThanB",
            {"column_A": then, "column_B": first, "or_equal": True, "ignore_row_if": "either_value_is_missing"},
            f"{first} isn't after {then}" if first.endswith(("_first", "_min")) else f"{first} isn't greater than {then}",
        )
        for first, then in pairs
    ]
    return _check(name, table, requirement, expectations, blocking)


def digests(table: str, columns: Sequence[str], requirement: str) -> Check:
    """Columns hold SHA-256 digests in hexadecimal: 64 characters."""
    expectations = [
        Expectation("ExpectColumnValueLengthsToEqual", {"column": c, "value": 64}, f"{c} is a SHA-256 of 64 characters")
        for c in columns
    ]
    return _check("digests_are_whole", table, requirement, expectations)
