"""A stream of Cohere's first chat: put together, and told in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list, as_text
from pytest_llmreplay.providers.streams.writing import cut

__all__ = ["assemble_answer", "pieces_of"]

_OF_THE_STREAM = frozenset({"is_finished", "event_type", "text", "error", "response"})
_LISTS = frozenset({"citations", "documents", "search_queries", "search_results", "tool_calls"})

Piece = dict[str, Json]


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


def pieces_of(body: Piece, *, pieces: int | None, whole: bool) -> list[Piece]:
    """The events that tell a plain body, which says no error.

    Args:
        body: The plain answer.
        pieces: Into how many pieces a text is cut.
        whole: Whether the stream comes to its end.
    """
    return list(_pieces(body, pieces, whole=whole))


def _event(kind: str, **said: Json) -> Piece:
    return {"is_finished": False, "event_type": kind, **said}


def _pieces(body: Piece, pieces: int | None, *, whole: bool) -> Iterator[Piece]:
    yield _event("stream-start", generation_id=body.get("generation_id"))
    text = body.get("text")
    for piece in cut(text, pieces) if isinstance(text, str) else ():
        yield _event("text-generation", text=piece)
    for citation in as_list(body.get("citations")):
        yield _event("citation-generation", citations=[citation])
    if body.get("tool_calls"):
        yield _event("tool-calls-generation", tool_calls=body["tool_calls"])
    if whole:
        end = _event("stream-end", response=body, finish_reason=body.get("finish_reason"))
        yield end | {"is_finished": True}
