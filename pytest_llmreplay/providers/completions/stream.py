"""Writing a completions stream: a plain body, its texts in pieces."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.chat_completions.stream import choices_stream
from pytest_llmreplay.providers.streams.writing import cut

__all__ = ["stream_of"]


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
    return choices_stream(body, _pieces, pieces=pieces, whole=whole, usage=usage)


def _pieces(choice: dict[str, Json], pieces: int | None, *, whole: bool) -> Iterator[Json]:
    """Pieces of the text, then all else that the choice says."""
    text = choice.get("text")
    index = choice.get("index", 0)
    for piece in cut(text, pieces) if isinstance(text, str) else ():
        yield {"text": piece, "index": index, "logprobs": None, "finish_reason": None}
    rest = choice | {"text": "", "index": index}
    yield rest if whole else rest | {"finish_reason": None}
