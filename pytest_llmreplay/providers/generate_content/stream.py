"""Writing a stream of generateContent: a plain body, told in many that each say a little."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list, as_object
from pytest_llmreplay.providers.streams.writing import cut, event_bytes

__all__ = ["stream_of"]

_NAMED = ("modelVersion", "responseId")
_OF_WORDS = frozenset({"text", "thought", "thoughtSignature"})


def stream_of(body: dict[str, Json], *, pieces: int | None, whole: bool) -> list[bytes]:
    """The events that tell a plain body.

    Args:
        body: The plain answer; its `error`, if any, ends the stream.
        pieces: Into how many parts a text is cut.
        whole: Whether the stream comes to its end.
    """
    error = body.get("error")
    facts = {key: value for key, value in body.items() if key not in {"candidates", "error"}}
    candidates, ends = body.get("candidates"), whole and not error
    events: list[Json] = []
    if isinstance(candidates, list):
        events += _events(candidates, facts, pieces, ends=ends)
    if ends and (facts or isinstance(candidates, list)):
        events.append(_last(candidates, facts))
    if error:
        events.append({"error": error})
    return [_event(event) for event in events]


def _event(value: Json) -> bytes:
    """Google ends its lines with CR LF."""
    return event_bytes(value).replace(b"\n", b"\r\n")


def _events(
    candidates: list[Json], facts: dict[str, Json], pieces: int | None, *, ends: bool
) -> Iterator[dict[str, Json]]:
    """An event for each piece of a part; the last brings what stands beside the parts."""
    named: dict[str, Json] = {key: facts[key] for key in _NAMED if key in facts}
    for place, candidate in enumerate(candidates):
        parts = _parts(candidate.get("content")) if isinstance(candidate, dict) else []
        for part in parts[:-1] if ends and _stands_at_the_end(parts) else parts:
            for piece in _pieces(part, pieces):
                saying: Json = {"content": {"parts": [piece], "role": "model"}, "index": place}
                yield {"candidates": [saying], **named}


def _pieces(part: Json, pieces: int | None) -> Iterator[Json]:
    """A part, its words cut; a signature comes with the last of them."""
    text = as_object(part).get("text")
    if not isinstance(part, dict) or not isinstance(text, str) or part.keys() - _OF_WORDS:
        yield part
        return
    *before, last = cut(text, pieces) or [""]
    for words in before:
        yield {key: value for key, value in part.items() if key == "thought"} | {"text": words}
    yield part | {"text": last}


def _last(candidates: Json, facts: dict[str, Json]) -> dict[str, Json]:
    """What is known at the end: why each candidate ended, and the counts."""
    if not isinstance(candidates, list):
        return facts
    ends: list[Json] = []
    for place, candidate in enumerate(candidates):
        if isinstance(candidate, dict):
            ends.append({"index": place} | candidate | _ending(candidate.get("content")))
    return {"candidates": ends} | facts


def _ending(content: Json) -> dict[str, Json]:
    """The content without what was told: after words no more words, else the last part.

    Google tells it so; clients that join the text of every event fail on one that has none, and
    the chats of its SDK forget a turn in which an event has no part.
    """
    if not isinstance(content, dict):
        return {}
    kept, parts = {key: value for key, value in content.items() if key != "parts"}, _parts(content)
    if not parts:
        return {"content": kept}
    last: Json = parts[-1] if _stands_at_the_end(parts) else {"text": ""}
    return {"content": kept | {"parts": [last]}}


def _stands_at_the_end(parts: list[Json]) -> bool:
    """Whether the last part is no words, which are cut, but comes whole with the last event."""
    last = parts[-1] if parts else None
    return bool(parts) and not (isinstance(last, dict) and isinstance(last.get("text"), str))


def _parts(content: Json) -> list[Json]:
    return as_list(as_object(content).get("parts"))
