"""Citations of pages in an answer: what Anthropic and OpenAI say of them alike.

A neutral citation is the flat `url_citation` of OpenAI's responses, with the place of the cited
words in their own part: https://platform.openai.com/docs/guides/tools-web-search#output-and-citations
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_llmreplay.event import Json, Part, TextPart

from .fields import as_int, as_text

__all__ = ["cited", "nested", "neutral_citations", "within"]

_KIND = "url_citation"


def neutral_citations(part: TextPart) -> tuple[Json, ...]:
    """The citations that any of the formats can tell; those of files and documents are no such."""
    found = (_neutral(raw, len(part.content)) for raw in part.annotations)
    return tuple(note for note in found if note is not None)


def cited(parts: Iterable[Part]) -> tuple[Json, ...]:
    """The neutral citations of several parts, as if their words were one text."""
    notes: list[Json] = []
    start = 0
    for part in parts:
        if isinstance(part, TextPart):
            notes += _moved(part.annotations, start)
            start += len(part.content)
    return tuple(notes)


def within(notes: Iterable[Json], start: int, end: int) -> tuple[Json, ...]:
    """Those of the citations that begin in a stretch of the text, with their place in it."""
    here = (note for note in notes if isinstance(note, dict))
    begun = (note for note in here if start <= (as_int(note.get("start_index")) or 0) < end)
    return tuple(_moved(begun, -start))


def nested(note: Json) -> Json:
    """A neutral citation as chat completions write it."""
    if not isinstance(note, dict) or "url" not in note:
        return note
    return {"type": _KIND, _KIND: {key: value for key, value in note.items() if key != "type"}}


def _neutral(raw: Json, length: int) -> Json:
    if not isinstance(raw, dict):
        return None
    inner = raw.get(_KIND)
    told = inner if isinstance(inner, dict) else raw
    url = as_text(told.get("url"))
    start, end = as_int(told.get("start_index")), as_int(told.get("end_index"))
    if raw.get("type") == "web_search_result_location":
        start, end = 0, length  # Anthropic's blocks end where a citation does
    if url is None or start is None or end is None:
        return None
    title = as_text(told.get("title")) or ""
    return {"type": _KIND, "url": url, "title": title, "start_index": start, "end_index": end}


def _moved(notes: Iterable[Json], by: int) -> Iterator[Json]:
    for note in notes:
        if isinstance(note, dict):
            places = {key: as_int(note.get(key)) for key in ("start_index", "end_index")}
            yield note | {key: at + by for key, at in places.items() if at is not None}
