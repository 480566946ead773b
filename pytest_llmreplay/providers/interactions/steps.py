"""Reading the steps of an answer and their content; they stand in later requests as well.

A step can hold several parts. The first of them keeps what is left of the step in its `extra`,
under `STEP`; each other part of the same step has nothing there. A part without that key is a step
of its own.

https://ai.google.dev/api/interactions-api
"""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Part,
    ReasoningPart,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    ToolCallPart,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.answers.citations import read_cited_text
from pytest_llmreplay.providers.fields import Fields, as_text
from pytest_llmreplay.providers.google_format import is_stored
from pytest_llmreplay.providers.media import Modality

__all__ = ["CALL", "GOOGLE", "OUTPUT", "RESULT", "STEP", "THOUGHT", "read_content", "read_step"]

_MEDIA: dict[str, Modality] = {
    "image": "image",
    "audio": "audio",
    "video": "video",
    "document": "document",
}

GOOGLE = "google"
"""Format of reasoning: only Google's models may get a signature back."""
STEP = "of step"
"""Where the first part of a step keeps what is left of that; no key of the wire."""
OUTPUT, THOUGHT, CALL, RESULT = "model_output", "thought", "function_call", "function_result"
"""Types of steps; the last is what the application answers."""


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


def read_step(value: Json) -> list[Part]:
    """The parts of a step; never none."""
    fields = Fields(value)
    kind = as_text(fields.rest.get("type")) or ""
    found: list[Part] = []
    if kind == OUTPUT:
        found = _read_output(fields)
    elif kind == THOUGHT:
        found = _read_thought(fields)
    elif (part := _read_single(fields, kind, value)) is not None:
        found = [part]
    return found or [UnknownPart(type=kind or "step", raw=value)]


def _read_output(fields: Fields) -> list[Part]:
    """What the model said."""
    return _together([read_content(item) for item in fields.items("content")], fields)


def _read_thought(fields: Fields) -> list[Part]:
    """What the model thought, summed up; often there is only a signature."""
    parts = [_read_entry(entry) for entry in fields.items("summary")]
    if not parts:
        parts = [ReasoningPart(content="", format=GOOGLE)]
    if isinstance(first := parts[0], ReasoningPart):
        parts[0] = replace(first, signature=fields.text("signature"))
    return _together(parts, fields)


def _read_entry(value: Json) -> Part:
    fields = Fields(value)
    text = fields.any_text("text")
    if text is None or not fields.word("type", "text"):
        return UnknownPart(type=THOUGHT, raw=value)
    return ReasoningPart(content=text, format=GOOGLE, summary=True, extra=fields.rest)


def _together(parts: list[Part], fields: Fields) -> list[Part]:
    """The parts of one step, marked as such."""
    marks: list[Json] = [fields.rest, *[None] * (len(parts) - 1)]
    return [
        replace(part, extra={**part.extra, STEP: mark})
        for part, mark in zip(parts, marks, strict=False)
    ]


def _read_single(fields: Fields, kind: str, value: Json) -> Part | None:
    """A step that is one part."""
    if kind == CALL:
        return _read_call(fields)
    if kind.endswith("_call"):
        name = as_text(fields.rest.get("name")) or kind.removesuffix("_call")
        return ServerToolCallPart(name=name, raw=value, id=as_text(fields.rest.get("id")))
    if kind.endswith("_result") and kind != RESULT:
        return ServerToolCallResponsePart(raw=value, id=as_text(fields.rest.get("call_id")))
    return None


def _read_call(fields: Fields) -> Part | None:
    """A call of a function of the application."""
    name = fields.text("name")
    if name is None:
        return None
    del fields.rest["type"]
    asked: Json = fields.rest.pop("arguments", None)
    if asked is None:
        asked = {}
        fields.rest["arguments"] = None
    return ToolCallPart(
        name=name,
        arguments=asked,
        id=fields.text("id"),
        arguments_raw=asked if isinstance(asked, str) else None,
        extra=fields.rest,
    )
