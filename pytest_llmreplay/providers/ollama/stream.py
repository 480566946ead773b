"""A stream of Ollama, put together and written: JSON lines, of which the last is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.streams.json_lines import JsonLines, values_of
from pytest_llmreplay.providers.streams.writing import cut, line_bytes

__all__ = ["assemble", "chat_lines", "generated_lines", "is_end"]

_GROWING = frozenset({"content", "response", "thinking"})
_LISTS = frozenset({"tool_calls", "logprobs"})

_IN_EACH = ("model", "created_at")


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; the line with `"done": true` ends it."""
    body: dict[str, Json] = {}
    complete = False
    lines = JsonLines(b"".join(chunks))
    for line in lines.values:
        piece = line.pop("message", None)
        _merge(body, line)
        complete = complete or line.get("done") is True
        if isinstance(piece, dict):
            body["message"] = message = dict(as_object(body.get("message")))
            _merge(message, piece)
    return Assembled(body=body, complete=complete, broken=lines.broken)


def is_end(chunk: bytes) -> bool:
    """Whether this is the line with `"done": true`."""
    return any(line.get("done") is True for line in values_of(chunk))


def _merge(body: dict[str, Json], piece: dict[str, Json]) -> None:
    """Words and calls are added to those before; of all else, what comes last counts."""
    for key, value in piece.items():
        before = body.get(key)
        if key in _GROWING and isinstance(before, str) and isinstance(value, str):
            body[key] = before + value
        elif key in _LISTS and isinstance(before, list) and isinstance(value, list):
            body[key] = [*before, *value]
        elif value is not None or key not in body:
            body[key] = value


def chat_lines(body: dict[str, Json], *, pieces: int | None, whole: bool) -> list[bytes]:
    """The lines that tell a plain answer of `/api/chat`.

    Args:
        body: The plain answer; its `error`, if any, ends the stream.
        pieces: Into how many lines a text is cut.
        whole: Whether the stream comes to its end.
    """
    message = as_object(body.get("message"))
    opening: dict[str, Json] = {"role": message.get("role", "assistant"), "content": ""}
    deltas: list[dict[str, Json]] = [
        {"message": opening | delta} for delta in _deltas(message, "content", pieces)
    ]
    rest = {key: value for key, value in message.items() if key not in _TOLD}
    last: dict[str, Json] = {"message": opening | rest}
    return _lines(body, deltas, last if "message" in body else {}, whole=whole)


def generated_lines(body: dict[str, Json], *, pieces: int | None, whole: bool) -> list[bytes]:
    """The lines that tell a plain answer of `/api/generate`."""
    opening: dict[str, Json] = {"response": ""}
    deltas = [opening | delta for delta in _deltas(body, "response", pieces)]
    return _lines(body, deltas, opening if "response" in body else {}, whole=whole)


_TOLD = frozenset({"content", "message", "response", "thinking", "tool_calls"})


def _lines(
    body: dict[str, Json], deltas: list[dict[str, Json]], last: dict[str, Json], *, whole: bool
) -> list[bytes]:
    each = {key: body[key] for key in _IN_EACH if key in body}
    lines = [each | delta | {"done": False} for delta in deltas]
    error = body.get("error")
    if error:
        lines.append({"error": error})
    elif whole:
        rest = {key: value for key, value in body.items() if key not in _TOLD}
        lines.append(each | last | rest | {"done": True})
    return [line_bytes(line) for line in lines]


def _deltas(message: dict[str, Json], key: str, pieces: int | None) -> Iterator[dict[str, Json]]:
    """Thoughts and words piece by piece; calls come whole, all at once."""
    for name in ("thinking", key):
        text = message.get(name)
        for piece in cut(text, pieces) if isinstance(text, str) else ():
            yield {name: piece}
    if message.get("tool_calls"):
        yield {"tool_calls": message["tool_calls"]}
