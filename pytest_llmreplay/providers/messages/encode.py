"""Writing the plain answer of messages."""

from __future__ import annotations

import re

from pytest_llmreplay.event import (
    Choice,
    CompactionPart,
    FinishReason,
    Json,
    Part,
    ReasoningPart,
    RefusalPart,
    Response,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.envelope import made_id, with_counts
from pytest_llmreplay.providers.fields import as_object

from .answer import ANTHROPIC, FINISH, REFUSAL
from .usage import write_usage

__all__ = ["CALL_ID", "encode_answer", "encode_part"]

CALL_ID = r"[A-Za-z0-9_-]{1,128}"
"""Ids of calls, as a regular expression."""
_WORDS: dict[FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "content_filter": REFUSAL,
    "tool_call": "tool_use",
    "compaction": "compaction",
    "error": "end_turn",
}


def encode_answer(response: Response) -> dict[str, Json]:
    """The body of a plain answer.

    An answer that was decoded from this format is written as it was; any other gets the keys that
    clients rely on. The format knows one choice only.
    """
    extra = dict(response.extra)
    decoded = isinstance(extra.pop("content", None), list)
    choice = response.choices[0] if response.choices else None
    body: dict[str, Json] = {} if decoded else _defaults(response)
    named = {"id": response.id, "model": response.model}
    body |= {key: value for key, value in named.items() if value is not None}
    if choice is not None:
        body |= _role(choice) | {"content": _blocks(response, choice, decoded=decoded)}
    if choice is not None and (word := _stop_reason(choice, decoded=decoded)) is not None:
        body["stop_reason"] = word
    body |= with_counts(response.usage, write_usage(response.usage))
    return body | extra


def _defaults(response: Response) -> dict[str, Json]:
    return {
        "id": made_id("msg_", response),
        "type": "message",
        "role": "assistant",
        "model": "",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        # Clients rely on both counts.
        "usage": {"input_tokens": 0, "output_tokens": 0},
    }


def _role(choice: Choice) -> dict[str, Json]:
    role = choice.message.extra.get("role", "assistant")
    return {} if role is None else {"role": role}


def _stop_reason(choice: Choice, *, decoded: bool) -> str | None:
    word, finish = choice.finish_raw, choice.finish_reason
    if word is not None and FINISH.get(word) == finish and (decoded or word in FINISH):
        return word
    if finish == "stop" and any(isinstance(part, RefusalPart) for part in choice.message.parts):
        return REFUSAL
    return None if finish is None else _WORDS[finish]


def _blocks(response: Response, choice: Choice, *, decoded: bool) -> list[Json]:
    made = made_id("toolu_", response)
    return [
        block
        for place, part in enumerate(choice.message.parts)
        for block in _blocks_of(part, f"{made}{place}", decoded=decoded)
    ]


def encode_part(part: Part, made: str) -> dict[str, Json]:
    """The block that words or a call of another format are.

    Args:
        part: The words, or the call.
        made: The id of a call that has none, or one that is none here.
    """
    block = _blocks_of(part, made, decoded=False)[0]
    assert isinstance(block, dict)
    return block


def _blocks_of(part: Part, made: str, *, decoded: bool) -> list[Json]:
    """The block that a part is; nothing where the format has none for it."""
    match part:
        case ToolCallPart():
            return [_call(part, made, decoded=decoded)]
        case TextPart() | RefusalPart():
            return _text(part, decoded=decoded)
        case ReasoningPart() if part.encrypted is None or part.format == ANTHROPIC:
            return [_thinking(part)]
        case CompactionPart():
            return [_compaction(part)]
        case UnknownPart() | ServerToolCallPart() | ServerToolCallResponsePart():
            return [part.raw] if decoded or _is_server_block(part.raw) else []
        case _:
            return []


def _is_server_block(raw: Json) -> bool:
    kind = as_object(raw).get("type")
    return isinstance(kind, str) and kind.endswith(("_tool_use", "_tool_result"))


def _text(part: TextPart | RefusalPart, *, decoded: bool) -> list[Json]:
    if isinstance(part, RefusalPart):
        words: list[Json] = [{"type": "text", "text": part.content}]
        return [] if "stop_reason" in part.extra else words
    body: dict[str, Json] = {"type": "text", "text": part.content}
    if part.annotations and decoded:
        body["citations"] = list(part.annotations)
    return [body | dict(part.extra)]


def _thinking(part: ReasoningPart) -> Json:
    if part.encrypted is not None:
        return {"type": "redacted_thinking", "data": part.encrypted} | dict(part.extra)
    body: dict[str, Json] = {
        "type": "thinking",
        "thinking": part.content,
        "signature": part.signature or "",
    }
    body |= part.extra
    if body["signature"] is None:
        del body["signature"]
    return body


def _compaction(part: CompactionPart) -> Json:
    named = {"content": part.content, "encrypted_content": part.encrypted}
    known = {key: value for key, value in named.items() if value is not None}
    return {"type": "compaction"} | known | dict(part.extra)


def _call(part: ToolCallPart, made: str, *, decoded: bool) -> Json:
    extra = dict(part.extra)
    call_id = part.id if part.id is not None else extra.pop("id", made)
    asked = part.arguments
    if not decoded:
        call_id = call_id if re.fullmatch(CALL_ID, str(call_id)) else made
        asked = asked if isinstance(asked, dict) else {"input": asked}
        extra.pop("type", None)
    if "input" in extra and extra.pop("input") is None and asked == {}:
        asked = None
    block: dict[str, Json] = {
        "type": "tool_use",
        "id": call_id,
        "name": part.name,
        "input": asked,
    }
    return {key: value for key, value in block.items() if value is not None} | extra
