"""Writing words and media of a user, or of a tool, that were told in another format."""

from __future__ import annotations

from pytest_llmreplay.event import BlobPart, FilePart, Json, TextPart, UriPart
from pytest_llmreplay.providers.api import Dialect
from pytest_llmreplay.providers.conversion.attachments import (
    Media,
    around,
    data_url,
    decoded_text,
    is_out_of_reach,
    lost,
    note_filename,
    text_of,
)
from pytest_llmreplay.providers.conversion.losses import Losses

__all__ = ["write_media", "write_text"]

_KEPT = ("prompt_cache_breakpoint",)
"""Keys beside a part that chat completions has as well."""
_OPENAI_FILE = "file-"
_OPENAI = frozenset({"openai", "azure"})


def write_text(part: TextPart, losses: Losses) -> dict[str, Json]:
    """Words; a document that is plain text becomes words as well."""
    text = text_of(part, losses, known=(*_KEPT, "message"))
    kept = {key: part.extra[key] for key in _KEPT if key in part.extra}
    return _words(text) | kept


def write_media(part: Media, dialect: Dialect, losses: Losses) -> dict[str, Json]:
    """An image or a document; for what the format has no place, words say that it was left out."""
    beside = around(part)
    losses.keys(beside.rest, f"{part.modality}.", known=_KEPT)
    if not isinstance(part, BlobPart) or part.modality != "document" or decoded_text(part):
        note_filename(part.modality, beside, losses)
    if part.modality in {"audio", "video"} or is_out_of_reach(part):
        return _words(lost(part, losses))
    if isinstance(part, FilePart) and not _same_store(part, dialect):
        return _words(lost(part, losses))
    kept = {key: beside.rest[key] for key in _KEPT if key in beside.rest}
    if part.modality == "image":
        return {"type": "input_image", "detail": beside.detail or "auto"} | _image(part) | kept
    return _document(part, beside.filename, losses) | kept


def _words(text: str) -> dict[str, Json]:
    return {"type": "input_text", "text": text}


def _same_store(part: FilePart, dialect: Dialect) -> bool:
    """Whether the file stands where the request goes: ids of OpenAI begin in their own way."""
    return dialect.provider in _OPENAI and part.file_id.startswith(_OPENAI_FILE)


def _image(part: Media) -> dict[str, Json]:
    match part:
        case FilePart():
            return {"file_id": part.file_id}
        case UriPart():
            return {"image_url": part.uri}
        case BlobPart():
            return {"image_url": data_url(part)}


def _document(part: Media, filename: str | None, losses: Losses) -> dict[str, Json]:
    match part:
        case FilePart():
            return {"type": "input_file", "file_id": part.file_id}
        case UriPart():
            return {"type": "input_file", "file_url": part.uri}
        case BlobPart() if (text := decoded_text(part)) is not None:
            losses.add("~document.text")
            return _words(text)
        case BlobPart():
            if filename is None:
                losses.add("+filename")
            name = filename or "document.pdf"
            return {"type": "input_file", "filename": name, "file_data": data_url(part)}
