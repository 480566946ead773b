"""Messages in the shape of Bedrock's converse, whose blocks have a name and no type.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import Fields, as_list, as_text

from .decoding import from_text

__all__ = ["are_converse_blocks", "converse_answer", "converse_body"]

_BLOCKS: Final = frozenset(
    {
        *("text", "image", "document", "video", "audio", "toolUse", "toolResult"),
        *("guardContent", "cachePoint", "reasoningContent", "citationsContent"),
    }
)
_BESIDE: Final = frozenset(
    {
        *("system", "inferenceConfig", "toolConfig", "additionalModelRequestFields"),
        *("guardrailConfig", "performanceConfig", "serviceTier", "outputConfig"),
    }
)
"""What stands in a body beside its messages; the model is in the path."""
_LIMITS: Final = {
    "max_tokens": "maxTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "stop": "stopSequences",
    "stop_sequences": "stopSequences",
}


def are_converse_blocks(content: Json) -> bool:
    """Whether the content of a message has blocks of this format alone."""
    return (
        isinstance(content, list)
        and bool(content)
        and all(isinstance(block, dict) and block.keys() <= _BLOCKS for block in content)
        and all(content)
    )


def converse_body(
    messages: Sequence[dict[str, Json]], beside: Mapping[str, Json]
) -> dict[str, Json]:
    """The body of a request.

    Args:
        messages: In the shape of this format, some of them maybe in that of chat completions, as
            OpenTelemetry's instrumentation tells calls and results of tools, at times twice.
        beside: What else the log tells, by the names of either format.
    """
    system = [block for one in messages if _is(one, "system") for block in _blocks_of(one)]
    limits = {_LIMITS[key]: value for key, value in beside.items() if key in _LIMITS}
    answered = {_answered(block) for one in messages for block in _blocks_of(one)} - {None}
    return {
        "messages": [
            {"role": "assistant" if _is(one, "assistant") else "user", "content": _content(one)}
            for one in messages
            if not _is(one, "system")
            and not (_is(one, "tool") and as_text(one.get("tool_call_id")) in answered)
        ],
        **({"system": system} if system else {}),
        **({"inferenceConfig": limits} if limits else {}),
        **{key: value for key, value in beside.items() if key in _BESIDE},
    }


def converse_answer(message: Mapping[str, Json]) -> dict[str, Json]:
    """The body of an answer of which the message was kept."""
    reply: dict[str, Json] = {"role": "assistant", "content": message.get("content")}
    return {"output": {"message": reply}, "stopReason": message.get("finish_reason")}


def _is(message: Mapping[str, Json], role: str) -> bool:
    return message.get("role") == role


def _blocks_of(message: Mapping[str, Json]) -> list[Json]:
    """Blocks of a message, whose content may be a text."""
    content = message.get("content")
    return content if isinstance(content, list) else [{"text": content}] if content else []


def _content(message: Mapping[str, Json]) -> list[Json]:
    texts, calls = _blocks_of(message), message.get("tool_calls")
    if _is(message, "tool") and not any(map(_answered, texts)):
        return [{"toolResult": {"toolUseId": message.get("tool_call_id"), "content": texts}}]
    if any("toolUse" in block for block in texts if isinstance(block, dict)):
        return texts
    return [*texts, *map(_call, as_list(calls))]


def _call(listed: Json) -> Json:
    """A call of a tool that was told as chat completions tell it."""
    call = Fields(listed)
    function = Fields(call.rest.get("function"))
    asked = from_text(function.rest.get("arguments"))
    return {
        "toolUse": {"toolUseId": call.text("id"), "name": function.text("name"), "input": asked}
    }


def _answered(block: Json) -> str | None:
    """The call of which a block is the result."""
    return Fields(Fields(block).object("toolResult")).text("toolUseId")
