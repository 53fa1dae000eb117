"""A connector that somebody else ships: the one of docs/connectors/your-own.md, installed beside this program.

Its distribution is a folder on PYTHONPATH with its module and its .dist-info, as an installer leaves them.
"""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from casualty_pipeline.warehouse import Warehouse
from tests.acceptance.conftest import Casualty

PAGE = (Path(__file__).parents[2] / "docs/connectors/your-own.md").read_text(encoding="utf-8")


def shown(language: str, number: int = 0) -> str:
    """A fenced block of the page."""
    return str(re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[number])


CODE, PROJECT, DECLARATION, BULLETIN = shown("python"), tomllib.loads(shown("toml")), shown("toml", 1), shown("text")


def installed(folder: Path, code: str, name: str = "gazette-reader") -> str:
    """The package as an installer leaves it. The PYTHONPATH that finds it."""
    (group, points), *_ = PROJECT["project"]["entry-points"].items()
    information = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    information.mkdir(parents=True)
    module = name.partition("-")[0]
    (folder / f"{module}.py").write_text(code, encoding="utf-8")
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{point} = {value.replace('gazette:', f'{module}:')}" for point, value in points.items()]
    (information / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines, ""]))
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.fixture
def bulletin(empty: Casualty, tmp_path: Path) -> Path:
    """A bulletin beside a home that declares its source."""
    (empty.home / "sources").mkdir(parents=True)
    (empty.home / "sources/harbour_gazette.toml").write_text(DECLARATION, encoding="utf-8")
    (tmp_path / "march.gazette").write_text(BULLETIN, encoding="utf-8")
    return tmp_path / "march.gazette"


def taken_in(casualty: Casualty, bulletin: Path, path: str) -> tuple[int, str]:
    """Ingest and, if that ends well, run. The last exit code, and all that was said."""
    ingested = casualty("ingest", bulletin, "--source", "harbour_gazette", PYTHONPATH=path)
    if ingested.returncode not in {0, 1}:  # 1: something was rejected
        return ingested.returncode, ingested.stdout + ingested.stderr
    ran = casualty("run", "--month", "2020-03", PYTHONPATH=path)
    return ran.returncode, "".join((ingested.stdout, ingested.stderr, ran.stdout, ran.stderr))


@pytest.mark.long
def test_the_connector_of_the_page_reads_the_bulletin_of_the_page(empty: Casualty, bulletin: Path, tmp_path: Path) -> None:
    path = installed(tmp_path / "site", CODE)
    code, said = taken_in(empty, bulletin, path)
    assert code == 0, said
    with Warehouse(empty.home / "warehouse.duckdb").reading() as reading:
        (record,) = reading.frame("from captures.records").to_dicts()
        (rejected,) = reading.frame("from captures.rejected").to_dicts()
    assert (record["source_key"], record["name_en"], record["row_number"]) == ("17", "Tamo Ondi", 1)
    assert record["connector_version"].startswith("gazette-1:")
    assert (rejected["row_number"], rejected["reason"]) == (2, "expected a number and 6 parts, found 1")
    explained = empty("explain", "harbour_gazette/17", "--format", "json", PYTHONPATH=path)
    fields = {f["field"]: f for f in json.loads(explained.stdout)[0]["fields"]}
    assert (fields["place"]["value"], fields["place"]["at"]) == ("Saraqib", "part 6")


@pytest.mark.parametrize(
    ("change", "to", "said"),
    [
        (
            "from pathlib import Path",
            "import no_such_module",
            "can't be loaded: ModuleNotFoundError: No module named 'no_such",
        ),
        ("FIELDS = (", "FIELDS = 1 / 0, (", "can't be loaded: ZeroDivisionError"),
        ("CONNECTOR = ", "OTHER = ", "can't be loaded: AttributeError"),
        (", path: Path, batch: Batch", "", "is none: expected read(source, entry, path, batch), found read(source: "),
        ("def reads(", "def wants(", "is none: expected reads(source, entry), found no such method"),
        ('version = "1"', "version = 1", "is none: expected a text in `version`, found 1"),
        ("Gazette()", "Gazette", "is none: expected an object, found the class Gazette"),
        (
            "text = path",
            "raise RuntimeError('Tamo Ondi') or path",
            "isn't part of this program, failed with RuntimeError on march",
        ),
    ],
)
def test_a_broken_one_ends_in_a_message_that_names_it(
    empty: Casualty, bulletin: Path, tmp_path: Path, change: str, to: str, said: str
) -> None:
    assert CODE.count(change) == 1
    code, told = taken_in(empty, bulletin, installed(tmp_path / "site", CODE.replace(change, to)))
    assert code != 0
    assert "the connector 'gazette'" in told
    assert said in told
    assert "Traceback" not in told
    assert "Tamo" not in told


def test_two_of_one_name_are_refused_and_both_are_named(empty: Casualty, bulletin: Path, tmp_path: Path) -> None:
    installed(tmp_path / "site", CODE)
    code, told = taken_in(empty, bulletin, installed(tmp_path / "site", CODE, "journal-reader"))
    assert code != 0
    assert "gazette:CONNECTOR of gazette-reader 1.0 and journal:CONNECTOR of journal-reader 1.0" in told
