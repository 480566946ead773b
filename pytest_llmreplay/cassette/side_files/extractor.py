"""Takes media and vectors out of a body, into files of their own; files.py puts them back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TypeAlias

from pytest_llmreplay.event import Json

from .files import MARK
from .media_kinds import LARGE, ending_of, sniffed

__all__ = ["INLINE", "MediaExtractor", "SideFile", "is_media", "without_media"]

_DATA_URL = re.compile(r"data:([^,]*);base64,")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_LONG_BASE64 = re.compile(rb"[A-Za-z0-9+/]{%d,}" % LARGE)
_MEDIA_KEYS = frozenset(
    [
        *("audio", "b64_json", "base64", "bytes", "data", "embedding", "file_data", "image"),
        *("image_url", "images", "partial_image_b64", "result", "url", "video"),
        *("encrypted_content", "redactedContent", "signature"),
        *("thoughtSignature", "thought_signature"),
    ]
)
"""Keys under which the API formats hold base64, or a data URL of it.

Reasoning that only its maker can read is among them: of a model that makes pictures it holds
megabytes.
"""
_FEWEST = LARGE // 32
"""Numbers below which no list is as long as a file has to be, however many digits they have."""
_TYPE_KEYS = ("media_type", "mime_type", "mimeType")

_Found: TypeAlias = tuple[bytes, str, str | None]
"""Content, how it stood there, and its media type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFile:
    """Content that goes to a file beside the cassette."""

    data: bytes
    media_type: str | None


class MediaExtractor:
    """Puts references in the place of media and vectors, and collects these.

    Args:
        apart: Whether anything does; else a body stands whole in the cassette.
    """

    def __init__(self, *, apart: bool) -> None:
        self._apart = apart
        self.files: dict[str, SideFile] = {}
        """Contents by the name of their file."""

    def value(self, value: Json) -> Json:
        """A JSON body as the cassette holds it."""
        return value if _stands(value) else self._value(value, "", None)

    def base64(self, data: bytes, media_type: str | None) -> Json:
        """A body that is no text, as the cassette holds it."""
        text = base64.b64encode(data).decode()
        if not self._apart or len(text) < LARGE:
            return text
        return self._reference((data, "base64", sniffed(data) or media_type))

    def _value(self, value: Json, key: str, media_type: str | None) -> Json:
        if isinstance(value, dict):
            return self._object(value)
        found = _found(value, key, media_type) if self._apart else None
        if found is not None:
            return self._reference(found)
        if isinstance(value, list):
            return [self._value(item, key, media_type) for item in value]
        return value

    def _object(self, value: dict[str, Json]) -> Json:
        kinds = (value.get(key) for key in _TYPE_KEYS)
        media_type = next((kind for kind in kinds if isinstance(kind, str)), None)
        members = {key: self._value(item, key, media_type) for key, item in value.items()}
        return {MARK: None, "is": members} if MARK in members else members

    def _reference(self, found: _Found) -> Json:
        data, way, media_type = found
        digest = hashlib.sha256(data).hexdigest()
        name = f"{digest[:16]}.{ending_of(media_type)}"
        self.files[name] = SideFile(data=data, media_type=media_type)
        reference: dict[str, Json] = {MARK: name, "as": way}
        if media_type is not None and way != "vector":
            reference["media_type"] = media_type
        return reference | {"size": len(data), "sha256": digest}


def _stands(value: Json) -> bool:
    """Whether a value stays as it is: nothing in it is large or looks like a reference."""
    if isinstance(value, str):
        return len(value) < LARGE
    if isinstance(value, list):
        return len(value) < _FEWEST and all(map(_stands, value))
    return not isinstance(value, dict) or (MARK not in value and all(map(_stands, value.values())))


INLINE = MediaExtractor(apart=False)
"""Takes nothing out."""


def is_media(key: str, value: str) -> bool:
    """Whether a text is media in base64 that is large enough for a file, and is no words.

    Base64 with `-` and `_` does not count: a secret may look like it.
    """
    found = _found(value, key, None)
    return found is not None and found[1] != "base64url"


def without_media(line: bytes) -> bytes:
    """Bytes without whatever in them can only be large media, for a look at the rest."""
    return _LONG_BASE64.sub(b"", line)


def _found(value: Json, key: str, media_type: str | None) -> _Found | None:
    """What of a value goes to a file; none where it would not come back exactly the same."""
    if isinstance(value, str):
        return _media(value, key, media_type) if len(value) >= LARGE else None
    return _vector(value) if isinstance(value, list) and len(value) >= _FEWEST else None


def _media(text: str, key: str, media_type: str | None) -> _Found | None:
    url = _DATA_URL.match(text)
    if url is not None:
        data = _decoded(text[url.end() :], "base64")
        return None if data is None else (data, "data_url", url[1])
    if key not in _MEDIA_KEYS:
        return None
    for way in ("base64", "base64url"):
        if (data := _decoded(text, way)) is not None:
            return data, way, sniffed(data) or media_type
    return None


def _decoded(text: str, way: str) -> bytes | None:
    """The bytes, where encoding them again gives the very same text."""
    if not _BASE64.fullmatch(text):
        return None
    standard = way == "base64"
    try:
        data = base64.b64decode(text, None if standard else b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    again = base64.b64encode(data) if standard else base64.urlsafe_b64encode(data)
    return data if again.decode() == text else None


def _vector(value: list[Json]) -> _Found | None:
    if not all(type(item) in {int, float} for item in value):
        return None
    text = json.dumps(value, separators=(",", ":"))
    return (f"{text}\n".encode(), "vector", "application/json") if len(text) >= LARGE else None
