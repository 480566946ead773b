"""Reading a JSON object: what a field of ours names is taken, the rest is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_llmreplay.event import Json

__all__ = [
    "Fields",
    "as_int",
    "as_list",
    "as_object",
    "as_objects",
    "as_text",
    "first_int",
    "is_blank",
]


class Fields:
    """A JSON object being taken apart.

    A value is taken when it has the expected kind and says something; `""`, `null` and objects
    that hold nothing else mean that it is absent, and stay in `rest` with everything unknown.
    """

    __slots__ = ("rest",)

    def __init__(self, value: Json) -> None:
        self.rest: dict[str, Json] = dict(as_object(value))

    def text(self, key: str) -> str | None:
        """Take words."""
        value = self.rest.get(key)
        if not isinstance(value, str) or not value:
            return None
        del self.rest[key]
        return value

    def any_text(self, key: str) -> str | None:
        """Take words, also when there are none."""
        value = self.rest.get(key)
        if not isinstance(value, str):
            return None
        del self.rest[key]
        return value

    def integer(self, key: str) -> int | None:
        """Take a whole number."""
        value = self.rest.get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        del self.rest[key]
        return value

    def whole_number(self, key: str) -> int | None:
        """Take a whole number, also from a client that writes 40 as 40.0."""
        number = as_int(self.rest.get(key))
        if number is not None:
            del self.rest[key]
        return number

    def number(self, key: str) -> float | None:
        """Take a number."""
        value = self.rest.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        del self.rest[key]
        return value

    def flag(self, key: str) -> bool | None:
        """Take true or false."""
        value = self.rest.get(key)
        if not isinstance(value, bool):
            return None
        del self.rest[key]
        return value

    def items(self, key: str) -> list[Json]:
        """Take a list that is not empty."""
        value = self.rest.get(key)
        if not isinstance(value, list) or not value:
            return []
        del self.rest[key]
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """Take a list of words, or the one that stands for it."""
        value = self.rest.get(key)
        return self._texts(key, [value] if isinstance(value, str) else value) if value else ()

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts, also an empty one."""
        return self._texts(key, self.rest.get(key))

    def object(self, key: str) -> dict[str, Json]:
        """Take an object that says something."""
        value = self.rest.get(key)
        if not isinstance(value, dict) or is_blank(value):
            return {}
        del self.rest[key]
        return value

    def word(self, key: str, expected: str) -> bool:
        """Take a word that says nothing but itself, as `"type": "function"` does."""
        if self.rest.get(key) != expected:
            return False
        del self.rest[key]
        return True

    def leave(self, key: str, rest: Json) -> None:
        """Keep what is left of a value that was taken apart, if anything is."""
        if rest not in ({}, None):
            self.rest[key] = rest

    def _texts(self, key: str, items: Json) -> tuple[str, ...]:
        if not isinstance(items, list):
            return ()
        found = tuple(item for item in items if isinstance(item, str))
        if len(found) < len(items):
            return ()
        del self.rest[key]
        return found


def is_blank(value: Json) -> bool:
    """Whether a value says nothing: zero values that some servers write for absent ones."""
    if isinstance(value, dict):
        return all(is_blank(item) for item in value.values())
    return not value and value is not False


def as_int(value: Json) -> int | None:
    """A count; some servers write it as a float."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None


def first_int(values: Mapping[str, Json], names: Iterable[str]) -> int | None:
    """The first whole number that stands under one of these names."""
    counts = (as_int(values.get(name)) for name in names)
    return next((count for count in counts if count is not None), None)


def as_text(value: Json) -> str | None:
    """Words, if there are any."""
    return value if isinstance(value, str) and value else None


def as_list(value: Json) -> list[Json]:
    """The list itself; an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def as_objects(value: Json) -> list[dict[str, Json]]:
    """The JSON objects in a list; none in place of anything else."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def as_object(value: Json) -> dict[str, Json]:
    """The JSON object itself; an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}
