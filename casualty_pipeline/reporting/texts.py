"""Loads the sentences of a language (templates/text). What belongs here: reading and validating them.

What doesn't: filling them in (`voice.py`), and what a profile adds to them (`wording.py`).
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.shipped import shipped


def refuse_reaching(text: str, what: str) -> None:
    """Refuse a text whose places aren't names alone: `{n.x}` would reach into what fills it, and put that into a report.

    Texts come with a profile, and a profile may come from anybody. Raises CasualtyError.
    """
    try:
        places = [(name, kind) for _, name, _, kind in Formatter().parse(text) if name is not None]
    except ValueError as problem:
        raise CasualtyError(f"{what}: its braces don't fit together ({problem}): write {{{{ for a brace itself") from None
    for name, kind in places:
        if not name.isidentifier() or name.startswith("_") or kind:
            raise CasualtyError(
                f"{what}: the place {{{name}{f'!{kind}' if kind else ''}}}: expected a name alone, as {{toll}}"
            )


class Catalogue:
    """The sentences of one language by key.

    A sentence whose words agree with something outside it (a number, a gender) is a table of its forms, with `other` among
    them: `including = { two = "{toll}، بينهما {list}", other = "{toll}، بينهم {list}" }`.
    """

    def __init__(self, language: str, texts: Mapping[str, str | Mapping[str, str]], where: Path) -> None:
        """Take the texts of a language and the file that they come from, for messages.

        Raises CasualtyError naming a text that has forms, but none for what no other form is for.
        """
        self.language = language
        self.where = where
        self._forms = {key: {"other": text} if isinstance(text, str) else text for key, text in texts.items()}
        for key, forms in self._forms.items():
            if "other" not in forms:
                raise CasualtyError(f"{where}: the text {key!r} has the forms {', '.join(forms)}; add the form 'other'")
            for text in forms.values():
                refuse_reaching(text, f"{where}: the text {key!r}")

    def __getitem__(self, key: str) -> str:
        """The sentence. Raises CasualtyError naming the key and the file where there is none."""
        return self.form(key, "other")

    def form(self, key: str, form: str) -> str:
        """The sentence in a form, `other` where the language needs no form of its own for it. Raises as above."""
        if key not in self._forms:
            raise CasualtyError(f"{self.where}: the language {self.language!r} has no text {key!r}: add it")
        forms = self._forms[key]
        return forms.get(form) or forms["other"]

    def items(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Every key with its forms."""
        return iter(self._forms.items())


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file. Raises CasualtyError saying where it can't be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise CasualtyError(f"{path}: not readable as TOML: {problem}") from problem


@lru_cache(maxsize=8)
def catalogue(language: str, folder: Path | None = None) -> Catalogue:
    """The sentences of a language. Raises CasualtyError where the language has none."""
    where = (folder or shipped("templates") / "text") / f"{language}.toml"
    if not where.is_file():
        known = ", ".join(sorted(p.stem for p in where.parent.glob("*.toml")))
        raise CasualtyError(f"the report has no texts for the language {language!r}: expected one of {known}, or {where}")
    return Catalogue(language, read_toml(where), where)
