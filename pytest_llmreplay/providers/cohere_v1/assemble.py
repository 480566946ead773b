"""Putting a stream of Cohere's first chat together."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list, as_text

__all__ = ["assemble_answer"]

_OF_THE_STREAM = frozenset({"is_finished", "event_type", "text", "error", "response"})
_LISTS = frozenset({"citations", "documents", "search_queries", "search_results", "tool_calls"})


def assemble_answer(pieces: Iterable[Json]) -> dict[str, Json]:
    """The plain body that the events amount to; the last one tells the whole once more."""
    body: dict[str, Json] = {}
    for piece in pieces:
        if not isinstance(piece, dict):
            continue
        if piece.get("event_type") == "text-generation":
            body["text"] = f"{as_text(body.get('text')) or ''}{as_text(piece.get('text')) or ''}"
        for key, value in piece.items():
            if key in _LISTS:
                body[key] = [*as_list(body.get(key)), *as_list(value)]
            elif key not in _OF_THE_STREAM and value is not None:
                body[key] = value
        if isinstance(whole := piece.get("response"), dict):
            reason = {key: body[key] for key in ("finish_reason",) if key in body}
            body = reason | whole
    return body
