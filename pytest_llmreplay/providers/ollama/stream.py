"""Writing a stream of Ollama: a plain body, told in JSON lines."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.streams.writing import cut, line_bytes

__all__ = ["chat_lines", "generated_lines"]

_IN_EACH = ("model", "created_at")


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
