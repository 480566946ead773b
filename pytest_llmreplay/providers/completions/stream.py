"""Writing a completions stream: a plain body, its texts in pieces."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.writing import cut, event_bytes

__all__ = ["stream_of"]

_DONE = b"data: [DONE]\n\n"
_NOT_IN_CHUNKS = frozenset({"choices", "usage", "error"})


def stream_of(
    body: dict[str, Json], *, pieces: int | None, whole: bool, usage: bool = True
) -> list[bytes]:
    """The events that tell a plain body.

    Args:
        body: The plain answer; its `error`, if any, ends the stream.
        pieces: Into how many pieces a text is cut.
        usage: Whether to tell usage.
        whole: Whether the stream comes to its end.
    """
    base = {key: value for key, value in body.items() if key not in _NOT_IN_CHUNKS}
    error, choices = body.get("error"), body.get("choices")
    whole = whole and not error
    chunks = [
        base | {"choices": [told]}
        for choice in (choices if isinstance(choices, list) else [])
        if isinstance(choice, dict)
        for told in _pieces(choice, pieces, whole=whole)
    ]
    if usage and whole and body.get("usage"):
        chunks.append(base | {"choices": [], "usage": body["usage"]})
    if error:
        chunks.append({"error": error})
    events = [event_bytes(chunk) for chunk in chunks]
    return [*events, _DONE] if whole else events


def _pieces(choice: dict[str, Json], pieces: int | None, *, whole: bool) -> Iterator[Json]:
    """Pieces of the text, then all else that the choice says."""
    text = choice.get("text")
    index = choice.get("index", 0)
    for piece in cut(text, pieces) if isinstance(text, str) else ():
        yield {"text": piece, "index": index, "logprobs": None, "finish_reason": None}
    rest = choice | {"text": "", "index": index}
    yield rest if whole else rest | {"finish_reason": None}
