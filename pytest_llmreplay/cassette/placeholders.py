"""What stands in place of personal data: `[EMAIL_1]`, the same for a value as long as they live."""

from __future__ import annotations

import re
import threading

__all__ = ["PERSONAL", "Placeholders", "renumbered"]

PERSONAL = ("email", "iban", "card", "phone", "ip")
"""Kinds of personal data that are known by their shape."""

_OWN = "REDACTED_[A-Z][A-Z0-9_]{0,23}"  # of kinds that users name (see own_data.py)
_PLACEHOLDER = re.compile(rf"\[({'|'.join((*map(str.upper, PERSONAL), _OWN))})_([0-9]{{1,9}})\]")


class Placeholders:
    """Which value has which placeholder; safe to share between threads."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._highest: dict[str, int] = {}
        self._lock = threading.Lock()

    def of(self, kind: str, value: str) -> str:
        """The placeholder that stands for a value, the same each time: `[EMAIL_1]`."""
        with self._lock:
            number = self._numbers.get((kind, value))
            if number is None:
                number = self._numbers[kind, value] = self._highest.get(kind, 0) + 1
                self._highest[kind] = number
        return f"[{kind.upper()}_{number}]"

    def reserve(self, text: str) -> None:
        """Keep the placeholders that already stand in a text from new values.

        A played-back answer holds some, and the application sends them on.
        """
        with self._lock:
            for kind, number in _PLACEHOLDER.findall(text):
                kind = kind.lower()  # noqa: PLW2901 - the same kind as elsewhere in this class
                self._highest[kind] = max(int(number), self._highest.get(kind, 0))


def renumbered(text: str) -> str:
    """The text with its placeholders numbered in the order of their first appearance.

    Their numbers depend on what else was said in the session, so a match key does without them.
    """
    if "_" not in text or not _PLACEHOLDER.search(text):
        return text
    first = Placeholders()
    return _PLACEHOLDER.sub(lambda match: first.of(match[1].lower(), match[2]), text)
