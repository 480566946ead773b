"""Reading the requests of Ollama, and the conversation in those of its chat."""

from __future__ import annotations

from typing import get_args

from pytest_llmreplay.event import (
    BlobPart,
    Json,
    Message,
    OutputFormat,
    Part,
    Reasoning,
    Request,
    Role,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
)
from pytest_llmreplay.providers.chat_completions.request import read_tool
from pytest_llmreplay.providers.conversations.tool_results import ToolMessages
from pytest_llmreplay.providers.fields import Fields, as_text
from pytest_llmreplay.providers.media import image_type

from .answer import take_parts

__all__ = ["OllamaTranscript", "read_request"]

_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}
_ID = "tool_call_id"


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked of `/api/chat` or `/api/generate`; what no field names is in `extra`."""
    fields = Fields(body)
    fields.word("model", model or "")
    fields.flag("stream")
    options = Fields(fields.rest.get("options"))
    system = fields.text("system")
    request = Request(
        model=model,
        stream=stream,
        system_instructions=(TextPart(content=system),) if system else (),
        messages=(*_prompt(fields), *[_read_message(item) for item in fields.items("messages")]),
        tools=tuple(read_tool(tool) for tool in fields.items("tools")),
        max_tokens=_max_tokens(options),
        temperature=options.number("temperature"),
        top_p=options.number("top_p"),
        top_k=options.integer("top_k"),
        seed=options.integer("seed"),
        stop_sequences=options.words("stop"),
        frequency_penalty=options.number("frequency_penalty"),
        presence_penalty=options.number("presence_penalty"),
        reasoning=_read_think(fields),
        output=_read_format(fields),
        extra=fields.rest,
    )
    _put_options(fields, options)
    return request


def _put_options(fields: Fields, options: Fields) -> None:
    """Leave options that no field names in their place."""
    if isinstance(fields.rest.get("options"), dict):
        del fields.rest["options"]
        fields.leave("options", options.rest)


def _max_tokens(options: Fields) -> int | None:
    """The limit of new tokens; a negative one is none."""
    value = options.rest.get("num_predict")
    return options.integer("num_predict") if isinstance(value, int) and value > 0 else None


def _prompt(fields: Fields) -> list[Message]:
    """The prompt of `/api/generate`, as what a user says."""
    if "messages" in fields.rest:
        return []
    text = fields.text("prompt")
    prompt: list[Part] = [] if text is None else [TextPart(content=text)]
    parts = (*prompt, *_images(fields))
    return [Message(role="user", parts=parts)] if parts else []


def _read_message(value: Json) -> Message:
    fields = Fields(value)
    if not isinstance(value, dict):
        fields.leave("message", value)
    word = as_text(fields.rest.get("role")) or ""
    role = _ROLES.get(word, "user")
    fields.word("role", role)
    if role == "tool":
        return _read_result(fields)
    parts = (*take_parts(fields, "content"), *_images(fields))
    return Message(role=role, parts=parts, extra=fields.rest)


def _read_result(fields: Fields) -> Message:
    """What a tool answered, told by its name, since most calls have no id."""
    text = fields.any_text("content")
    result: tuple[Part, ...] = () if text is None else (TextPart(content=text),)
    answer = ToolCallResponsePart(
        response=(*result, *_images(fields)),
        id=fields.text("tool_call_id"),
        name=fields.text("tool_name") or fields.text("name"),
        extra=fields.rest,
    )
    return Message(role="tool", parts=(answer,))


def _images(fields: Fields) -> list[Part]:
    """Images, which come as base64 without a type."""
    return [
        BlobPart(modality="image", content=image, mime_type=image_type(image))
        for image in fields.words("images")
    ]


def _read_think(fields: Fields) -> Reasoning | None:
    """Whether the model thinks, or how much."""
    if (level := fields.text("think")) is not None:
        return Reasoning(effort=level)
    thinks = fields.flag("think")
    return None if thinks is None else Reasoning(mode="enabled" if thinks else "disabled")


def _read_format(fields: Fields) -> OutputFormat | None:
    """`json`, or a JSON Schema."""
    if fields.word("format", "json"):
        return OutputFormat(type="json_object")
    schema = fields.object("format")
    return OutputFormat(type="json_schema", schema=schema) if schema else None


class OllamaTranscript(ToolMessages):
    """Reads and changes `messages`."""

    def __init__(self) -> None:
        super().__init__(read_request, taken=("content", "tool_calls"))

    def result(self, call: ToolCallPart, text: str) -> Json:
        """A message of a tool, which goes by its name."""
        return {"role": "tool", "tool_name": call.name, "content": text}

    def _answering(self, call: ToolCallPart, result: dict[str, Json]) -> Json:
        """The result; it names the call where it did so before and the call has an id."""
        rest = {key: value for key, value in result.items() if key != _ID}
        return rest | {_ID: call.id} if _ID in result and call.id else rest
