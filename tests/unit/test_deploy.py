"""What `deploy/` ships can be used: units that systemd takes, programs that are there, a container made of what is here."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
INSTALLED = "/opt/casualty/venv/bin/"
PROGRAMS = Path(sys.executable).parent


def parsed(unit: Path) -> configparser.ConfigParser:
    reader = configparser.ConfigParser(interpolation=None, strict=True)
    reader.optionxform = str  # type: ignore[assignment,method-assign]
    reader.read_string(unit.read_text("utf-8"))
    return reader


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With the programs where they are here: systemd looks whether they can be run."""
    for unit in UNITS:
        text = unit.read_text("utf-8").replace(INSTALLED, f"{PROGRAMS}/")
        (tmp_path / unit.name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *(str(tmp_path / u.name) for u in UNITS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda u: u.stem)
def test_every_program_of_a_unit_is_installed_with_the_package(unit: Path) -> None:
    program = parsed(unit)["Service"]["ExecStart"].split()[0]
    assert program.startswith(INSTALLED)
    assert os.access(PROGRAMS / program.removeprefix(INSTALLED), os.X_OK)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda u: u.stem)
def test_every_unit_is_confined_and_takes_its_secrets_from_the_environment(unit: Path) -> None:
    service = parsed(unit)["Service"]
    expected = {
        "User": "casualty",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
        "ReadWritePaths": "/var/lib/casualty",
        "UMask": "0077",
        "EnvironmentFile": "/etc/casualty/casualty.env",
    }
    assert {key: service.get(key) for key in expected} == expected
    assert "postgresql://" not in unit.read_text("utf-8")


def test_every_timer_has_its_service() -> None:
    timers = {unit.stem for unit in UNITS if unit.suffix == ".timer"}
    assert timers and timers <= {unit.stem for unit in SERVICES}


def test_the_workspace_names_the_code_location_as_homes_do() -> None:
    (entry,) = yaml.safe_load((DEPLOY / "workspace.yaml").read_text("utf-8"))["load_from"]
    assert entry["grpc_server"]["location_name"] == "casualty_pipeline"
    code = parsed(DEPLOY / "systemd/casualty-code.service")["Service"]["ExecStart"]
    assert f"--port {entry['grpc_server']['port']}" in code


def test_the_example_of_an_environment_sets_what_units_and_homes_read() -> None:
    lines = (DEPLOY / "casualty.env.example").read_text("utf-8").splitlines()
    named = {line.partition("=")[0] for line in lines if not line.startswith("#")}
    read = {"CASUALTY_HOME", "DAGSTER_HOME", "CASUALTY_CODE_HOST", "CASUALTY_DAGSTER_STORAGE", "CASUALTY_POSTGRES_URL"}
    assert named == read


def test_the_container_is_made_of_what_is_here_with_every_package_by_its_hash() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    assert re.findall(r"^FROM (.*)$", text, re.MULTILINE) == ["python:3.11-slim"]
    for copied in re.findall(r"^COPY (.*)$", text, re.MULTILINE):
        for path in copied.split()[:-1]:
            assert (DEPLOY.parent / path).exists(), path
    for lock in set(re.findall(r"requirements/\w+\.txt", text)):
        pins = re.findall(r"^\S+==\S+.*?(?=^\S|\Z)", (DEPLOY.parent / lock).read_text("utf-8"), re.MULTILINE | re.DOTALL)
        assert pins and all("--hash=sha256:" in pin for pin in pins)
    assert re.search(r"^USER casualty$", text, re.MULTILINE)


def test_the_lock_for_production_is_the_lock_and_what_postgresql_and_encryption_take() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (DEPLOY.parent / "requirements" / name).read_text("utf-8"), re.MULTILINE))

    more = {pin.partition("==")[0] for pin in pins("production.txt") - pins("run.txt")}
    assert pins("run.txt") <= pins("production.txt")
    assert more == {"dagster-postgres", "psycopg2-binary", "duckdb-extension-httpfs"}
