"""Writing a stream of generateContent: a plain body, told in many that each say a little."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.writing import cut, event_bytes

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
    told = {key: value for key, value in body.items() if key not in {"candidates", "error"}}
    candidates = body.get("candidates")
    events = list(_events(candidates, told, pieces)) if isinstance(candidates, list) else []
    if whole and not error and (told or isinstance(candidates, list)):
        events.append(_last(candidates, told))
    if error:
        events.append({"error": error})
    return [_event(event) for event in events]


def _event(value: Json) -> bytes:
    """Google ends its lines with CR LF."""
    return event_bytes(value).replace(b"\n", b"\r\n")


def _events(
    candidates: list[Json], told: dict[str, Json], pieces: int | None
) -> Iterator[dict[str, Json]]:
    """One for each piece of a part."""
    named: dict[str, Json] = {key: told[key] for key in _NAMED if key in told}
    for place, candidate in enumerate(candidates):
        content = candidate.get("content") if isinstance(candidate, dict) else None
        parts = content.get("parts") if isinstance(content, dict) else None
        for part in parts if isinstance(parts, list) else []:
            for piece in _pieces(part, pieces):
                saying: Json = {"content": {"parts": [piece], "role": "model"}, "index": place}
                yield {"candidates": [saying], **named}


def _pieces(part: Json, pieces: int | None) -> Iterator[Json]:
    """A part, its words cut; a signature comes with the last of them."""
    text = part.get("text") if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(text, str) or part.keys() - _OF_WORDS:
        yield part
        return
    *before, last = cut(text, pieces) or [""]
    for words in before:
        yield {key: value for key, value in part.items() if key == "thought"} | {"text": words}
    yield part | {"text": last}


def _last(candidates: Json, told: dict[str, Json]) -> dict[str, Json]:
    """What is known at the end: why each candidate ended, and the counts."""
    if not isinstance(candidates, list):
        return told
    ends: list[Json] = []
    for place, candidate in enumerate(candidates):
        if isinstance(candidate, dict):
            ends.append({"index": place} | candidate | _ending(candidate.get("content")))
    return {"candidates": ends} | told


def _ending(content: Json) -> dict[str, Json]:
    """The content without what was told; after words no more words, as Google tells it.

    Clients that join the text of every event fail on one that has none.
    """
    if not isinstance(content, dict):
        return {}
    parts = content.get("parts")
    last = parts[-1] if isinstance(parts, list) and parts else None
    said = isinstance(last, dict) and isinstance(last.get("text"), str)
    kept = {key: value for key, value in content.items() if key != "parts"}
    return {"content": kept | ({"parts": [{"text": ""}]} if said else {})}
