"""A request and its answer as a judge reads them: plain text, of bounded length."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator

from pytest_llmreplay.event import (
    BlobPart,
    Event,
    FilePart,
    Message,
    Part,
    RefusalPart,
    ServerToolCallPart,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
    UriPart,
)

__all__ = ["MOST", "answer_text", "question_text"]

MOST = 24_000
"""Characters of a request, and of an answer, that a judge gets to read."""

_KEPT = frozenset("\n\t")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Classes of characters that show nothing, or that no provider takes."""


def question_text(event: Event) -> str:
    """What the model was asked, message by message; of a long history, the beginning and the end.

    Its end counts most: three quarters of the room are kept for it.
    """
    request = event.request
    system = _words(request.system_instructions)
    turns = [f"[system]\n{system}"] if system else []
    turns += [f"[{message.role}]\n{_of(message)}" for message in request.messages]
    if request.tools:
        turns.append(f"[tools on offer]\n{', '.join(tool.name for tool in request.tools)}")
    return _bounded("\n\n".join(turns), head=MOST // 4)


def answer_text(event: Event) -> str:
    """What the model answered: words, refusals, calls of tools, media by their kind."""
    choices = [_of(choice.message) for choice in event.response.choices]
    return _bounded("\n\n".join(choices).strip(), head=MOST * 3 // 4) or "(nothing)"


def _of(message: Message) -> str:
    return _words(message.parts)


def _words(parts: Iterable[Part]) -> str:
    return "\n".join(line for part in parts for line in _part(part))


def _part(part: Part) -> Iterator[str]:
    match part:
        case TextPart() | RefusalPart():
            yield part.content
        case ToolCallPart():
            yield f"[calls {part.name} with {json.dumps(part.arguments, ensure_ascii=False)}]"
        case ToolCallResponsePart():
            yield f"[the tool answered]\n{_words(part.response)}"
        case ServerToolCallPart():
            yield f"[uses {part.name}]"
        case BlobPart() | UriPart() | FilePart():
            yield f"[{part.modality}]"
        case _:
            return


def _bounded(text: str, *, head: int) -> str:
    if len(text) > MOST:
        tail = len(text) - (MOST - head)
        text = f"{text[:head]}\n[{tail - head:,} characters left out]\n{text[tail:]}"
    return "".join(sign for sign in text if sign in _KEPT or not _is_unseen(sign))


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in _UNSEEN
