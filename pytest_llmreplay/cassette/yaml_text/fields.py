"""Members of a document, checked as they are taken: known keys, right types, clear refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, TypeVar

from pytest_llmreplay.errors import LlmReplayError, did_you_mean
from pytest_llmreplay.event import Json

__all__ = ["Fields", "Path", "WrongField"]

Path: TypeAlias = tuple[str | int, ...]
"""Keys and places from the document down to a value."""

T = TypeVar("T")


class WrongField(LlmReplayError):
    """A member of a document is wrong; becomes CassetteDamaged once its line is known."""

    def __init__(self, path: Path, problem: str) -> None:
        name = ".".join(str(step) for step in path)
        super().__init__(f"{name}: {problem}" if name else problem)
        self.path = path


class Fields:
    """One mapping of a document.

    Args:
        value: What stands there.
        path: Where that is.
        known: The keys that may stand there.
    """

    __slots__ = ("path", "value")

    def __init__(self, value: Json, path: Path, known: frozenset[str]) -> None:
        if not isinstance(value, dict):
            raise WrongField(path, f"expected keys and values, found {_kind(value)}")
        if not value.keys() <= known:
            key = next(key for key in value if key not in known)
            names = sorted(known)
            meant = did_you_mean(key, names, f"; known are {', '.join(names)}")
            raise WrongField((*path, key), f"unknown key{meant}")
        self.value = value
        self.path = path

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def text(self, key: str) -> str:
        """Text that must be there."""
        value = self.value.get(key)
        return value if isinstance(value, str) else self._wrong(key, "text")

    def text_or_none(self, key: str) -> str | None:
        """Text; none where the key is missing or null."""
        return None if self.value.get(key) is None else self.text(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where the key is missing."""
        value = self.value.get(key, [])
        if not isinstance(value, list) or not all(isinstance(element, str) for element in value):
            self._wrong(key, "a list of texts")
        return tuple(value)  # type: ignore[arg-type]  # checked above

    def texts_by_name(self, key: str) -> Mapping[str, str]:
        """Names with texts; empty where the key is missing."""
        value = self.value.get(key, {})
        if not isinstance(value, dict):
            self._wrong(key, "names with texts")
        for name, text in value.items():  # type: ignore[union-attr]  # checked above
            if not isinstance(text, str):
                advice = " (write it in quotes)" if isinstance(text, int | float) else ""
                problem = f"expected text, found {_kind(text)}{advice}"
                raise WrongField((*self.path, key, name), problem)
        return value  # type: ignore[return-value]  # checked above

    def integer(self, key: str) -> int:
        """A whole number that must be there."""
        value = self.value.get(key)
        return value if type(value) is int else self._wrong(key, "a whole number")

    def integer_or_none(self, key: str) -> int | None:
        """A whole number; none where the key is missing or null."""
        return None if self.value.get(key) is None else self.integer(key)

    def number_or_none(self, key: str) -> float | None:
        """A number; none where the key is missing or null."""
        value = self.value.get(key)
        if value is None or type(value) in {int, float}:
            return value  # type: ignore[return-value]  # one of the three
        return self._wrong(key, "a number")

    def choice(self, key: str, choices: tuple[T, ...], default: T) -> T:
        """A value that has to be one of a few."""
        value = self.value.get(key, default)
        for known in choices:
            if value == known:
                return known
        words = ", ".join(str(known) for known in choices)
        return self._wrong(key, f"one of {words}")

    def _wrong(self, key: str, wanted: str) -> T:  # type: ignore[type-var]  # never returns
        value = self.value.get(key)
        if key not in self.value:
            raise WrongField(self.path, f"{key!r} is missing; it holds {wanted}")
        advice = " (write it in quotes)" if wanted == "text" and type(value) in {int, float} else ""
        problem = f"expected {wanted}, found {_kind(value)}{advice}"
        raise WrongField((*self.path, key), problem)


def _kind(value: Json) -> str:
    if isinstance(value, dict | list):
        return "keys and values" if isinstance(value, dict) else "a list"
    return "nothing" if value is None else repr(value)
