"""Pages of docs/ that tell what to type and what it prints: their blocks are run by bash, as their reader would.

A fence `sh` is run; a fence `text` right behind it is what the page says that it prints, `...` standing for anything.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
_PART = re.compile(r"^## (?P<heading>.*?)$|```sh\n(?P<commands>.*?)```\n(?:```text\n(?P<told>.*?)```\n)?", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """Commands of a page, what it says that they print (None: it doesn't say), what they printed, and their exit code."""

    heading: str
    commands: str
    told: str | None
    printed: str
    code: int

    @property
    def holds(self) -> bool:
        """Whether it printed what is told, and ended well."""
        pattern = ".*".join(re.escape(part) for part in (self.told or "...").strip().split("..."))
        printed = re.fullmatch(pattern, self.printed.strip(), re.DOTALL) is not None
        return printed and self.code == 0 and "Traceback" not in self.printed


def told(
    page: Path,
    folder: Path,
    at_end_of: Callable[[str], None] = lambda _heading: None,
    only: Callable[[str, str], bool] = lambda _heading, _commands: True,
) -> Iterator[Block]:
    """Run the blocks of a page in a folder, one after the other, each in a shell of its own.

    `only`: of a heading and the commands beneath it, whether they are run.

    `at_end_of` is called with each heading that had blocks, before anything beneath the next one is run.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    heading, ran = "", False
    for found in _PART.finditer(page.read_text(encoding="utf-8")):
        if found["heading"] is not None:
            if ran:
                at_end_of(heading)
            heading, ran = found["heading"], False
            continue
        if not only(heading, found["commands"]):
            continue
        exported = re.search(r"(?m)^export (CASUALTY_HOME)=(\S+)$", found["commands"])
        if exported:
            environment[exported[1]] = exported[2]
        done = subprocess.run(
            ["bash", "-c", found["commands"]],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
        ran = True
        yield Block(heading, found["commands"], found["told"], done.stdout, done.returncode)
    if ran:
        at_end_of(heading)
