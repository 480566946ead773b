"""Times of the pieces of a stream that came again as it was: they stay those of the first time.

Else every line of the stream would be another one whenever it is recorded again, though nothing
changed. When it came last, and how fast, is told by its `measured` line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_llmreplay.event import Chunk, Failure, HttpResponse, StreamBody

__all__ = ["times_of", "with_times"]


def times_of(
    response: HttpResponse | Failure, before: HttpResponse | Failure
) -> Sequence[float] | None:
    """When the pieces of a stream came before; none where it is another one, or no stream."""
    now, then = _chunks(response), _chunks(before)
    if not now or [chunk.data for chunk in now] != [chunk.data for chunk in then]:
        return None
    return [chunk.at for chunk in then]


def with_times(response: HttpResponse | Failure, times: Sequence[float]) -> HttpResponse | Failure:
    """The same stream, at other times."""
    chunks = zip(_chunks(response), times, strict=True)
    body = StreamBody(chunks=tuple(replace(chunk, at=at) for chunk, at in chunks))
    return replace(response, body=body) if isinstance(response, HttpResponse) else response


def _chunks(response: HttpResponse | Failure) -> Sequence[Chunk]:
    body = response.body if isinstance(response, HttpResponse) else None
    return body.chunks if isinstance(body, StreamBody) else ()
