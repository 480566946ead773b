"""Telling a plain answer of Cohere's first chat in pieces."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list
from pytest_llmreplay.providers.streams.writing import cut

__all__ = ["pieces_of"]

Piece = dict[str, Json]


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
