"""Commands that name people, asked for somebody who may not see everything."""

from casualty_pipeline.warehouse import Warehouse
from tests.acceptance.conftest import Casualty
from tests.acceptance.test_publications_commands import names_of

FIGURE = "2020-03:civilians:russia"


def test_a_viewer_sees_whom_a_figure_counts_by_id_and_hash_and_no_name_source_or_file(sample: Casualty) -> None:
    told = sample.done("trace", FIGURE, "--role", "viewer").stdout
    whole = sample.done("trace", FIGURE).stdout
    assert told.splitlines()[0] == whole.splitlines()[0]
    assert told.count("V-") == whole.count("V-") and told.count("sha256") == whole.count("sha256")
    with Warehouse(sample.home / "warehouse.duckdb").reading() as reading:
        files = {f for (f,) in reading.connection.execute("select distinct original_name from captures.manifest").fetchall()}
    assert [name for name in names_of(sample) | files if name in told] == []
    assert [name for name in names_of(sample) if name in whole]


def test_what_names_others_beside_is_refused_to_a_lesser_role(sample: Casualty) -> None:
    victim = next(word for word in sample.done("trace", FIGURE).stdout.split() if word.startswith("V-"))
    for command in ("why", "explain"):
        refused = sample(command, victim, "--role", "viewer")
        assert refused.returncode == 2 and refused.stdout == ""
        assert "it is for the role 'confidential'" in refused.stderr
    unknown = sample("trace", FIGURE, "--role", "king")
    assert unknown.returncode == 2 and "expected one of viewer, editor, confidential" in unknown.stderr
