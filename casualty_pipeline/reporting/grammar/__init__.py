"""Number grammar: how a number and its noun, a date or a list are said in each language (R27).

What belongs here: what holds for a language, whatever the conflict, as tables. What doesn't: sentences (templates/text) and
the vocabulary of a conflict (the profile). A new language is a module with a class, and a line in `GRAMMARS`.
"""

from collections.abc import Callable, Mapping

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.reporting.grammar.arabic import Arabic
from casualty_pipeline.reporting.grammar.english import English
from casualty_pipeline.reporting.grammar.model import Case, Grammar, Noun, Plural, Style

__all__ = ["GRAMMARS", "Case", "Grammar", "Noun", "Plural", "Style", "grammar_of"]

GRAMMARS: Mapping[str, Callable[[Style], Grammar]] = {"en": English, "ar": Arabic}


def grammar_of(language: str, style: Style | None = None) -> Grammar:
    """The grammar of a language in a style, by default the language's own.

    Raises CasualtyError where the language has no grammar, or the grammar no months of that name.
    """
    if language not in GRAMMARS:
        raise CasualtyError(
            f"no number grammar for the language {language!r}: expected one of {', '.join(sorted(GRAMMARS))}; "
            f"add a module to casualty_pipeline/reporting/grammar"
        )
    return GRAMMARS[language](style or Style())
