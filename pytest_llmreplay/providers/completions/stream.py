"""A completions stream: put together to the plain body, and written from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.chat_completions.stream import choices_stream
from pytest_llmreplay.providers.fields import is_blank
from pytest_llmreplay.providers.streams.growing import Place, StreamEvents
from pytest_llmreplay.providers.streams.writing import cut

__all__ = ["assemble", "stream_of"]

_DONE = "[DONE]"
_NOISE = frozenset({"choices", "obfuscation", "error"})
_LISTS = ("tokens", "token_logprobs", "top_logprobs", "text_offset", "content")


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; `[DONE]` ends it."""
    body: dict[str, Json] = {}
    choices: dict[int, dict[str, Json]] = {}
    spoke = complete = False
    events = StreamEvents(b"".join(chunks), _grows)
    for event in events:
        complete = complete or event.data.strip() == _DONE
        if not isinstance(chunk := event.value, dict):
            continue
        _add_top(body, chunk, is_error=event.event == "error")
        if isinstance(pieces := chunk.get("choices"), list):
            spoke = True
            _add_choices(choices, pieces)
    if spoke:
        body["choices"] = [choices[index] for index in sorted(choices)]
    return Assembled(body=body, complete=complete, broken=events.broken)


def _grows(chunk: dict[str, Json]) -> Place | None:
    """The words of a chunk with one choice that says nothing else; all the rest only overwrites."""
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and len(choices) == 1 else None
    if not isinstance(choice, dict) or choice.get("logprobs"):
        return None
    return (choice, "text") if isinstance(choice.get("text"), str) else None


def _add_top(body: dict[str, Json], chunk: dict[str, Json], *, is_error: bool) -> None:
    if error := chunk.get("error") or (chunk if is_error else None):
        body["error"] = error
    for key, value in chunk.items():
        if key not in _NOISE and (key not in body or not is_blank(value)):
            body[key] = value


def _add_choices(choices: dict[int, dict[str, Json]], pieces: list[Json]) -> None:
    for place, piece in enumerate(pieces):
        if isinstance(piece, dict):
            index = piece.get("index")
            number = index if isinstance(index, int) else place
            _add_piece(choices.setdefault(number, {"index": number}), piece)


def _add_piece(choice: dict[str, Json], piece: dict[str, Json]) -> None:
    for key, value in piece.items():
        before = choice.get(key)
        if key == "text" and isinstance(value, str):
            choice[key] = before + value if isinstance(before, str) else value
        elif key == "logprobs" and isinstance(value, dict) and isinstance(before, dict):
            choice[key] = _longer(before, value)
        elif key != "index" and (key not in choice or not is_blank(value)):
            choice[key] = value


def _longer(before: dict[str, Json], more: dict[str, Json]) -> dict[str, Json]:
    """Log probabilities so far and those of the next piece."""
    joined = before | more
    for key in _LISTS:
        known, value = before.get(key), more.get(key)
        if isinstance(known, list):
            joined[key] = known + value if isinstance(value, list) else known
    return joined


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
