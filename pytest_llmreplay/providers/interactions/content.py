"""Reading the content of a step: words and media.

https://ai.google.dev/api/interactions-api
"""

from __future__ import annotations

from pytest_llmreplay.event import BlobPart, FilePart, Json, Part, UnknownPart, UriPart
from pytest_llmreplay.providers.answers.citations import read_cited_text
from pytest_llmreplay.providers.fields import Fields, as_text
from pytest_llmreplay.providers.google.files import is_stored
from pytest_llmreplay.providers.media import Modality

__all__ = ["read_content"]

_MEDIA: dict[str, Modality] = {
    "image": "image",
    "audio": "audio",
    "video": "video",
    "document": "document",
}


def read_content(value: Json) -> Part:
    """One piece of content; one that nothing here knows is kept whole."""
    fields = Fields(value)
    kind = as_text(fields.rest.get("type")) or ""
    part = read_cited_text(fields, "annotations") if kind == "text" else None
    if kind in _MEDIA:
        part = _read_media(fields, _MEDIA[kind])
    return part or UnknownPart(type=kind or "content", raw=value)


def _read_media(fields: Fields, modality: Modality) -> Part | None:
    """Media: inline, as base64; a file of the account; or any address."""
    data = fields.text("data")
    uri = fields.text("uri") if data is None else None
    if data is None and uri is None:
        return None
    del fields.rest["type"]
    kind, rest = fields.text("mime_type"), fields.rest
    if data is not None:
        return BlobPart(modality=modality, content=data, mime_type=kind, extra=rest)
    if is_stored(uri or ""):
        return FilePart(modality=modality, file_id=uri or "", mime_type=kind, extra=rest)
    return UriPart(modality=modality, uri=uri or "", mime_type=kind, extra=rest)
