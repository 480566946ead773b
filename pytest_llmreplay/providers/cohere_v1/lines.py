"""The lines, or server-sent events, that the streams of both formats are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.json_values import json_object
from pytest_llmreplay.providers.streams.json_lines import JsonLines
from pytest_llmreplay.providers.streams.sse import looks_like_sse, split
from pytest_llmreplay.providers.streams.writing import line_bytes
from pytest_llmreplay.providers.wire_format import PiecesOf

__all__ = ["Pieces", "is_last", "lines_of", "pieces_in"]

_END = "stream-end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """What came of a stream."""

    values: tuple[dict[str, Json], ...]
    broken: str | None = None

    def assembled(self, together: Callable[[Iterable[Json]], dict[str, Json]]) -> Assembled:
        """The whole answer; `stream-end` ends it, and tells whether it failed."""
        ends = [value for value in self.values if value.get("event_type") == _END]
        body = together(self.values)
        failed = next((value["error"] for value in self.values if value.get("error")), None)
        error: dict[str, Json] = {} if failed is None else {"error": failed}
        return Assembled(body=body | error, complete=bool(ends), broken=self.broken)


def pieces_in(chunks: Sequence[bytes]) -> Pieces:
    """The pieces of a stream."""
    data = b"".join(chunks)
    if looks_like_sse(data):
        return Pieces(values=tuple(json_object(event.data) for event in split(data)))
    lines = JsonLines(data)
    return Pieces(values=tuple(lines.values), broken=lines.broken)


def is_last(chunk: bytes) -> bool:
    """Whether a chunk holds the event that ends a stream."""
    if _END.encode() not in chunk:
        return False
    return any(value.get("event_type") == _END for value in pieces_in([chunk]).values)


def lines_of(
    body: dict[str, Json], tell: PiecesOf, *, pieces: int | None, whole: bool
) -> list[bytes]:
    """The lines that tell a plain body; its `error`, if any, ends them."""
    error = body.get("error")
    said = {key: value for key, value in body.items() if key != "error"}
    told = tell(said, pieces=pieces, whole=whole and not error) if said else []
    if error:
        end: dict[str, Json] = {"is_finished": True, "event_type": _END, "finish_reason": "ERROR"}
        told.append(end | {"error": error})
    return [line_bytes(piece) for piece in told]
