"""What a text holds that the user does not want to be read: by rules, and by functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pytest_llmreplay.errors import RedactionFailed

from .bounded import spans_in
from .own_data import Finder, own_data
from .placeholders import Placeholders
from .rules import RedactionRules
from .secret_names import REDACTED
from .secret_table import MARK
from .spans import Span

__all__ = ["UserSpans"]

_MARKS = re.compile(re.escape(MARK) + r"[^\[\]]{0,40}\]")


class UserSpans:
    """Finds it; a person keeps a placeholder as long as this lives.

    Args:
        rules: The user's rules.
        own: Functions that find personal data, by the names of its kinds.
    """

    def __init__(self, rules: RedactionRules, own: Mapping[str, Finder]) -> None:
        self._rules, self._own = rules, own
        self.placeholders = Placeholders()
        self.any = bool(rules.lines or own)
        """Whether the user wants anything redacted beyond secrets."""
        self.numbers_people = bool(rules.personal or own)
        """Whether personal data become placeholders, numbered as they are met."""

    def reserve(self, text: str) -> None:
        """Keep the placeholders that already stand in a text from new people."""
        if self.numbers_people:
            self.placeholders.reserve(text)

    def of(self, text: str) -> Iterator[Span]:
        """Every stretch that nobody may read.

        Raises:
            RedactionFailed: A function raised, or gave what does not stand in the text.
        """
        if self._rules.personal:
            from .personal import personal_data  # noqa: PLC0415 - five long patterns to compile

            yield from personal_data(text, self._rules.personal, self.placeholders)
        if self._rules.patterns or self._own:
            marks = [match.span() for match in _MARKS.finditer(text)]
            for span in self._anywhere(text):
                if not any(span.start < end and start < span.end for start, end in marks):
                    yield span

    def _anywhere(self, text: str) -> Iterator[Span]:
        """Also where something was redacted before."""
        for pattern in self._rules.patterns:
            try:
                for start, end in spans_in(text, pattern):
                    if start < end:
                        yield Span(start=start, end=end, kind="rule", replacement=REDACTED)
            except TimeoutError:
                problem = f"llm_redact: {pattern.pattern!r} takes too long on a text of this call"
                raise RedactionFailed(problem) from None
        yield from own_data(text, self._own, self.placeholders)
