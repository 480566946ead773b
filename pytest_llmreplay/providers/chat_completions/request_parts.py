"""Writing the parts of a conversation as chat completions take them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
    UriPart,
)
from pytest_llmreplay.providers.conversion.attachments import (
    Media,
    around,
    data_url,
    decoded_text,
    is_out_of_reach,
    lost,
    note_filename,
    standard_base64,
    standing_in,
    text_of,
)
from pytest_llmreplay.providers.conversion.losses import Losses, item_code
from pytest_llmreplay.providers.conversion.reasoning import reasoning_code
from pytest_llmreplay.providers.tools.arguments import arguments_text
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM

__all__ = ["content_of", "write_assistant", "write_results", "write_user"]

_SOUNDS = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mp3": "mp3", "audio/mpeg": "mp3"}
"""Formats of audio that chat completions take."""
_KEPT = ("prompt_cache_breakpoint",)
"""Keys beside a part that OpenAI's other format has as well."""
_RESULT_MARKS = ("type", "id", "status", "role")
_CALL_MARKS = ("type", "id", "index", "status", "function", "custom", "input")


def write_user(parts: Iterable[Part], losses: Losses) -> list[Json]:
    """What the user says, as items of content."""
    return [item for part in parts for item in _user_items(part, losses)]


def content_of(items: list[Json]) -> Json:
    """Items of content; a single text stands for itself."""
    match items:
        case [{"type": "text", "text": str(text), **rest}] if not rest:
            return text
        case _:
            return items or ""


def write_assistant(parts: Sequence[Part], losses: Losses) -> dict[str, Json]:
    """One message with everything of a turn; empty where nothing of it can be told."""
    texts: list[Json] = []
    refused: list[str] = []
    calls: list[Json] = []
    for part in parts:
        match part:
            case TextPart():
                texts += _words(part, losses)
            case ToolCallPart():
                calls.append(_call(part, losses))
            case RefusalPart():
                refused.append(part.content)
                losses.keys(part.extra, known=("type", "stop_reason"))
            case ReasoningPart():
                losses.add(*reasoning_code(part))
            case BlobPart() | UriPart() | FilePart():
                losses.add(f"{part.modality}.in_assistant")
            case _:
                losses.add(item_code(part))
    if not (texts or refused or calls):
        return {}
    message: dict[str, Json] = {"role": "assistant", "content": content_of(texts) or None}
    message |= {"refusal": "".join(refused)} if refused else {}
    return message | ({"tool_calls": calls} if calls else {})


def write_results(parts: Iterable[Part], losses: Losses) -> tuple[list[Json], list[Json]]:
    """Messages of tool results, and items that have to follow them in a message of the user."""
    results: list[Json] = []
    moved: list[Json] = []
    for part in parts:
        if isinstance(part, ToolCallResponsePart):
            content, media = _result(part, losses)
            results.append({"role": "tool", "tool_call_id": part.id, "content": content})
            moved += media
    return results, moved


def _user_items(part: Part, losses: Losses) -> Iterator[Json]:
    match part:
        case TextPart():
            yield from _words(part, losses)
        case BlobPart() | UriPart() | FilePart():
            yield from _media(part, losses)
        case ToolCallResponsePart():  # written apart, before what the user says
            return
        case RefusalPart():
            losses.add("refusal")
            yield from _text(part.content)
        case ReasoningPart():
            losses.add(*reasoning_code(part))
        case ToolCallPart():
            losses.add("tool_call.in_user")
        case _:
            losses.add(item_code(part))


def _words(part: TextPart, losses: Losses) -> Iterator[Json]:
    kept = {key: part.extra[key] for key in _KEPT if key in part.extra}
    for item in _text(text_of(part, losses, known=_KEPT)):
        yield {**item, **kept}


def _text(text: str) -> Iterator[dict[str, Json]]:
    if text:
        yield {"type": "text", "text": text}


def _media(part: Media, losses: Losses) -> Iterator[Json]:
    beside = around(part)
    losses.keys(beside.rest, f"{part.modality}.", known=_KEPT)
    kept = {key: beside.rest[key] for key in _KEPT if key in beside.rest}
    if not isinstance(part, BlobPart) or part.modality != "document" or decoded_text(part):
        note_filename(part.modality, beside, losses)
    if is_out_of_reach(part):
        yield from _text(lost(part, losses))
        return
    match part:
        case BlobPart(modality="image") | UriPart(modality="image"):
            detail: dict[str, Json] = {"detail": beside.detail} if beside.detail else {}
            yield {"type": "image_url", "image_url": {"url": _url(part), **detail}, **kept}
        case BlobPart(modality="document") if (text := decoded_text(part)) is not None:
            losses.add("~document.text")
            yield from _text(text)
        case BlobPart(modality="document"):
            if beside.filename is None:
                losses.add("+filename")
            name = beside.filename or "document.pdf"
            yield {"type": "file", "file": {"filename": name, "file_data": _url(part)}, **kept}
        case BlobPart(modality="audio") if (part.mime_type or "").lower() in _SOUNDS:
            form = _SOUNDS[(part.mime_type or "").lower()]
            sound: Json = {"data": standard_base64(part.content), "format": form}
            yield {"type": "input_audio", "input_audio": sound, **kept}
        case UriPart(modality="document"):
            yield from _text(standing_in(part, losses))
        case _:
            yield from _text(lost(part, losses))


def _url(part: BlobPart | UriPart) -> str:
    return part.uri if isinstance(part, UriPart) else data_url(part)


def _result(part: ToolCallResponsePart, losses: Losses) -> tuple[Json, list[Json]]:
    """The words of a tool's answer, and the media that it cannot hold."""
    losses.keys(part.extra, "tool_result.", known=_RESULT_MARKS)
    media = [item for item in part.response if isinstance(item, BlobPart | UriPart | FilePart)]
    others = [item for item in part.response if not isinstance(item, BlobPart | UriPart | FilePart)]
    words = write_user(others, losses)
    if part.is_error:
        losses.add("tool_result.is_error")
        words = _as_error(words)
    moved = [shown for item in media for shown in _moved(item, losses)]
    if moved and not words:
        words = [{"type": "text", "text": "see next message"}]
    return content_of(words) or "", moved


def _moved(part: Media, losses: Losses) -> Iterator[Json]:
    for item in _media(part, losses):
        if isinstance(item, dict) and item.get("type") != "text":
            losses.add(f"~tool_result.{part.modality}")
        yield item


def _as_error(words: list[Json]) -> list[Json]:
    match words:
        case [{"type": "text", "text": str(text)}, *rest]:
            return [{"type": "text", "text": f"Error: {text}"}, *rest]
        case _:
            return [{"type": "text", "text": "Error: the tool failed"}, *words]


def _call(part: ToolCallPart, losses: Losses) -> Json:
    losses.keys(part.extra, "tool_call.", known=_CALL_MARKS)
    if part.extra.get("type") == CUSTOM:
        custom: Json = {"name": part.name, "input": arguments_text(part)}
        return {"id": part.id, "type": CUSTOM, CUSTOM: custom}
    function: Json = {"name": part.name, "arguments": arguments_text(part)}
    return {"id": part.id, "type": "function", "function": function}
