"""Telling a plain answer to a prompt in pieces."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_objects
from pytest_llmreplay.providers.streams.writing import cut

from .shapes import COMMAND, Shape, named, reason_in, shape_of

__all__ = ["pieces_of"]

Piece = dict[str, Json]


def pieces_of(body: Piece, *, pieces: int | None, whole: bool) -> list[Piece]:
    """The pieces that tell a plain body, which says no error.

    Args:
        body: The plain answer.
        pieces: Into how many pieces a text is cut.
        whole: Whether the stream comes to its end.
    """
    shape = shape_of(body)
    if shape is None or len(shape.text) > 1:  # Jurassic's, which never comes in pieces
        return [body] if whole else []
    return list(_pieces(shape, body, pieces, whole=whole))


def _pieces(shape: Shape, body: Piece, pieces: int | None, *, whole: bool) -> Iterator[Piece]:
    answers = as_objects(body[shape.answers]) if shape.answers else [body]
    for index, answer in enumerate(answers):
        text, reason = named(answer, shape.text), reason_in(shape, answer)[0]
        unfinished: Piece = {reason: None} if reason in answer else {}
        for piece in cut(text, pieces) if isinstance(text, str) else ():
            yield _placed(shape, index, {shape.text[-1]: piece, **unfinished})
    if not whole:
        return
    if shape is COMMAND:  # which tells the whole once more
        yield {"is_finished": True, "event_type": "stream-end", "response": body}
        return
    last = [answer | {shape.text[-1]: ""} for answer in answers]
    top = {key: value for key, value in body.items() if key != shape.answers}
    if shape.indexed:
        ends = [_placed(shape, index, answer) for index, answer in enumerate(last)]
        yield from ends[:-1]
        yield {**(ends[-1] if ends else {}), **top}
    else:
        yield {**top, shape.answers: list[Json](last)} if shape.answers else last[0]


def _placed(shape: Shape, index: int, said: Piece) -> Piece:
    """What is said of one answer, as a piece says whose it is."""
    if not shape.answers:
        return said
    if shape.indexed:
        renamed = {shape.streamed_as.get(key, key): value for key, value in said.items()}
        ends = {"is_finished": False} if shape is COMMAND else {}
        return {"index": index} | renamed | ends
    return {shape.answers: [said | ({"index": index} if index else {})]}
