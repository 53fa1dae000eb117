"""The same bytes again: an edition made anew from the archive alone, in an empty home, and compared with what was published.

Here belongs the way from an archive and an edition's manifest to its bytes. The warehouse isn't looked at.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.editions.composing import SETTINGS_FOLDER
from casualty_pipeline.editions.manifest import NAME
from casualty_pipeline.editions.publishing import compose
from casualty_pipeline.editions.restating import events_of
from casualty_pipeline.editions.shelf import Edition, editions
from casualty_pipeline.editions.versions import differences, versions
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.history.replay import replaying
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Warehouse

Say = Callable[[str], None]


@dataclass(frozen=True)
class Rebuilt:
    """What came of it. `same`: every byte. `unlike`: paths that came out differently, or only on one side.

    `needs`: what of the program or its settings isn't as it was; nothing was rebuilt then, unless asked to try anyway.
    """

    edition: Edition
    unlike: tuple[str, ...]
    needs: tuple[str, ...]
    rebuilt: bool

    @property
    def same(self) -> bool:
        """Whether every byte is as published."""
        return self.rebuilt and not self.unlike


def rebuild(
    home: Home, edition: Edition, say: Say = lambda _: None, into: Path | None = None, anyway: bool = False
) -> Rebuilt:
    """Make an edition anew from the home's archive, in an empty home of its own.

    `into`: a folder to write the rebuilt files to, which must be empty or not there. Raises CasualtyError when the archive
    lacks one of its captures, or an edition that it restates isn't there.
    """
    if into is not None and into.exists() and any(into.iterdir()):
        raise CasualtyError(f"{into} isn't empty: name a folder that isn't there yet")
    manifest = edition.manifest
    with _empty_home(home, edition) as fresh:
        needs = tuple(differences(manifest.versions, versions(fresh)))
        if needs and not anyway:
            return Rebuilt(edition, (), needs, rebuilt=False)
        say("reading the archive")
        with Warehouse(fresh.warehouse).writing() as write:
            read_archive(fresh, write)
        by_hash = {e.manifest.sha256: e for e in editions(home)}
        for sha256 in (manifest.replaces, manifest.previous):
            if sha256 and sha256 not in by_hash:
                raise CasualtyError(
                    f"edition {edition.number} of {edition.month} follows an edition that isn't here ({sha256[:16]}...): "
                    "restore it from a backup"
                )
        with replaying(fresh) as replay:
            events = events_of(manifest, replay.known)
            composed = compose(
                fresh,
                replay,
                manifest.month,
                events,
                manifest.as_of,
                by_hash.get(manifest.replaces),
                by_hash.get(manifest.previous),
                manifest.published_at,
                say,
            )
    if isinstance(composed, tuple):
        raise CasualtyError("what was published is refused today: " + " ".join(composed))
    contents = {**composed.contents, NAME: composed.manifest.to_bytes()}
    if into is not None:
        for path, content in contents.items():
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            (into / path).write_bytes(content)
    published = {path: (edition.folder / path) for path in (*manifest.files, NAME)}
    unlike = sorted(
        path
        for path in published.keys() | contents.keys()
        if path not in published or path not in contents or _bytes(published[path]) != contents[path]
    )
    return Rebuilt(edition, tuple(unlike), needs, rebuilt=True)


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


@contextmanager
def _empty_home(home: Home, edition: Edition) -> Iterator[Home]:
    """A home with nothing but the archive and the settings that the edition was published with."""
    with tempfile.TemporaryDirectory(prefix="casualty-") as folder:
        fresh = Home(Path(folder) / "home")
        fresh.path.mkdir()
        fresh.archive.symlink_to(home.archive.resolve(), target_is_directory=True)
        fresh.sources.mkdir()
        for path in edition.manifest.files:
            if path.startswith(f"{SETTINGS_FOLDER}/"):
                target = fresh.path / path.removeprefix(f"{SETTINGS_FOLDER}/")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(edition.read(path))
        yield fresh
