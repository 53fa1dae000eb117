"""Renders the invented March once."""

import pytest

from casualty_pipeline.reporting import Written, write_month
from tests.unit.reporting import reporting_fixtures as invented


@pytest.fixture(scope="session")
def march_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Written]:
    """The files of the full month, by name."""
    report = invented.march()
    folder = tmp_path_factory.mktemp("march")
    written = write_month(report, folder, invented.published(report.profile), contradictions=invented.CONTRADICTIONS)
    return {item.path.name: item for item in written}
