"""Loads the sentences of a language (templates/text). What belongs here: reading and validating them.

What doesn't: filling them in (`voice.py`), and what a profile adds to them (`wording.py`).
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.shipped import shipped


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
