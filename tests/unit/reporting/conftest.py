"""Makes the invented months importable by the tests beside it, and renders March once."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import reporting_fixtures as invented  # found through the line above

from casualty_pipeline.reporting import Written, write_month


@pytest.fixture(scope="session")
def march_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Written]:
    """The files of the full month, by name."""
    report = invented.march()
    folder = tmp_path_factory.mktemp("march")
    written = write_month(report, folder, invented.published(report.profile), contradictions=invented.CONTRADICTIONS)
    return {item.path.name: item for item in written}
