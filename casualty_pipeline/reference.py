"""The reference of the documentation site, as Markdown, from the code itself: commands, figures, assets, checks.

The reference of tables is docs/data-dictionary.md (`dictionary.py`), which lies in the repository.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from inspect import cleandoc

import click
import dagster as dg

from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.figures.registry import DEMOGRAPHICS, populations
from casualty_pipeline.home import find_home
from casualty_pipeline.profile import load_profile
from casualty_pipeline.tables import STAGES

_MADE = "Made from the code by `make docs`."


def _commands(command: click.Command, name: str, above: click.Context | None = None) -> Iterator[tuple[str, click.Context]]:
    context = click.Context(command, info_name=name, parent=above, max_content_width=110)
    yield context.command_path, context
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            yield from _commands(command.commands[inner], inner, context)


def commands() -> str:
    """Every command with its help, as `--help` prints it."""
    from casualty_pipeline.cli import main

    lines = ["# Commands", "", _MADE]
    for path, context in _commands(main, "casualty"):
        lines += ["", f"## {path}", "", "```text", context.command.get_help(context), "```"]
    return "\n".join(lines) + "\n"


def figures() -> str:
    """The parts of a figure's address, and what each may be in the shipped profile."""
    profile = load_profile("syria")
    governorates = ", ".join(f"`{g.pcode}` {g.label['en']}" for g in profile.governorates)
    lines = [
        "# Figures",
        "",
        f"{_MADE} The parties, categories and governorates are those of the profile `{profile.id}`.",
        "",
        "A figure's address: `period:population:party:category:governorate:demographic:measure`; parts at the end that say",
        "nothing are left out.",
        "",
        "| part | values |",
        "|---|---|",
        "| period | a day, a month `2020-03`, months together `2020-01..2020-03` |",
        f"| population | {_codes(populations(profile))} |",
        f"| party | {_codes(p.id for p in profile.reported_parties())}; two jointly: `a+b` |",
        f"| category | beneath `other`: {_codes(c.id for c in sorted(profile.categories, key=lambda c: c.order))} |",
        f"| governorate | {governorates} |",
        f"| demographic | {_codes(DEMOGRAPHICS)} |",
        "| measure | `count`, `percent` |",
        "",
        "## What each demographic includes",
        "",
        "| demographic | of victims |",
        "|---|---|",
        *(f"| `{name}` | {_codes(parts)} |" for name, parts in DEMOGRAPHICS.items()),
    ]
    return "\n".join(lines) + "\n"


def _codes(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _definitions() -> dg.Definitions:
    return build_definitions(find_home(None, None))


def assets() -> str:
    """Every asset, a stage at a time."""
    specs = sorted(_definitions().resolve_all_asset_specs(), key=lambda s: list(s.key.path))
    lines = ["# Assets", "", _MADE]
    for stage in STAGES:
        lines += ["", f"## {stage}", "", "| asset | what it is | by month | from |", "|---|---|---|---|"]
        for spec in (s for s in specs if s.group_name == stage):
            above = ", ".join(
                f"`{'.'.join(d.asset_key.path)}`" for d in sorted(spec.deps, key=lambda d: list(d.asset_key.path))
            )
            by_month = "yes" if spec.partitions_def is not None else ""
            lines.append(f"| `{'.'.join(spec.key.path)}` | {_line(spec.description)} | {by_month} | {above} |")
    return "\n".join(lines) + "\n"


def checks() -> str:
    """Every asset check: what it guards, and whether it stops what is downstream."""
    found = [
        spec
        for definition in _definitions().asset_checks or ()
        if isinstance(definition, dg.AssetChecksDefinition)
        for spec in definition.check_specs
    ]
    found.sort(key=lambda s: (STAGES.index(s.asset_key.path[0]), s.asset_key.path, s.name))
    lines = ["# Checks", "", f"{_MADE} {len(found)} checks; one that blocks stops the month downstream.", ""]
    lines += ["| table | check | what it says | blocks |", "|---|---|---|---|"]
    for spec in found:
        table = ".".join(spec.asset_key.path)
        lines.append(f"| `{table}` | `{spec.name}` | {_line(spec.description)} | {'yes' if spec.blocking else ''} |")
    return "\n".join(lines) + "\n"


def _line(text: str | None) -> str:
    return " ".join(cleandoc(text or "").split()).replace("|", "\\|")


PAGES: Mapping[str, Callable[[], str]] = {"commands": commands, "figures": figures, "assets": assets, "checks": checks}
