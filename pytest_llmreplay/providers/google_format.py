"""What Google's formats do alike: keys in two spellings, and files that an account keeps.

Keys come in camelCase and in snake_case, mixed in one body: Google's servers read both
(https://protobuf.dev/programming-guides/json/), and its SDKs write both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from pytest_llmreplay.event import Json

from .fields import Fields

__all__ = ["OPAQUE", "Names", "camel", "is_stored", "normalised", "put", "snake", "stood"]

_AFTER_UNDERSCORE = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")
_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")
OPAQUE = frozenset(
    {
        *("args", "labels", "parameters", "parametersJsonSchema", "response"),
        *("responseJsonSchema", "responseSchema"),
    }
)
"""Keys whose values have keys of the application's own."""
_DEEPEST = 16

_FILES_HOST = "generativelanguage.googleapis.com"


@lru_cache(maxsize=1024)
def camel(key: str) -> str:
    """A key as Google's servers write it."""
    return _AFTER_UNDERSCORE.sub(lambda found: found[1].upper(), key) if "_" in key else key


@lru_cache(maxsize=1024)
def snake(key: str) -> str:
    """A key as Google's definitions write it."""
    return _CAPITAL.sub(r"_\1", key).lower()


def normalised(value: Json, depth: int = 0) -> Json:
    """A value with all keys of Google's in camelCase; the application's own keys stay."""
    if depth > _DEEPEST:
        return value
    if isinstance(value, list):
        return [normalised(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    names = Names(value).rest
    return {
        key: item if key in OPAQUE else normalised(item, depth + 1) for key, item in names.items()
    }


class Names(Fields):
    """A JSON object being taken apart whose keys are asked for in camelCase."""

    __slots__ = ("_stood",)

    def __init__(self, value: Json) -> None:
        super().__init__(value)
        original = self.rest
        self._stood: dict[str, str] = {
            camel(key): key for key in original if "_" in key and camel(key) not in original
        }
        if self._stood:
            spelled = {key: name for name, key in self._stood.items()}
            self.rest = {spelled.get(key, key): item for key, item in original.items()}

    def left(self) -> dict[str, Json]:
        """What was not taken, as it stood.

        `None` holds the place of what was taken from a key in snake_case, so that `put` finds it.
        """
        left = {self._stood.get(key, key): value for key, value in self.rest.items()}
        taken = [key for name, key in self._stood.items() if name not in self.rest]
        return left | dict.fromkeys(taken) if taken else left


def stood(rest: Mapping[str, Json], key: str) -> str:
    """The spelling in which a key stands in what decoding left; Google's own where in none."""
    return snake(key) if key not in rest and snake(key) in rest else key


def put(rest: dict[str, Json], key: str, value: Json) -> None:
    """Write a value under the spelling in which its key stood."""
    rest[stood(rest, key)] = value


def is_stored(uri: str) -> bool:
    """Whether a URI names something that an account keeps at Google: a file or an object.

    Anything else is an address that everybody can read, as a video of YouTube.
    https://ai.google.dev/gemini-api/docs/file-input-methods
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return True
    return parts.scheme not in {"http", "https"} or (parts.hostname or "").endswith(_FILES_HOST)
