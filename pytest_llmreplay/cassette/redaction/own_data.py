"""Personal data of kinds that only functions of the user find: names of customers, order numbers.

A text that one of them finds becomes a numbered placeholder wherever it stands,
`[REDACTED_CUSTOMER_1]`, whose look tells that it stood in no prompt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from pytest_llmreplay.errors import RedactionFailed

from .placeholders import Placeholders
from .spans import Span

__all__ = ["Finder", "own_data"]

_HOOK = "pytest_llmreplay_redact"

Finder: TypeAlias = Callable[[str], Iterable[str]]
"""Takes a text, and gives the texts in it that nobody may read."""


def own_data(
    text: str, finders: Mapping[str, Finder], placeholders: Placeholders
) -> Iterator[Span]:
    """Every stretch that the functions find, by the names of their kinds.

    Raises:
        RedactionFailed: A function raised, or gave what does not stand in the text.
    """
    end = 0
    for start, minus_end, kind, value in sorted(_places(text, finders)):
        if start >= end:  # a part of a name is nobody
            end = -minus_end
            replacement = placeholders.of(f"redacted_{kind}", value)
            yield Span(start=start, end=end, kind=kind, replacement=replacement)


def _places(text: str, finders: Mapping[str, Finder]) -> Iterator[tuple[int, int, str, str]]:
    """Beginning, end (negative: the longest comes first), kind and text of all that is found."""
    for kind, finder in finders.items():
        for value in dict.fromkeys(_texts(kind, finder, text)):
            matches = list(_wherever(value).finditer(text))
            if not matches:
                # The text itself is what nobody may read.
                raise RedactionFailed(
                    f"{_HOOK}: {kind} gave a text that does not stand there as it is"
                )
            yield from ((match.start(), -match.end(), kind, value) for match in matches)


def _texts(kind: str, finder: Finder, text: str) -> Iterator[str]:
    for value in _given(kind, finder, text):
        if not isinstance(value, str) or not value:
            raise RedactionFailed(f"{_HOOK}: {kind} gave {value!r:.60}, which is no text")
        yield value


def _given(kind: str, finder: Finder, text: str) -> list[Any]:
    try:
        given = finder(text)
        if not isinstance(given, str):
            return list(given)
    except Exception as error:
        raise RedactionFailed(f"{_HOOK}: {kind}: {type(error).__name__}: {error}") from error
    raise RedactionFailed(f"{_HOOK}: {kind} gave a text, not a list of texts")


def _wherever(value: str) -> re.Pattern[str]:
    """The value as a whole: `Ann` does not stand in `Annual`."""
    before = r"(?<!\w)" if re.match(r"\w", value) else ""
    behind = r"(?!\w)" if re.search(r"\w\Z", value) else ""
    return re.compile(f"{before}{re.escape(value)}{behind}")
