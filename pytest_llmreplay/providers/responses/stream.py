"""Writing a responses stream: a plain body, told in events.

What the SDKs demand: `response.created` first, a part added before its words, one id of the
response and of each item throughout, and an event that ends the stream.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list
from pytest_llmreplay.providers.streams.writing import cut, event_bytes

__all__ = ["closing_event", "item_events", "opening_events", "stream_of"]

_TOLD_AT_THE_END = frozenset({"output", "usage", "error", "incomplete_details", "completed_at"})
_WORDS = {"output_text": "text", "reasoning_text": "text", "refusal": "refusal"}
"""Parts whose words come in pieces, and where the words stand."""
_GIVEN = {
    "function_call": ("function_call_arguments", "arguments"),
    "mcp_call": ("mcp_call_arguments", "arguments"),
    "custom_tool_call": ("custom_tool_call_input", "input"),
    "code_interpreter_call": ("code_interpreter_call_code", "code"),
}
"""Items with a text that comes in pieces: the events that bring it, and where it stands."""
_ENDS = {"incomplete": "response.incomplete", "failed": "response.failed"}


def stream_of(body: dict[str, Json], *, pieces: int | None, whole: bool) -> list[bytes]:
    """The events that tell a plain body.

    Args:
        body: The plain answer; its `error`, if any, ends the stream.
        pieces: Into how many deltas a text is cut.
        whole: Whether the stream comes to its end.
    """
    events = [
        {**event, "sequence_number": number}
        for number, event in enumerate(_events(body, pieces, whole=whole))
    ]
    return [event_bytes(event, str(event["type"])) for event in events]


def _events(body: dict[str, Json], pieces: int | None, *, whole: bool) -> Iterator[dict[str, Json]]:
    if "output" in body:
        yield from opening_events(body)
        for index, item in enumerate(as_list(body["output"])):
            if isinstance(item, dict):
                yield from item_events(item, index, pieces)
    error = body.get("error")
    if error and body.get("status") != "failed":
        yield _error(error)
    elif whole and "output" in body:
        yield closing_event(body)


def opening_events(body: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """The answer before its items."""
    skeleton = _skeleton(body)
    yield {"type": "response.created", "response": skeleton}
    yield {"type": "response.in_progress", "response": skeleton}


def closing_event(body: dict[str, Json]) -> dict[str, Json]:
    """The whole answer, once more."""
    end = _ENDS.get(str(body.get("status")), "response.completed")
    return {"type": end, "response": body}


def _skeleton(body: dict[str, Json]) -> dict[str, Json]:
    known = {key: value for key, value in body.items() if key not in _TOLD_AT_THE_END}
    empty: dict[str, Json] = {"error": None, "incomplete_details": None, "output": []}
    return known | empty | {"status": "in_progress", "usage": None}


def _error(error: Json) -> dict[str, Json]:
    fields = error if isinstance(error, dict) else {"message": str(error)}
    usual: dict[str, Json] = {"message": "", "param": None}
    return usual | fields | {"type": "error", "code": fields.get("code") or fields.get("type")}


def item_events(
    item: dict[str, Json], index: int, pieces: int | None = None
) -> Iterator[dict[str, Json]]:
    """An item: it is added, says what it says, and is done."""
    base: dict[str, Json] = {"item_id": item.get("id", ""), "output_index": index}
    kind = str(item.get("type"))
    inner: list[dict[str, Json]] = []
    opening = dict(item)
    if kind in {"message", "reasoning"}:
        inner = [*_summary_events(item, pieces), *_content_events(item, pieces)]
        opening |= {key: [] for key in ("summary", "content") if isinstance(item.get(key), list)}
    elif kind in _GIVEN and isinstance(item.get(_GIVEN[kind][1]), str):
        inner = list(_given_events(item, *_GIVEN[kind], pieces))
        opening[_GIVEN[kind][1]] = ""
    if "status" in item:
        opening["status"] = "in_progress"
    yield {"type": "response.output_item.added", "output_index": index, "item": opening}
    for event in inner:
        yield {"type": event["type"]} | base | event
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _given_events(
    item: dict[str, Json], name: str, key: str, pieces: int | None
) -> Iterator[dict[str, Json]]:
    text = str(item[key])
    for piece in cut(text, pieces):
        yield {"type": f"response.{name}.delta", "delta": piece}
    yield {"type": f"response.{name}.done", key: text}


def _content_events(item: dict[str, Json], pieces: int | None) -> Iterator[dict[str, Json]]:
    for number, part in _parts(item, "content"):
        kind = str(part.get("type"))
        place: dict[str, Json] = {"content_index": number}
        key = _WORDS.get(kind, "")
        text = part.get(key)
        opening = part | ({key: ""} if isinstance(text, str) else {})
        if part.get("annotations"):
            opening["annotations"] = []
        yield {"type": "response.content_part.added", **place, "part": opening}
        if isinstance(text, str):
            noise: dict[str, Json] = {"logprobs": []} if kind == "output_text" else {}
            for piece in cut(text, pieces):
                yield {"type": f"response.{kind}.delta", **place, "delta": piece, **noise}
            yield {"type": f"response.{kind}.done", **place, key: text, **noise}
        yield from _annotation_events(part, place)
        yield {"type": "response.content_part.done", **place, "part": part}


def _annotation_events(part: dict[str, Json], place: dict[str, Json]) -> Iterator[dict[str, Json]]:
    for number, annotation in enumerate(as_list(part.get("annotations"))):
        yield {
            "type": "response.output_text.annotation.added",
            **place,
            "annotation_index": number,
            "annotation": annotation,
        }


def _summary_events(item: dict[str, Json], pieces: int | None) -> Iterator[dict[str, Json]]:
    for number, part in _parts(item, "summary"):
        place: dict[str, Json] = {"summary_index": number}
        text = part.get("text")
        if not isinstance(text, str):
            continue
        begin = "response.reasoning_summary"
        yield {"type": f"{begin}_part.added", **place, "part": part | {"text": ""}}
        for piece in cut(text, pieces):
            yield {"type": f"{begin}_text.delta", **place, "delta": piece}
        yield {"type": f"{begin}_text.done", **place, "text": text}
        yield {"type": f"{begin}_part.done", **place, "part": part}


def _parts(item: dict[str, Json], key: str) -> Iterator[tuple[int, dict[str, Json]]]:
    for number, part in enumerate(as_list(item.get(key))):
        if isinstance(part, dict):
            yield number, part
