"""Media on their way to another format: what stands around them, and what stands in for them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pytest_llmreplay.event import BlobPart, FilePart, Json, Part, TextPart, UriPart
from pytest_llmreplay.providers.fields import as_object, as_text

from .losses import Losses

__all__ = [
    "Attachment",
    "Media",
    "around",
    "data_url",
    "decoded_text",
    "is_out_of_reach",
    "lost",
    "note_filename",
    "standard_base64",
    "standing_in",
    "text_of",
]

Media: TypeAlias = BlobPart | UriPart | FilePart

_HOLDERS = frozenset(
    {
        *("image_url", "file", "input_audio", "video_url", "document_url", "source"),
        *("inlineData", "inline_data", "fileData", "file_data"),
        *("image", "document", "video", "audio"),
    }
)
"""Objects of which decoding leaves what it did not read."""
_NAMES = ("filename", "title", "name", "displayName", "display_name")
_SHAPES = ("type", "format", "source")
"""Keys whose words are told by the kind of a part and by its media type."""
_URL_SAFE = str.maketrans("-_", "+/")
_SHARED = ("http://", "https://")


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
    for key in _HOLDERS & part.extra.keys():
        rest |= as_object(part.extra[key])
    for key in _SHAPES:
        rest.pop(key, None)
    named = [as_text(rest.pop(key, None)) for key in _NAMES]
    return Attachment(
        filename=next((name for name in named if name), None),
        detail=as_text(rest.pop("detail", None)),
        rest=rest,
    )


def text_of(part: TextPart, losses: Losses, *, known: Collection[str] = ()) -> str:
    """The words of a text; a text that was a document says so.

    Args:
        part: The text.
        losses: Is told of the rest.
        known: Keys beside it that the format takes as well.
    """
    if part.extra.get("type") == "document" or "document" in part.extra:
        losses.add("~document.text")
        beside = around(part)
        losses.keys(beside.rest, "document.", known=known)
        note_filename("document", beside, losses)
    else:
        losses.keys(part.extra, known={"type", *known})
    if part.annotations:
        losses.add("text.annotations")
    return part.content


def note_filename(modality: str, beside: Attachment, losses: Losses) -> None:
    """Tell of a name for which the format has no place beside media of this kind."""
    if beside.filename is not None:
        losses.add(f"{modality}.filename")


def lost(part: Media, losses: Losses) -> str:
    """Words in place of media that the format cannot take."""
    losses.add("file_id" if isinstance(part, FilePart) else _lost_code(part))
    return f"[{part.modality} left out]"


def _lost_code(part: BlobPart | UriPart) -> str:
    stored = isinstance(part, UriPart) and part.uri.startswith("s3://")
    return f"{part.modality}_s3" if stored else part.modality


def is_out_of_reach(part: Media) -> bool:
    """Whether only the account that made a request can read what it names."""
    return isinstance(part, UriPart) and not part.uri.lower().startswith(_SHARED)


def standard_base64(content: str) -> str:
    """Base64 in the alphabet that every provider reads; Google's clients write another.

    https://datatracker.ietf.org/doc/html/rfc4648#section-5
    """
    return content.translate(_URL_SAFE) if "-" in content or "_" in content else content


def data_url(part: BlobPart) -> str:
    """Inline media as the data URL that OpenAI's formats take."""
    usual = "image/png" if part.modality == "image" else "application/pdf"
    return f"data:{part.mime_type or usual};base64,{standard_base64(part.content)}"


def standing_in(part: UriPart, losses: Losses) -> str:
    """A document that the format does not fetch: its address, in words."""
    losses.add("document.url")
    return part.uri


def decoded_text(part: BlobPart) -> str | None:
    """The words of a plain text that was sent as bytes; none where it is something else."""
    if not (part.mime_type or "").lower().startswith("text/"):
        return None
    try:
        return base64.b64decode(standard_base64(part.content), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
