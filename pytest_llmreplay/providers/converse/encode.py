"""Writing the plain answer of converse."""

from __future__ import annotations

from pytest_llmreplay.event import (
    Choice,
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
from pytest_llmreplay.providers.answers.envelope import made_id
from pytest_llmreplay.providers.fields import as_object

from .answer import FINISH
from .blocks import ANTHROPIC, CITED, read_answer_block, type_of
from .usage import write_usage

__all__ = ["encode_answer"]

_WORDS: dict[FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "content_filter": "content_filtered",
    "tool_call": "tool_use",
    "compaction": "end_turn",
    "error": "malformed_model_output",
}


def encode_answer(response: Response) -> dict[str, Json]:
    """The body of a plain answer.

    An answer that was decoded from this format is written as it was; any other gets the keys that
    clients rely on. The format knows one choice only.
    """
    extra = dict(response.extra)
    output = extra.pop("output", None)
    decoded = isinstance(output, dict)
    choice = response.choices[0] if response.choices else None
    body: dict[str, Json] = {"output": _output(output, response, choice)}
    if choice is not None and (word := _stop_reason(choice, decoded=decoded)) is not None:
        body["stopReason"] = word
    if not decoded or response.usage.raw is not None:
        body["usage"] = {} if response.usage.raw == {} else write_usage(response.usage)
    return body | extra


def _output(output: Json, response: Response, choice: Choice | None) -> Json:
    decoded = isinstance(output, dict)
    kept: dict[str, Json] = dict(as_object(output))
    kept_message = kept.get("message")
    message: dict[str, Json] = (
        dict(kept_message) if isinstance(kept_message, dict) else {"role": "assistant"}
    )
    message["content"] = _blocks(response, choice, decoded=decoded) if choice else []
    return kept | {"message": message}


def _stop_reason(choice: Choice, *, decoded: bool) -> str | None:
    word, finish = choice.finish_raw, choice.finish_reason
    if word is not None and FINISH.get(word) == finish and (decoded or word in FINISH):
        return word
    return None if finish is None else _WORDS[finish]


def _blocks(response: Response, choice: Choice, *, decoded: bool) -> list[Json]:
    made = made_id("tooluse_", response)
    return [
        block
        for place, part in enumerate(choice.message.parts)
        for block in _blocks_of(part, f"{made}{place}", decoded=decoded)
    ]


def _blocks_of(part: Part, made: str, *, decoded: bool) -> list[Json]:
    """The block that a part is; nothing where the format has none for it."""
    match part:
        case ToolCallPart():
            return [_call(part, made, decoded=decoded)]
        case TextPart():
            return [_words(part) if decoded else {"text": part.content}]
        case RefusalPart():
            return [] if "stop_reason" in part.extra else [{"text": part.content}]
        case ReasoningPart() if part.encrypted is None or part.format == ANTHROPIC:
            return [_thought(part)]
        case UnknownPart() | ServerToolCallPart() | ServerToolCallResponsePart():
            foreign = not decoded and type_of(part.raw) not in {"toolUse", "toolResult"}
            return [] if foreign else [part.raw]
        case _:
            return []


def _words(part: TextPart) -> Json:
    """Words as they stood: alone, or with citations and in as many pieces."""
    words: dict[str, Json] = {"text": part.content}
    cited = part.extra.get(CITED)
    if not isinstance(cited, dict):
        return words | dict(part.extra)
    citations: dict[str, Json] = {"citations": list(part.annotations)} if part.annotations else {}
    decoded = read_answer_block({CITED: cited})
    same = isinstance(decoded, TextPart) and decoded.content == part.content
    content: dict[str, Json] = {} if same else {"content": [words]}
    return {**part.extra, CITED: cited | content | citations}


def _thought(part: ReasoningPart) -> Json:
    extra = dict(part.extra)
    content: dict[str, Json] = dict(as_object(extra.pop("reasoningContent", None)))
    if part.encrypted is not None:
        content["redactedContent"] = part.encrypted
    else:
        signed: dict[str, Json] = {"signature": part.signature} if part.signature else {}
        known = as_object(content.get("reasoningText"))
        content["reasoningText"] = {"text": part.content} | signed | known
    return {"reasoningContent": content} | extra


def _call(part: ToolCallPart, made: str, *, decoded: bool) -> Json:
    extra = dict(part.extra)
    rest: dict[str, Json] = dict(as_object(extra.pop("toolUse", None)))
    call_id = part.id if part.id is not None else rest.pop("toolUseId", made)
    asked = part.arguments
    if not decoded and not isinstance(asked, dict):
        asked = {"input": asked}
    if "input" in rest and rest.pop("input") is None and asked == {}:
        asked = None
    call: dict[str, Json] = {"toolUseId": call_id, "name": part.name, "input": asked}
    return {"toolUse": {k: v for k, v in call.items() if v is not None} | rest} | (
        extra if decoded else {}
    )
