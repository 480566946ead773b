"""Writing a stream of interactions: a plain body, told in events."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list
from pytest_llmreplay.providers.json_values import compact_json
from pytest_llmreplay.providers.streams.writing import cut, event_bytes

from .answer import OUTPUTS, STEPS
from .steps import CALL, OUTPUT, THOUGHT

__all__ = ["stream_of"]

_TOLD_AT_THE_END = frozenset({STEPS, OUTPUTS, "usage", "error", "errors", "updated"})
_DONE = b"event: done\ndata: [DONE]\n\n"


def stream_of(body: dict[str, Json], *, pieces: int | None, whole: bool) -> list[bytes]:
    """The events that tell a plain body.

    Args:
        body: The plain answer; its `error`, if any, ends the stream.
        pieces: Into how many deltas a text is cut.
        whole: Whether the stream comes to its end.
    """
    events = [
        event_bytes(event, str(event["event_type"]))
        for event in _events(body, pieces=pieces, whole=whole)
    ]
    return [*events, _DONE] if whole else events


def _events(body: dict[str, Json], *, pieces: int | None, whole: bool) -> Iterator[dict[str, Json]]:
    facts = {key: value for key, value in body.items() if key not in {STEPS, OUTPUTS, "error"}}
    if facts or STEPS in body or OUTPUTS in body:
        skeleton = {key: value for key, value in facts.items() if key not in _TOLD_AT_THE_END}
        begun: Json = skeleton | {"status": "in_progress"}
        yield {"event_type": "interaction.created", "interaction": begun}
        for index, step in enumerate(as_list(body.get(STEPS))):
            yield from _step_events(step, index, pieces)
        for index, content in enumerate(as_list(body.get(OUTPUTS))):
            yield {"event_type": "content.start", "index": index, "content": content}
            yield {"event_type": "content.stop", "index": index}
    # A failed interaction says so itself.
    error = body.get("error") if body.get("status") != "failed" else None
    if error:
        yield {"event_type": "error", "error": error}
    elif whole and facts:
        yield {"event_type": "interaction.completed", "interaction": facts}


def _step_events(step: Json, index: int, pieces: int | None) -> Iterator[dict[str, Json]]:
    """A step: it starts, says what it says, and stops."""
    opening, deltas = _parted(step, pieces)
    yield {"event_type": "step.start", "index": index, "step": opening}
    for delta in deltas:
        yield {"event_type": "step.delta", "index": index, "delta": delta}
    yield {"event_type": "step.stop", "index": index}


def _parted(step: Json, pieces: int | None) -> tuple[Json, list[dict[str, Json]]]:
    """A step as it starts, and what it gets after that; most kinds start whole."""
    if not isinstance(step, dict):
        return step, []
    match step.get("type"):
        case str(kind) if kind == OUTPUT:
            return _of_output(step, pieces)
        case str(kind) if kind == THOUGHT:
            return _of_thought(step)
        case str(kind) if kind == CALL and "arguments" in step:
            given = step["arguments"]
            text = given if isinstance(given, str) else compact_json(given)
            deltas: list[dict[str, Json]] = [
                {"type": "arguments_delta", "arguments": piece} for piece in cut(text, pieces)
            ]
            return step | {"arguments": {}}, deltas
    return step, []


def _of_output(step: dict[str, Json], pieces: int | None) -> tuple[Json, list[dict[str, Json]]]:
    """The last words come in pieces, and behind them what stands behind them."""
    content = as_list(step.get("content"))
    place = max((place for place, one in enumerate(content) if _is_text(one)), default=-1)
    words = content[place] if place >= 0 else None
    if not isinstance(words, dict) or not all(map(_is_content, content[place + 1 :])):
        return step, []
    text = str(words["text"])
    notes = as_list(words.get("annotations"))
    deltas: list[dict[str, Json]] = [{"type": "text", "text": one} for one in cut(text, pieces)]
    if notes:
        deltas.append({"type": "text_annotation_delta", "annotations": notes})
    deltas += [one for one in content[place + 1 :] if isinstance(one, dict)]
    rest = {key: value for key, value in words.items() if key != "annotations" or not notes}
    opened: list[Json] = [*content[:place], rest | {"text": ""}]
    return step | {"content": opened}, deltas


def _of_thought(step: dict[str, Json]) -> tuple[Json, list[dict[str, Json]]]:
    summary, signature = as_list(step.get("summary")), step.get("signature")
    deltas: list[dict[str, Json]] = [
        {"type": "thought_summary", "content": entry} for entry in summary
    ]
    if isinstance(signature, str):
        deltas.append({"type": "thought_signature", "signature": signature})
    kinds = {"summary"} if summary else set()
    kinds |= {"signature"} if isinstance(signature, str) else set()
    return {key: value for key, value in step.items() if key not in kinds}, deltas


def _is_text(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("text"), str)


def _is_content(value: Json) -> bool:
    """Whether a piece of content can come as a delta."""
    return isinstance(value, dict) and value.get("type") in {"image", "audio", "video", "document"}
