"""The streamed answer to a prompt: put together, and told in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_int, as_objects
from pytest_llmreplay.providers.streams.growing import appended
from pytest_llmreplay.providers.streams.writing import cut

from .shapes import COMMAND, SHAPES, Shape, named, reason_in, shape_of

__all__ = ["assemble_answer", "pieces_of"]

_OF_THE_STREAM = frozenset({"index", "is_finished", "event_type"})
"""Keys of a piece of one answer that are not its own."""
_GROWING = frozenset({"text", "outputText", "generation", "completion"})

Piece = dict[str, Json]


def assemble_answer(pieces: Iterable[Json]) -> dict[str, Json]:
    """The plain body that the pieces amount to."""
    draft = _Draft()
    for piece in pieces:
        if isinstance(piece, dict):
            draft.add(piece)
    return draft.body()


class _Draft:
    """The answer so far."""

    def __init__(self) -> None:
        self._top: dict[str, Json] = {}
        self._answers: dict[int, dict[str, Json]] = {}
        self._shape: Shape | None = None

    def add(self, piece: dict[str, Json]) -> None:
        self._shape = self._shape or _shape_of(piece)
        shape = self._shape
        if isinstance(whole := piece.get("response"), dict):  # Cohere tells it once more at the end
            self._answers.clear()
            piece = whole
        if shape is not None and shape.answers in piece:
            rest = {key: value for key, value in piece.items() if key != shape.answers}
            for place, answer in enumerate(as_objects(piece[shape.answers])):
                _merge(self._answer(answer, place), answer)
            _merge(self._top, rest)
        elif shape is not None and shape.indexed:
            self._add_indexed(shape, piece)
        else:
            _merge(self._top, piece)

    def body(self) -> dict[str, Json]:
        """The plain body; nothing said where no answer began."""
        if self._shape is None or not self._shape.answers:
            return self._top
        answers: list[Json] = [self._answers[place] for place in sorted(self._answers)]
        return {self._shape.answers: answers} | self._top

    def _add_indexed(self, shape: Shape, piece: dict[str, Json]) -> None:
        """A piece of one answer; what is no answer's stands in the body."""
        names = {streamed: name for name, streamed in shape.streamed_as.items()}
        own = {shape.text[0], shape.reason[0], *names}
        said = {names.get(key, key): piece[key] for key in piece if key in own}
        others = own | _OF_THE_STREAM
        _merge(self._top, {key: value for key, value in piece.items() if key not in others})
        if said:
            _merge(self._answer(piece, 0), said)

    def _answer(self, said: dict[str, Json], place: int) -> dict[str, Json]:
        """The answer that is spoken of: by its index, else by its place."""
        index = as_int(said.get("index"))
        return self._answers.setdefault(place if index is None else index, {})


def _shape_of(piece: dict[str, Json]) -> Shape | None:
    """The shape of the answer that a piece is one of."""
    for shape in SHAPES:
        if shape.answers and isinstance(piece.get(shape.answers), list):
            return shape
        if (shape.indexed or not shape.answers) and isinstance(named(piece, shape.text), str):
            return shape
    return COMMAND if "is_finished" in piece else None


def _merge(body: dict[str, Json], told: dict[str, Json]) -> None:
    """Words are added to those before; of all else, what comes last counts."""
    for key, value in told.items():
        known = body.get(key)
        if key in _GROWING:
            body[key] = appended(known, value)
        elif value is not None or key not in body:
            body[key] = value


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
