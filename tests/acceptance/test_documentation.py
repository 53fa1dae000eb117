"""The documentation is true: its pages build without a broken link, its commands exist, and what it tells to type works."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from casualty_pipeline.cli import main
from tests.told_pages import DOCS, told

REPOSITORY = DOCS.parent
PAGES = sorted([*DOCS.rglob("*.md"), REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"])
HOW_TO = sorted(page for page in (DOCS / "how-to").glob("*.md") if "```sh" in page.read_text(encoding="utf-8"))
_CODE = re.compile(r"```\w*\n(.*?)```|^((?: {4}.*\n)+)", re.M | re.S)
_INLINE = re.compile(r"`(casualty [^`]*)`")
_ENDS = re.compile(r"\s(?:\||&&|\|\||;|>|2>&1|#)\s?")


def commands_of(page: Path) -> Iterator[str]:
    """Every command line of `casualty` on a page, in a block or in the text, without what a shell does with it."""
    text = page.read_text(encoding="utf-8")
    for found in _CODE.finditer(text):
        lines = (found[1] or found[2]).replace("\\\n", " ").splitlines()
        yield from (line.strip() for line in lines if line.strip().startswith("casualty ") and ": " not in line[:40])
    yield from (found[1] for found in _INLINE.finditer(text))


def fault_of(line: str) -> str | None:
    """What is wrong with a command line: a command or an option that doesn't exist. Arguments aren't looked at."""
    try:
        words = shlex.split(_ENDS.split(line)[0].replace("$(", "").replace("...", "x"))[1:]
    except ValueError:
        return None  # prose in backquotes
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return f"no command {words[0]!r}"
        command = command.commands[words.pop(0)]
    known = {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {"--help", "-h"}
    unknown = [word for word in words if word.startswith("--") and word.split("=")[0].rstrip(",.;]") not in known]
    return f"no option {unknown[0]!r}" if unknown else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_command_that_a_page_names_exists_with_its_options(page: Path) -> None:
    assert [(line, fault) for line in commands_of(page) if (fault := fault_of(line))] == []


def test_a_wrong_command_would_be_noticed() -> None:
    assert fault_of("casualty runn --month 2020-03") == "no command 'runn'"
    assert fault_of("casualty profile copyy x") == "no command 'copyy'"
    assert fault_of("casualty run --mnth 2020-03 | head") == "no option '--mnth'"
    assert fault_of("casualty run --month 2020-03 > x --no") is None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_make_target_and_module_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8")))
    assert set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", text, re.M)) <= targets
    modules = {m.replace(".", "/") for m in re.findall(r"python -m ((?:benchmarks|casualty_pipeline)[\w.]*)", text)}
    assert [m for m in modules if not any((REPOSITORY / p).exists() for p in (f"{m}.py", f"{m}/__main__.py"))] == []


def test_the_site_builds_strictly_with_the_reference_from_the_code(tmp_path: Path) -> None:
    built = subprocess.run(
        [Path(sys.executable).with_name("mkdocs"), "build", "--strict", "-q", "-d", tmp_path],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    reference = (tmp_path / "reference/commands.html").read_text(encoding="utf-8")
    assert all(f'id="casualty-{name}"' in reference for name in main.commands)
    for page in tmp_path.rglob("*.html"):
        fetched = re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="(https?://[^"]+)"', page.read_text(encoding="utf-8"))
        assert fetched == [], page.name  # read where there is no network, and nobody learns who reads it


@pytest.fixture(scope="module")
def quick_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the quick start was typed."""
    folder = tmp_path_factory.mktemp("quick-start")
    for block in told(DOCS / "quick-start.md", folder):
        assert block.holds, f"{block.heading}: {block.commands}\nprinted\n{block.printed}"
    return folder


@pytest.mark.long
def test_the_quick_start_ends_with_a_published_month(quick_start: Path) -> None:
    assert (quick_start / "first/published/2019-07/edition-1/manifest.json").is_file()


@pytest.mark.long
@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_a_how_to_does_what_it_says(page: Path, quick_start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASUALTY_HOME", "first")
    shutil.copytree(quick_start, tmp_path / "here")
    for block in told(page, tmp_path / "here"):
        assert block.holds, f"{block.heading}: {block.commands}\nprinted\n{block.printed}"
