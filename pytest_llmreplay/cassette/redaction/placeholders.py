"""What stands in place of personal data: `[EMAIL_1]`, the same for a value as long as they live."""

from __future__ import annotations

import os
import re
import threading
from contextlib import AbstractContextManager, nullcontext
from hashlib import blake2b
from typing import Protocol

from pytest_llmreplay.event import Json

__all__ = ["PERSONAL", "Others", "Placeholders", "names_in_order", "renumbered"]

PERSONAL = ("email", "iban", "card", "phone", "ip")
"""Kinds of personal data that are known by their shape."""

_OWN = "REDACTED_[A-Z][A-Z0-9_]{0,23}"  # of kinds that users name (see own_data.py)
_PLACEHOLDER = re.compile(rf"\[({'|'.join((*map(str.upper, PERSONAL), _OWN))})_([0-9]{{1,9}})\]")


class Others(AbstractContextManager[None], Protocol):
    """Other processes that number people too; in a turn, all that they have told was heard."""

    def tell(self, word: Json) -> None:
        """Tell the other processes; only in a turn."""
        ...


class Placeholders:
    """Which value has which placeholder; threads may share it, and forked processes."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._highest: dict[str, int] = {}
        self._lock = threading.Lock()
        self._others: Others | None = None
        self._salt = b""
        self._theirs: dict[tuple[str, str], int] = {}
        """What others have numbered, by digests: no process tells a value."""

    def share(self, others: Others) -> None:
        """Number together with processes that are forked from now on."""
        self._others, self._salt = others, os.urandom(16)

    def of(self, kind: str, value: str) -> str:
        """The placeholder that stands for a value, the same each time: `[EMAIL_1]`."""
        number = self._numbers.get((kind, value))
        if number is None:
            number = self._new(kind, value)
        return f"[{kind.upper()}_{number}]"

    def hear(self, kind: str, digest: str, number: int) -> None:
        """Another process has numbered a value."""
        with self._lock:
            self._theirs[kind, digest] = number
            self._highest[kind] = max(number, self._highest.get(kind, 0))

    def _new(self, kind: str, value: str) -> int:
        """The number of a value that this process has not met."""
        with self._turn(), self._lock:
            number = self._numbers.get((kind, value))
            if number is not None:
                return number
            digest = self._digest(value)
            number = self._theirs.get((kind, digest))
            if number is None:
                number = self._highest[kind] = self._highest.get(kind, 0) + 1
                if self._others is not None:
                    self._others.tell({"person": [kind, digest, number]})
            self._numbers[kind, value] = number
        return number

    def _turn(self) -> AbstractContextManager[None]:
        """Nothing forks in it, so that no child finds the lock held."""
        return nullcontext() if self._others is None else self._others

    def _digest(self, value: str) -> str:
        if self._others is None:
            return ""
        return blake2b(value.encode(errors="surrogatepass"), key=self._salt).hexdigest()

    def reserve(self, text: str) -> None:
        """Keep the placeholders that already stand in a text from new values.

        A played-back answer holds some, and the application sends them on.
        """
        found = _PLACEHOLDER.findall(text)
        if not found:
            return
        with self._turn(), self._lock:
            for kind, number in found:
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


def names_in_order(value: Json) -> Json:
    """A JSON value in which fields that people name sort in the order in which they were sent.

    By their names alone they would sort by the numbers that the people happen to have.
    """
    if isinstance(value, list):
        return [names_in_order(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        _sortable(place, name): names_in_order(item)
        for place, (name, item) in enumerate(value.items())
    }


def _sortable(place: int, name: str) -> str:
    kinds, people = _PLACEHOLDER.subn(r"[\1]", name)
    return f"{kinds} {place:09} {name}" if people else name
