"""Writing a stream of Cohere's chat: a plain body, told in events."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_object, as_objects
from pytest_llmreplay.providers.streams.writing import cut, event_bytes

__all__ = ["stream_of"]

_TOLD = frozenset({"content", "tool_plan", "tool_calls", "citations"})
_AT_THE_END = frozenset({"message", "error", "finish_reason", "usage"})

Event = dict[str, Json]


def stream_of(body: Event, *, pieces: int | None, whole: bool) -> list[bytes]:
    """The events that tell a plain body.

    Args:
        body: The plain answer; its `error`, if any, ends the stream.
        pieces: Into how many deltas a text is cut.
        whole: Whether the stream comes to its end.
    """
    message = body.get("message")
    events = list(_message_events(body, message, pieces)) if isinstance(message, dict) else []
    if error := body.get("error"):
        words = error if isinstance(error, str) else str(error)
        events.append(_event("message-end", {"finish_reason": "ERROR", "error": words}))
    elif whole:
        known = ("finish_reason", "usage")
        events.append(_event("message-end", {key: body[key] for key in known if key in body}))
    return [event_bytes(event, str(event["type"])) for event in events]


def _event(kind: str, delta: Event | None = None, index: int | None = None) -> Event:
    place: Event = {} if index is None else {"index": index}
    return {"type": kind} | place | ({} if delta is None else {"delta": delta})


def _message_event(kind: str, index: int | None, key: str, value: Json) -> Event:
    return _event(kind, {"message": {key: value}}, index)


def _message_events(body: Event, message: Event, pieces: int | None) -> Iterator[Event]:
    rest = {key: value for key, value in message.items() if key not in _TOLD}
    empty: Event = {"content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    top = {key: value for key, value in body.items() if key not in _AT_THE_END}
    yield top | _event("message-start", {"message": {"role": "assistant"} | rest | empty})
    for index, item in enumerate(_items(message, "content")):
        yield from _content_events(item, index, pieces)
    plan = message.get("tool_plan")
    for piece in cut(plan, pieces) if isinstance(plan, str) else ():
        yield _message_event("tool-plan-delta", None, "tool_plan", piece)
    for index, call in enumerate(_items(message, "tool_calls")):
        yield from _call_events(call, index, pieces)
    for index, citation in enumerate(_items(message, "citations")):
        yield _message_event("citation-start", index, "citations", citation)
        yield _event("citation-end", index=index)


def _items(message: Event, key: str) -> list[Event]:
    return as_objects(message.get(key))


def _content_events(item: Event, index: int, pieces: int | None) -> Iterator[Event]:
    key = str(item.get("type"))
    text = item.get(key)
    growing = isinstance(text, str) and key in {"text", "thinking"}
    yield _message_event("content-start", index, "content", item | ({key: ""} if growing else {}))
    for piece in cut(text, pieces) if growing and isinstance(text, str) else ():
        yield _message_event("content-delta", index, "content", {key: piece})
    yield _event("content-end", index=index)


def _call_events(call: Event, index: int, pieces: int | None) -> Iterator[Event]:
    known = as_object(call.get("function"))
    text = known.get("arguments")
    if not isinstance(text, str):
        yield _message_event("tool-call-start", index, "tool_calls", call)
    else:
        opening = call | {"function": known | {"arguments": ""}}
        yield _message_event("tool-call-start", index, "tool_calls", opening)
        for piece in cut(text, pieces):
            delta: Event = {"function": {"arguments": piece}}
            yield _message_event("tool-call-delta", index, "tool_calls", delta)
    yield _event("tool-call-end", index=index)
