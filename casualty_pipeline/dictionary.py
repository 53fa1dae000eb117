"""The data dictionary as Markdown, from the table declarations: `python -m casualty_pipeline.dictionary`."""

import sys

from casualty_pipeline.tables import STAGES, TABLES


def dictionary() -> str:
    """The whole of docs/data-dictionary.md."""
    lines = [
        "# Data dictionary",
        "",
        "Made by `make dictionary` from `casualty_pipeline/tables.py`; don't edit. Columns marked ● hold personal data.",
    ]
    for stage in STAGES:
        lines += ["", f"## {stage}"]
        for table in (t for t in TABLES if t.stage == stage):
            partition = f" Replaced month by month (`{table.month}`)." if table.month else ""
            lines += [
                "",
                f"### {table.full_name}",
                "",
                f"{table.description} Key: {', '.join(f'`{k}`' for k in table.key)}.{partition}",
                "",
                "| column | type | meaning |",
                "|---|---|---|",
            ]
            for column in table.columns:
                marks = f"{' ●' if column.personal else ''}{'' if column.required else ' (may be empty)'}"
                lines.append(
                    f"| `{column.name}` | {column.type} | {column.description.replace('|', chr(92) + '|')}{marks} |"
                )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(dictionary())
