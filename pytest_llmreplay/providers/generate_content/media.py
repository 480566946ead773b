"""Media in parts: inline, or named by a URI."""

from __future__ import annotations

from urllib.parse import urlsplit

from pytest_llmreplay.event import BlobPart, FilePart, Json, Part, UriPart
from pytest_llmreplay.providers.media import modality_of

from .names import Names

__all__ = ["is_stored", "read_file", "read_inline"]

_FILES_HOST = "generativelanguage.googleapis.com"


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


def read_inline(names: Names) -> Part | None:
    """`inlineData`: base64."""
    inner = Names(names.rest.get("inlineData"))
    data = inner.any_text("data")
    if data is None:
        return None
    del names.rest["inlineData"]
    mime_type = inner.text("mimeType")
    names.leave("inlineData", inner.left())
    extra = names.left()
    return BlobPart(modality=modality_of(mime_type), content=data, mime_type=mime_type, extra=extra)


def read_file(names: Names) -> Part | None:
    """`fileData`: a file of the account, or any address."""
    inner = Names(names.rest.get("fileData"))
    uri = inner.text("fileUri")
    if uri is None:
        return None
    del names.rest["fileData"]
    mime_type = inner.text("mimeType")
    names.leave("fileData", inner.left())
    return _file_part(uri, mime_type, names.left())


def _file_part(uri: str, mime_type: str | None, extra: dict[str, Json]) -> FilePart | UriPart:
    """A file by its address; without a type it is taken for a video, as those of YouTube are."""
    modality = modality_of(mime_type) if mime_type else "video"
    if is_stored(uri):
        return FilePart(modality=modality, file_id=uri, mime_type=mime_type, extra=extra)
    return UriPart(modality=modality, uri=uri, mime_type=mime_type, extra=extra)
