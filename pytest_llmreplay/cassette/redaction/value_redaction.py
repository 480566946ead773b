"""Takes secrets and personal data out of JSON values and texts: fields by name, texts by shape."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from copy import copy

from pytest_llmreplay.cassette.side_files.extractor import is_media
from pytest_llmreplay.event import Json

from .rules import RedactionRules
from .secret_names import REDACTED, is_secret_name, secrets_by_name
from .secret_scan import hash_of, is_allowed
from .secret_shapes import secrets_by_shape
from .secret_table import MARK
from .spans import Span, replaced, without_overlaps
from .stream_redaction import MOST_ROUNDS
from .user_spans import UserSpans

__all__ = ["ValueRedaction", "blank"]

_PLAIN_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
"""What formats call their fields."""


class ValueRedaction:
    """Redacts what stands in a body; whole calls are for `Redactor`.

    Args:
        rules: The user's rules.
        allow: Hashes of texts that look like secrets and are none.
        user: Finds what the user wants redacted beyond secrets.
    """

    def __init__(self, rules: RedactionRules, allow: Collection[str], user: UserSpans) -> None:
        self._rules, self._allow, self._user = rules, allow, user
        self._noted: dict[str, str] | None = None

    def noting(self, noted: dict[str, str]) -> ValueRedaction:
        """The same one, which notes what only the name of its field makes a secret.

        Args:
            noted: Takes the hash of each such text, with that name.
        """
        one = copy(self)
        one._noted = noted  # noqa: SLF001 - one of its own kind
        return one

    def value(self, value: Json, key: str = "") -> Json:
        """A JSON value as it may be written.

        Args:
            value: It, or a part of one.
            key: Name of the field that it stands in, if any.
        """
        if isinstance(value, str):  # what looks like a secret in a picture is chance
            return value if is_media(key, value) else self.text(value)
        if isinstance(value, list):
            return [self.value(item, key) for item in value]
        if isinstance(value, dict):
            return self._object(value, self._field)
        return value

    def _object(
        self, fields: Mapping[str, Json], changed: Callable[[str, Json], Json]
    ) -> dict[str, Json]:
        """An object with its fields changed, by names that may be written.

        Two names that became one are told apart.
        """
        kept: dict[str, Json] = {}
        met: Counter[str] = Counter()
        for name, value in fields.items():
            shown = renamed = name if _PLAIN_WORD.fullmatch(name) else self.text(name)
            while renamed in kept:
                met[shown] += 1
                renamed = f"{shown} ({met[shown] + 1})"
            kept[renamed] = changed(name, value)
        return kept

    def _field(self, name: str, value: Json) -> Json:
        if name.lower().replace("-", "").replace("_", "") in self._rules.names:
            return blank(value)
        return self._secret(value, name) if is_secret_name(name) else self.value(value, name)

    def _secret(self, value: Json, name: str) -> Json:
        """What a secret name stands for; an object may be the schema of such a field."""
        if isinstance(value, list):
            return [self._secret(item, name) for item in value]
        if not isinstance(value, dict):
            return self._hidden(value, name)
        return self._object(
            value,
            lambda key, item: (
                self._hidden(item, name) if key == "value" else self._field(key, item)
            ),
        )

    def _hidden(self, value: Json, name: str) -> Json:
        """A value without its texts, but for one that is declared no secret."""
        if isinstance(value, str):
            if is_allowed(value, self._allow):
                return self.value(value)
            self._note(name, value)
        return blank(value)

    def _note(self, name: str, text: str) -> None:
        if self._noted is None or not text or text.startswith(MARK) or secrets_by_shape(text):
            return
        self._noted[hash_of(text)] = name

    def text(self, text: str) -> str:
        """The text without secrets; what took the place of one may have laid another bare."""
        for _ in range(MOST_ROUNDS):
            spans = self.spans(text)
            if not spans:
                break
            text = replaced(text, spans)
        return text

    def spans(self, text: str) -> list[Span]:
        """What may not be written of a text, in order."""
        shaped, named = secrets_by_shape(text), [*secrets_by_name(text)]
        if self._allow:
            shaped, named = (self._forbidden(text, found) for found in (shaped, named))
        for span in named:
            self._note(span.kind, text[span.start : span.end])
        return without_overlaps([*shaped, *named, *self._user.of(text)])

    def _forbidden(self, text: str, found: list[Span]) -> list[Span]:
        """What is not declared to be no secret."""
        return [one for one in found if not is_allowed(text[one.start : one.end], self._allow)]


def blank(value: Json) -> Json:
    """A value whose texts are redacted; its numbers and its shape stay."""
    if isinstance(value, str):
        return REDACTED if value and not value.startswith(MARK) else value
    if isinstance(value, list):
        return [blank(item) for item in value]
    if isinstance(value, dict):
        return {name: blank(item) for name, item in value.items()}
    return value
