"""Media on their way to another format: what stands around them, and what stands in for them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pytest_llmreplay.event import BlobPart, FilePart, Json, Part, TextPart, UriPart

from .fields import as_text
from .losses import Losses

__all__ = ["Attachment", "Media", "around", "decoded_text", "lost", "standing_in", "text_of"]

Media: TypeAlias = BlobPart | UriPart | FilePart

_HOLDERS = ("image_url", "file", "input_audio", "video_url", "document_url", "source")
"""Objects of which decoding leaves what it did not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What stands around media in a request."""

    filename: str | None
    detail: str | None
    """OpenAI's wish for the resolution of an image."""
    rest: Mapping[str, Json]


def around(part: Part) -> Attachment:
    """File name, detail and everything else that is said beside media."""
    rest = {key: value for key, value in part.extra.items() if key not in _HOLDERS}
    for key in _HOLDERS:
        held = part.extra.get(key)
        rest |= held if isinstance(held, dict) else {}
    filename = as_text(rest.pop("filename", None)) or as_text(rest.pop("title", None))
    detail = as_text(rest.pop("detail", None))
    rest.pop("type", None)
    return Attachment(filename=filename, detail=detail, rest=rest)


def text_of(part: TextPart, losses: Losses) -> str:
    """The words of a text; a text that was a document says so."""
    if part.extra.get("type") == "document":
        losses.add("~document.text")
        losses.keys(part.extra, "document.", known=("type", "source"))
    else:
        losses.keys(part.extra)
    if part.annotations:
        losses.add("text.annotations")
    return part.content


def lost(part: Media, losses: Losses) -> str:
    """Words in place of media that the format cannot take."""
    losses.add("file_id" if isinstance(part, FilePart) else part.modality)
    return f"[{part.modality}]"


def standing_in(part: UriPart, losses: Losses) -> str:
    """A document that the format does not fetch: its address, in words."""
    losses.add("document.url")
    return part.uri


def decoded_text(part: BlobPart) -> str | None:
    """The words of a plain text that was sent as bytes; none where it is something else."""
    if not (part.mime_type or "").lower().startswith("text/"):
        return None
    try:
        return base64.b64decode(part.content, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
