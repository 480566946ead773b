"""Media in parts: inline, or named by a URI."""

from __future__ import annotations

from pytest_llmreplay.event import BlobPart, FilePart, Json, Part, UriPart
from pytest_llmreplay.providers.google.files import is_stored
from pytest_llmreplay.providers.google.keys import Names
from pytest_llmreplay.providers.media import modality_of

__all__ = ["read_file", "read_inline"]


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
