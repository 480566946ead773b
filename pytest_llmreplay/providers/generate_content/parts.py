"""Reading the parts of a turn: what a part is, its keys tell.

https://ai.google.dev/api/caching#Part
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Part,
    ReasoningPart,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.google_format import Names, is_stored
from pytest_llmreplay.providers.json_values import json_text
from pytest_llmreplay.providers.media import modality_of

__all__ = ["GOOGLE", "read_part"]

GOOGLE = "google"
"""Format of reasoning: only Google's models may get a signature back."""


def read_part(value: Json) -> Part:
    """One part; one that nothing here knows is kept whole."""
    names = Names(value)
    known = next((key for key in _READERS if key in names.rest), None)
    if known is not None and (part := _READERS[known](names)) is not None:
        return part
    kind = next((key for key in _SERVER if key in names.rest), None)
    if kind is not None:
        return _server_part(kind, names.rest[kind], value)
    return UnknownPart(type=known or next(iter(names.rest), "part"), raw=value)


def _read_text(names: Names) -> Part | None:
    text = names.any_text("text")
    if text is None:
        return None
    if names.rest.get("thought") is not True:
        return TextPart(content=text, extra=names.left())
    del names.rest["thought"]
    signature = names.text("thoughtSignature")
    return ReasoningPart(content=text, signature=signature, format=GOOGLE, extra=names.left())


def _read_call(names: Names) -> Part | None:
    inner = Names(names.rest.get("functionCall"))
    name = inner.text("name")
    if name is None:
        return None
    del names.rest["functionCall"]
    asked: Json = {}
    if "args" in inner.rest:
        asked = inner.rest.pop("args")
    else:
        inner.rest["args"] = None
    call_id = inner.text("id")
    names.leave("functionCall", inner.left())
    return ToolCallPart(
        name=name,
        arguments=asked,
        id=call_id,
        arguments_raw=asked if isinstance(asked, str) else None,
        extra=names.left(),
    )


def _read_result(names: Names) -> Part | None:
    """What a function answered: an object, which is told as JSON text, and media beside it."""
    if not isinstance(names.rest.get("functionResponse"), dict):
        return None
    inner = Names(names.rest.pop("functionResponse"))
    result = inner.rest.pop("response", None)
    words = () if result is None else (TextPart(content=json_text(result)),)
    media = tuple(read_part(part) for part in inner.items("parts"))
    call_id, name = inner.text("id"), inner.text("name")
    names.leave("functionResponse", inner.left())
    return ToolCallResponsePart(
        response=(*words, *media),
        id=call_id,
        name=name,
        is_error=_is_error(result),
        extra=names.left(),
    )


def _is_error(result: Json) -> bool | None:
    """`error` instead of `output` tells of a failure: https://ai.google.dev/api/caching."""
    return True if isinstance(result, dict) and result.keys() == {"error"} else None


def _server_part(kind: str, inner: Json, value: Json) -> Part:
    names = Names(inner).rest
    call_id = as_text(names.get("id"))
    if not _SERVER[kind]:
        return ServerToolCallResponsePart(raw=value, id=call_id)
    return ServerToolCallPart(name=as_text(names.get("toolType")) or kind, raw=value, id=call_id)


def _read_inline(names: Names) -> Part | None:
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


def _read_file(names: Names) -> Part | None:
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


_READERS: Mapping[str, Callable[[Names], Part | None]] = {
    "functionCall": _read_call,
    "functionResponse": _read_result,
    "inlineData": _read_inline,
    "fileData": _read_file,
    "text": _read_text,
}
_SERVER = {
    "executableCode": True,
    "codeExecutionResult": False,
    "toolCall": True,
    "toolResponse": False,
}
"""Parts of tools that Google runs, and whether they are the call."""
