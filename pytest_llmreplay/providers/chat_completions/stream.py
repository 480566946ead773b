"""Writing a chat completions stream: a plain body, told in deltas.

What the SDKs demand: an `index` on every choice and tool call, the role in the first delta, id and
name of a call before its arguments, usage in a chunk of its own without choices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list, as_object
from pytest_llmreplay.providers.streams.writing import cut, event_bytes

__all__ = ["choices_stream", "stream_of"]


_TEXTS = ("reasoning", "reasoning_content", "content", "refusal")
_DONE = b"data: [DONE]\n\n"
_NOT_IN_CHUNKS = frozenset({"choices", "usage", "error"})
_NOT_IN_CHOICES = frozenset({"message", "finish_reason", "logprobs", "index"})


def stream_of(
    body: dict[str, Json], *, pieces: int | None, whole: bool, usage: bool = True
) -> list[bytes]:
    """The events that tell a plain body.

    Args:
        body: The plain answer; its `error`, if any, ends the stream.
        pieces: Into how many deltas a text is cut.
        usage: Whether to tell usage.
        whole: Whether the stream comes to its end.
    """
    body = body | {"object": "chat.completion.chunk"}
    return choices_stream(body, _choice_chunks, pieces=pieces, whole=whole, usage=usage)


class TellChoice(Protocol):
    """Cuts a choice of a plain answer into those of a stream."""

    def __call__(
        self, choice: dict[str, Json], pieces: int | None, *, whole: bool
    ) -> Iterable[Json]:
        """As many pieces for a text, and the end where the stream is whole."""
        ...


def choices_stream(
    body: dict[str, Json], tell: TellChoice, *, pieces: int | None, whole: bool, usage: bool
) -> list[bytes]:
    """The events that tell a plain body in a format that knows choices.

    Args:
        body: The plain answer; its `error`, if any, ends the stream.
        tell: Tells a choice.
        pieces: Into how many pieces a text is cut.
        usage: Whether to tell usage.
        whole: Whether the stream comes to its end.
    """
    base = {key: value for key, value in body.items() if key not in _NOT_IN_CHUNKS}
    error, choices = body.get("error"), body.get("choices")
    whole = whole and not error
    chunks = [
        base | {"choices": [delta]}
        for choice in as_list(choices)
        if isinstance(choice, dict)
        for delta in tell(choice, pieces, whole=whole)
    ]
    if usage and whole and body.get("usage"):
        chunks.append(base | {"choices": [], "usage": body["usage"]})
    if error:
        chunks.append({"error": error})
    events = [event_bytes(chunk) for chunk in chunks]
    return [*events, _DONE] if whole else events


def _choice_chunks(
    choice: dict[str, Json], pieces: int | None, *, whole: bool
) -> Iterator[dict[str, Json]]:
    message = choice.get("message")
    index = choice.get("index", 0)
    opening: dict[str, Json] = {"index": index, "finish_reason": None}
    for delta in _deltas(as_object(message), pieces):
        yield {**opening, "delta": delta}
    if choice.get("logprobs"):
        yield opening | {"delta": {}, "logprobs": choice["logprobs"]}
    if whole:
        rest = {key: value for key, value in choice.items() if key not in _NOT_IN_CHOICES}
        finish = choice.get("finish_reason")
        yield {"index": index, "delta": {}, "finish_reason": finish} | rest


def _deltas(message: dict[str, Json], pieces: int | None) -> Iterator[dict[str, Json]]:
    silent = message.get("content") is None
    yield {"role": message.get("role", "assistant"), "content": None if silent else ""}
    rest: dict[str, Json] = {
        key: value
        for key, value in message.items()
        if key not in {"role", "tool_calls", *_TEXTS} and value not in (None, [])
    }
    if rest:
        yield rest
    for key in _TEXTS:
        text = message.get(key)
        for piece in cut(text, pieces) if isinstance(text, str) else ():
            yield {key: piece}
        if isinstance(text, list):
            yield {key: text}
    yield from _call_deltas(as_list(message.get("tool_calls")), pieces)


def _call_deltas(calls: Iterable[Json], pieces: int | None) -> Iterator[dict[str, Json]]:
    """Per call one delta that opens it, then its arguments."""
    for index, call in enumerate(calls):
        if not isinstance(call, dict):
            continue
        inner = "custom" if call.get("type") == "custom" else "function"
        key = "input" if inner == "custom" else "arguments"
        function = call.get(inner)
        function = dict(as_object(function))
        text = function.get(key)
        if not isinstance(text, str):
            yield {"tool_calls": [call | {"index": index}]}
            continue
        yield {"tool_calls": [{"index": index} | call | {inner: function | {key: ""}}]}
        for piece in cut(text, pieces):
            yield {"tool_calls": [{"index": index, inner: {key: piece}}]}
