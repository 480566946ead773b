"""Media in requests: data URLs, plain URLs, file names."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from pytest_llmreplay.event import BlobPart, Json, UriPart

from .fields import Fields

__all__ = ["Modality", "image_type", "media_part", "modality_of", "read_audio"]

Modality: TypeAlias = Literal["image", "audio", "video", "document"]

_DATA_URL = re.compile(r"data:(?P<mime>[^;,]*)(?:;[^,]*)?,", re.IGNORECASE)
_MODALITIES: dict[str, Modality] = {"image": "image", "audio": "audio", "video": "video"}
_IMAGES = {
    "iVBORw0KGgo": "image/png",
    "/9j/": "image/jpeg",
    "R0lGOD": "image/gif",
    "UklGR": "image/webp",
    "Qk": "image/bmp",
}
"""Types by how the base64 of an image begins."""


def image_type(base64: str) -> str | None:
    """The media type of an image that comes without one."""
    return next((kind for start, kind in _IMAGES.items() if base64.startswith(start)), None)


def media_part(url: str, modality: Modality | None, extra: dict[str, Json]) -> BlobPart | UriPart:
    """Inline media where the URL holds them, else the URL.

    Args:
        url: A data URL or any other.
        modality: What it is; `None` to tell by the type in the data URL.
        extra: What is left of the part.
    """
    found = _DATA_URL.match(url)
    if found is None:
        return UriPart(modality=modality or "document", uri=url, extra=extra)
    mime_type = found["mime"] or None
    return BlobPart(
        modality=modality or modality_of(mime_type),
        content=url[found.end() :],
        mime_type=mime_type,
        extra=extra,
    )


def modality_of(mime_type: str | None) -> Modality:
    """What a media type is; everything that is neither seen nor heard is a document."""
    return _MODALITIES.get((mime_type or "").partition("/")[0].lower(), "document")


def read_audio(fields: Fields) -> BlobPart | None:
    """The sound that a part of OpenAI's formats holds as `input_audio`; none where it has none."""
    inner = Fields(fields.rest.get("input_audio"))
    data, form = inner.text("data"), inner.text("format")
    if data is None:
        return None
    del fields.rest["type"], fields.rest["input_audio"]
    fields.leave("input_audio", inner.rest)
    mime_type = f"audio/{form}" if form else None
    return BlobPart(modality="audio", content=data, mime_type=mime_type, extra=fields.rest)
