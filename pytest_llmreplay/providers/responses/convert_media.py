"""Writing words and media of a user, or of a tool, that were told in another format."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import BlobPart, FilePart, Json, TextPart, UriPart
from pytest_llmreplay.providers.api import Dialect
from pytest_llmreplay.providers.fields import as_text

from .losses import Losses

__all__ = ["write_media", "write_text"]

_BREAKPOINT = "prompt_cache_breakpoint"
_OPENAI_FILE = "file-"
_OPENAI = frozenset({"openai", "azure.ai.openai"})
_NESTED = ("image_url", "file", "input_audio")
"""Where chat completions keeps what belongs to a part of media."""


def write_text(part: TextPart, losses: Losses) -> Json:
    """Words; a document that is plain text becomes words as well."""
    extra = dict(part.extra)
    if extra.pop("type", None) == "document":
        losses.changed("document.text")
        _lose_of_document(extra, losses)
        extra.pop("title", None)
    if part.annotations:
        losses.lost("text.annotations")
    body: dict[str, Json] = {"type": "input_text", "text": part.content}
    if _BREAKPOINT in extra:
        body[_BREAKPOINT] = extra.pop(_BREAKPOINT)
    losses.left(extra)
    return body


def write_media(part: BlobPart | UriPart | FilePart, dialect: Dialect, losses: Losses) -> Json:
    """An image or a document; for what the format has no place, words say that it was left out."""
    if part.modality in {"audio", "video"}:
        return _left_out(part.modality, losses)
    if isinstance(part, FilePart) and not _same_store(part, dialect):
        return _left_out("file_id", losses)
    extra = _flat(part.extra)
    body = _image(part, extra) if part.modality == "image" else _document(part, extra, losses)
    if _BREAKPOINT in extra:
        body[_BREAKPOINT] = extra.pop(_BREAKPOINT)
    losses.left(extra, known=("type", "source"))
    return body


def _left_out(code: str, losses: Losses) -> Json:
    losses.lost(code)
    what = "file" if code == "file_id" else code
    return {"type": "input_text", "text": f"[{what} left out]"}


def _same_store(part: FilePart, dialect: Dialect) -> bool:
    """Whether the file stands where the request goes: ids of OpenAI begin in their own way."""
    return dialect.provider in _OPENAI and part.file_id.startswith(_OPENAI_FILE)


def _flat(extra: Mapping[str, Json]) -> dict[str, Json]:
    flat = {key: value for key, value in extra.items() if key not in _NESTED}
    for key in _NESTED:
        inner = extra.get(key)
        flat |= inner if isinstance(inner, dict) else {}
    return flat


def _image(part: BlobPart | UriPart | FilePart, extra: dict[str, Json]) -> dict[str, Json]:
    detail = as_text(extra.pop("detail", None)) or "auto"
    key, place = ("image_url", "") if not isinstance(part, FilePart) else ("file_id", part.file_id)
    return {"type": "input_image", key: place or _url(part), "detail": detail}


def _document(
    part: BlobPart | UriPart | FilePart, extra: dict[str, Json], losses: Losses
) -> dict[str, Json]:
    named = as_text(extra.pop("filename", None)) or as_text(extra.pop("title", None))
    _lose_of_document(extra, losses)
    if isinstance(part, FilePart):
        return {"type": "input_file", "file_id": part.file_id}
    if isinstance(part, UriPart):
        return {"type": "input_file", "file_url": part.uri}
    if named is None:
        losses.added("filename")
    return {"type": "input_file", "filename": named or "document.pdf", "file_data": _url(part)}


def _lose_of_document(extra: dict[str, Json], losses: Losses) -> None:
    for key in ("context", "citations"):
        value = extra.pop(key, None)
        if value and value != {"enabled": False}:
            losses.lost(f"document.{key}")


def _url(part: BlobPart | UriPart | FilePart) -> str:
    """Where the media are: at a URL, or in it."""
    if isinstance(part, BlobPart):
        usual = "image/png" if part.modality == "image" else "application/pdf"
        return f"data:{part.mime_type or usual};base64,{part.content}"
    return part.uri if isinstance(part, UriPart) else part.file_id
