"""A stream that was recorded before and says the same again: it stays as it came first.

Else every line of it would be another one whenever it is recorded again, though nothing changed:
its times, the padding of OpenAI's events and Bedrock's, when Ollama made each line. When it came
last, and how fast, is told by its `measured` line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from pytest_llmreplay.cassette.short_names.drawn import SPANS
from pytest_llmreplay.event import Chunk, Failure, HttpResponse, Json, StreamBody

from .aws_lines import line_of_frame

__all__ = ["kept_stream"]

_NOISE = SPANS | {"created_at", "obfuscation"}
"""Keys of an event that say nothing of the answer."""
_OF_FRAMES = _NOISE | {"p"}
"""The same in a frame of AWS."""
_FIGURES = ("metrics", "timings", "usage", "x_groq")
"""Objects of an event in which servers tell what they took, beside what counts."""
_TOOK = SPANS | {"latencyMs"}


def kept_stream(
    response: HttpResponse | Failure, before: HttpResponse | Failure
) -> HttpResponse | None:
    """The answer in the pieces of an earlier one that says the same; none where it does not.

    Args:
        response: A stream, with short names for its ids.
        before: The same of the recording that it replaces.
    """
    if not isinstance(response, HttpResponse) or not isinstance(before, HttpResponse):
        return None
    now, then = _chunks(response), _chunks(before)
    same = len(now) == len(then) > 0 and all(map(_same, now, then))
    return replace(response, body=before.body) if same else None


def _chunks(response: HttpResponse) -> Sequence[Chunk]:
    return response.body.chunks if isinstance(response.body, StreamBody) else ()


def _same(now: Chunk, then: Chunk) -> bool:
    try:
        return now.data == then.data or _said(now.data) == _said(then.data)
    except RecursionError:
        return False


def _said(data: bytes) -> list[str | bytes]:
    """The lines of a piece, without what says nothing."""
    frame = line_of_frame(data)
    if frame is None:
        return [_without(_NOISE, line) for line in data.split(b"\n")]
    kind, _, payload = frame.partition(" ")
    return [kind, _without(_OF_FRAMES, payload.encode())]


def _without(noise: frozenset[str], line: bytes) -> str | bytes:
    try:
        value = json.loads(line.removeprefix(b"data:"))
    except ValueError:
        return line
    if not isinstance(value, dict):
        return line
    figures = {key: _counts(value[key]) for key in _FIGURES if key in value}
    meaningful = {key: member for key, member in (value | figures).items() if key not in noise}
    return json.dumps(meaningful)  # Python holds 1 == True


def _counts(figures: Json) -> Json:
    """Figures without what was measured."""
    if not isinstance(figures, dict):
        return figures
    return {key: _counts(value) for key, value in figures.items() if key not in _TOOK}
