"""Writing the plain answer of Cohere's chat."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    Part,
    ReasoningPart,
    RefusalPart,
    Response,
    TextPart,
    ToolCallPart,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.envelope import made_id, with_counts
from pytest_llmreplay.providers.chat_completions.encode_message import encode_call
from pytest_llmreplay.providers.chat_completions.tool_calls import TOOL_CALLS

from .answer import FINISH, PLAN
from .usage import write_usage

__all__ = ["encode_answer"]

_WORDS: dict[FinishReason, str] = {
    "length": "MAX_TOKENS",
    "tool_call": "TOOL_CALL",
    "error": "ERROR",
}
"""Finish reasons that are not `COMPLETE`."""


def encode_answer(response: Response) -> dict[str, Json]:
    """The body of a plain answer.

    An answer that was decoded from this format is written as it was; any other gets the keys that
    clients rely on. The format knows one choice only, and no name of a model.
    """
    extra = dict(response.extra)
    decoded = isinstance(extra.pop("message", None), dict)
    choice = response.choices[0] if response.choices else None
    body: dict[str, Json] = {} if decoded else {"id": made_id("", response)}
    if response.id is not None:
        body["id"] = response.id
    if choice is not None:
        body["message"] = _message(response, choice, decoded=decoded)
    word = _finish_word(choice, decoded=decoded) if choice else None
    if word is not None:
        body["finish_reason"] = word
    body |= with_counts(response.usage, write_usage(response.usage))
    return body | extra


def _finish_word(choice: Choice, *, decoded: bool) -> str | None:
    word, finish = choice.finish_raw, choice.finish_reason
    if word is not None and FINISH.get(word) == finish and (decoded or word in FINISH):
        return word
    return None if finish is None else _WORDS.get(finish, "COMPLETE")


def _message(response: Response, choice: Choice, *, decoded: bool) -> dict[str, Json]:
    parts, left = choice.message.parts, dict(choice.message.extra) if decoded else {}
    role = left.pop("role", "assistant")
    plan = [part.content for part in parts if isinstance(part, ReasoningPart) and _is_plan(part)]
    named: dict[str, Json] = {
        "content": [item for part in parts for item in _content(part, decoded=decoded)],
        "tool_plan": "".join(plan),
        TOOL_CALLS: _calls(parts, made_id("call_", response), decoded=decoded),
        "citations": [cited for part in parts for cited in _citations(part, decoded=decoded)],
    }
    fields = {key: value for key, value in named.items() if value}
    return ({} if role is None else {"role": role}) | fields | left


def _is_plan(part: ReasoningPart) -> bool:
    return part.format == PLAN


def _content(part: Part, *, decoded: bool) -> list[Json]:
    """The item of content that a part is; nothing where it stands elsewhere."""
    extra = dict(part.extra) if decoded else {}
    match part:
        case TextPart(content=text) | RefusalPart(content=text):
            return [{"type": "text", "text": text, **extra}]
        case ReasoningPart(content=text) if not _is_plan(part):
            return [{"type": "thinking", "thinking": text, **extra}]
        case UnknownPart(type="content", raw=raw) if decoded:
            return [raw]
        case _:
            return []


def _citations(part: Part, *, decoded: bool) -> tuple[Json, ...]:
    return part.annotations if decoded and isinstance(part, TextPart) else ()


def _calls(parts: Iterable[Part], id_prefix: str, *, decoded: bool) -> list[Json]:
    calls: list[Json] = []
    for part in parts:
        if isinstance(part, ToolCallPart):
            calls.append(encode_call(part, f"{id_prefix}{len(calls)}"))
        elif isinstance(part, UnknownPart) and part.type == TOOL_CALLS and decoded:
            calls.append(part.raw)
    return calls
