"""What we lean on in Great Expectations and openpyxl, one test each."""

import io
import subprocess
import sys
from typing import Any

import pytest


@pytest.fixture(scope="module")
def batch_of() -> Any:
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    definition = asset.add_batch_definition_whole_dataframe("whole")
    return lambda frame: definition.get_batch(batch_parameters={"dataframe": frame})


def test_great_expectations_says_at_which_rows_an_expectation_is_not_met(batch_of: Any) -> None:
    import great_expectations as gx
    import pandas as pd

    batch = batch_of(pd.DataFrame({"persons": [1, 0, 3, 20_000, None]}, dtype=object))
    expectation = gx.expectations.ExpectColumnValuesToBeBetween(column="persons", min_value=1, max_value=10_000)

    result = batch.validate(expectation, result_format="SUMMARY")

    assert not result.success
    assert result.result["unexpected_count"] == 2
    assert result.result["partial_unexpected_index_list"] == [1, 3]


def test_great_expectations_lets_empty_values_pass_unless_told_otherwise(batch_of: Any) -> None:
    import great_expectations as gx
    import pandas as pd

    batch = batch_of(pd.DataFrame({"sex": ["male", None]}, dtype=object))

    assert batch.validate(gx.expectations.ExpectColumnValuesToBeInSet(column="sex", value_set=["male"])).success
    assert not batch.validate(gx.expectations.ExpectColumnValuesToNotBeNull(column="sex")).success


def test_openpyxl_reads_a_workbook_from_bytes_whatever_its_name_was() -> None:
    import openpyxl

    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = "الاسم"
    book.save(content)

    read = openpyxl.load_workbook(io.BytesIO(content.getvalue()), read_only=True, data_only=True)

    assert [list(row) for row in read.active.iter_rows(values_only=True)] == [["الاسم"]]


def test_great_expectations_answers_without_what_it_imports_for_others() -> None:
    order = {"type": "ExpectColumnValuesToBeBetween", "arguments": {"column": "persons", "min_value": 1}}
    program = f"""
import sys
from checks import expectations_worker as worker
sys.meta_path.insert(0, worker._WhenUsed)
import great_expectations as gx, pandas as pd
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {{"globally": False}}
definition = context.data_sources.add_pandas("f").add_dataframe_asset("f").add_batch_definition_whole_dataframe("w")
order = {order!r}
expectation = getattr(gx.expectations, order["type"])(**order["arguments"])
frame = pd.DataFrame({{"persons": [1, 0, 3]}})
result = definition.get_batch(batch_parameters={{"dataframe": frame}}).validate(expectation)
heavy = ("scipy.stats._stats_py", "altair.vegalite", "botocore.session")
print(result.success, [name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "[]"]
