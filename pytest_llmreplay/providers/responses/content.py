"""Reading what stands in the content of a message, or in the output of a tool."""

from __future__ import annotations

from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Part,
    RefusalPart,
    TextPart,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.citations import read_cited_text
from pytest_llmreplay.providers.fields import Fields, as_text
from pytest_llmreplay.providers.media import media_part, read_audio

__all__ = ["read_input", "read_output"]

_TEXTS = frozenset({"input_text", "output_text", "text"})
_DATA_URL = "data:"


def read_output(value: Json) -> Part:
    """A part of what a model said."""
    fields = Fields(value)
    kind = as_text(fields.rest.get("type")) or ""
    part: Part | None = None
    if kind == "output_text":
        part = read_cited_text(fields, "annotations")
    elif kind == "refusal":
        part = _read_refusal(fields)
    return part or UnknownPart(type=kind or "content", raw=value)


def read_input(value: Json) -> Part:
    """A part of what a model was told; words and media."""
    if isinstance(value, str):
        return TextPart(content=value)
    fields = Fields(value)
    kind = as_text(fields.rest.get("type")) or ""
    part: Part | None = None
    if kind in _TEXTS:
        part = read_cited_text(fields, "annotations")
    elif kind == "input_image":
        part = _read_image(fields)
    elif kind == "input_file":
        part = _read_file(fields)
    elif kind == "input_audio":
        part = read_audio(fields)
    return part or read_output(value)


def _read_refusal(fields: Fields) -> Part | None:
    refusal = fields.any_text("refusal")
    if refusal is None:
        return None
    del fields.rest["type"]
    return RefusalPart(content=refusal, extra=fields.rest)


def _read_image(fields: Fields) -> Part | None:
    url = fields.text("image_url")
    file_id = fields.text("file_id") if url is None else None
    if url is None and file_id is None:
        return None
    del fields.rest["type"]
    if file_id is not None:
        return FilePart(modality="image", file_id=file_id, extra=fields.rest)
    return media_part(url or "", "image", fields.rest)


def _read_file(fields: Fields) -> Part | None:
    """A file: inline, as a data URL or plain Base64; by URL; by id."""
    data = fields.text("file_data")
    url = fields.text("file_url") if data is None else None
    file_id = fields.text("file_id") if data is None and url is None else None
    if data is None and url is None and file_id is None:
        return None
    del fields.rest["type"]
    if file_id is not None:
        return FilePart(modality="document", file_id=file_id, extra=fields.rest)
    if data is not None and not data.startswith(_DATA_URL):
        return BlobPart(modality="document", content=data, extra=fields.rest)
    return media_part(data or url or "", None, fields.rest)
