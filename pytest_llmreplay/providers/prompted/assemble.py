"""Putting the streamed answer to a prompt together."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_int, as_objects
from pytest_llmreplay.providers.streams.growing import appended

from .shapes import COMMAND, SHAPES, Shape, named

__all__ = ["assemble_answer"]

_OF_THE_STREAM = frozenset({"index", "is_finished", "event_type"})
"""Keys of a piece of one answer that are not its own."""
_GROWING = frozenset({"text", "outputText", "generation", "completion"})


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
