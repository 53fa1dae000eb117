"""Describes a bundle as a Frictionless Data Package. What belongs here: datapackage.json. What doesn't: the files."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.reporting.exports import codebook, notices
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.tables import FIGURE_COLUMNS, TABLE

_MEDIA = {
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "html": "text/html",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MEASURES = ("count", "percent")


def datapackage(report: MonthReport, contents: Mapping[str, bytes]) -> bytes:
    """The descriptor of the files in `contents` (name to content), with their hashes, and the codebook inside it.

    `figures.csv` and its siblings are tables with a schema; what has no table is listed as a file. Licence and sources
    are the profile's (report/open_data.toml). Raises CasualtyError for a file of the profile that can't be read.
    """
    profile, language = report.profile, report.profile.languages[0]
    settings = _settings(profile)
    descriptor: dict[str, Any] = {
        "profile": "data-package",
        "name": f"casualties-{profile.id}-{report.month}".lower().replace("_", "-"),
        "id": report.digest,
        "title": f"{profile.label[language]}, {report.month}",
        "description": " ".join(notices(profile)) if report.synthetic else "",
        "version": profile.methodology_version,
        "contributors": [{"title": profile.organisation[language], "role": "author"}],
        "licenses": [settings["licence"]] if "licence" in settings else None,
        "sources": settings.get("source"),
        "resources": [_resource(name, contents[name]) for name in sorted(contents)] + [_codebook(profile)],
    }
    kept = {key: value for key, value in descriptor.items() if value}
    return (json.dumps(kept, ensure_ascii=False, indent=1) + "\n").encode()


def _settings(profile: Profile) -> dict[str, Any]:
    path = profile.folder / "report" / "open_data.toml"
    if not path.is_file():
        return {}
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:  # TOML and encoding errors
        raise CasualtyError(f"{path}: not readable as TOML: {problem}") from problem
    licence, sources = settings.get("licence", {}), settings.get("source", [])
    if "licence" in settings and not (isinstance(licence, dict) and licence.get("name")):
        raise CasualtyError(f'{path}: [licence] has no name: give one, for example name = "CC-BY-4.0"')
    if not isinstance(sources, list) or not all(isinstance(s, dict) and s.get("title") for s in sources):
        raise CasualtyError(f"{path}: expected a title in each [[source]]")
    return settings


def _resource(name: str, content: bytes) -> dict[str, Any]:
    kind = name.rpartition(".")[2]
    found: dict[str, Any] = {
        "name": name.lower().replace("/", "-").replace("_", "-"),
        "path": name,
        "format": kind,
        "mediatype": _MEDIA.get(kind, "application/octet-stream"),
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    if kind in {"csv", "html", "json", "geojson", "svg", "txt"}:
        found["encoding"] = "utf-8"
    if name in {"figures.csv", "figures.hxl.csv"}:
        found |= {"profile": "tabular-data-resource", "type": "table", "schema": _schema()}
        if name == "figures.hxl.csv":  # the row of tags is no data
            found["dialect"] = {"commentRows": [2]}
        return found
    return found | {"type": "file"}


def _schema() -> dict[str, Any]:
    described = {column.name: column.description for column in TABLE["monthly.figures"].columns}
    fields: list[dict[str, Any]] = [
        {"name": name, "type": "number" if name == "value" else "string", "description": described[name]}
        for name in FIGURE_COLUMNS
    ]
    for field in fields:
        if field["name"] in {"period", "population", "demographic", "measure", "value"}:
            field["constraints"] = {"required": True}
    fields[FIGURE_COLUMNS.index("measure")]["constraints"]["enum"] = list(_MEASURES)
    return {"fields": fields, "missingValues": [""]}


def _codebook(profile: Profile) -> dict[str, Any]:
    header, *rows = codebook(profile)
    return {
        "name": "codebook",
        "profile": "tabular-data-resource",
        "type": "table",
        "description": "The columns of the figures, and the ids that stand in them.",
        "data": [dict(zip(header, row, strict=True)) for row in rows],
        "schema": {"fields": [{"name": name, "type": "string"} for name in header]},
    }
