"""What was asked and answered on a span, in each of the spellings that there have been.

* `gen_ai.input.messages` and `gen_ai.output.messages`, on the span or on its event
  `gen_ai.client.inference.operation.details`: the conventions of today.
* `gen_ai.prompt.N.…` and `gen_ai.completion.N.…`, before that `llm.prompts.N.…`: OpenLLMetry.
* `llm.input_messages.N.message.…`: OpenInference, whose `input.value` and `output.value` may be
  whole bodies, which tell more: each item of a response is a message there.
* `ai.prompt.messages`, `ai.response.text` and `ai.response.toolCalls`: Vercel's AI SDK.
* Events `gen_ai.content.prompt` and `gen_ai.content.completion`, and one event per message
  (`gen_ai.user.message` … `gen_ai.choice`): older versions of the conventions.

https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/non-normative/migration.md
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.neutral.ai_sdk import ai_sdk_call
from pytest_llmreplay.importers.neutral.bodies import came_body, sent_body
from pytest_llmreplay.importers.neutral.decoding import from_text
from pytest_llmreplay.providers.fields import as_objects

from .google_events import google_asked, google_choices
from .message_events import choices_in, messages_in, on_event
from .messages import flat_messages
from .otlp import Span

__all__ = ["answered_on", "asked_on"]

_PROMPTS = ("gen_ai.prompt", "llm.prompts")
_COMPLETIONS = ("gen_ai.completion", "llm.completions")


def asked_on(span: Span, attributes: Mapping[str, Json]) -> Json:
    """The conversation; none where the span does not tell it.

    Args:
        span: The span.
        attributes: Its attributes, with those of its details.
    """
    spelled = [
        _value(attributes, "gen_ai.input.messages"),
        *(flat_messages(attributes, prefix) for prefix in _PROMPTS),
        sent_body(attributes.get("input.value")),
        *(_value(attributes, name) for name in _of_logfire(attributes, "input", "request_data")),
        flat_messages(attributes, "llm.input_messages"),
        _value(attributes, "ai.prompt.messages"),
        on_event(span.events, "gen_ai.content.prompt", "gen_ai.prompt"),
        google_asked(span, attributes),
        [*messages_in(span.events)],
        _value(attributes, "gen_ai.prompt"),
        _value(attributes, "llm.prompts"),
        _value(attributes, "input.value"),
    ]
    return next((found for found in spelled if found), None)


def answered_on(span: Span, attributes: Mapping[str, Json]) -> Json:
    """The answer; none where the span does not tell it."""
    spelled = [
        _value(attributes, "gen_ai.output.messages"),
        *(_with_thoughts(flat_messages(attributes, prefix)) for prefix in _COMPLETIONS),
        came_body(attributes.get("output.value")),
        *(_value(attributes, name) for name in _of_logfire(attributes, "output", "response_data")),
        flat_messages(attributes, "llm.output_messages"),
        _of_ai_sdk(attributes),
        on_event(span.events, "gen_ai.content.completion", "gen_ai.completion"),
        google_choices(span, attributes),
        [*choices_in(span.events)],
        _value(attributes, "gen_ai.completion"),
        _value(attributes, "llm.completions"),
        _value(attributes, "output.value"),
    ]
    return next((found for found in spelled if found), None)


def _of_logfire(attributes: Mapping[str, Json], *names: str) -> Iterable[str]:
    """Names of attributes of Logfire alone, whose spans say that they are its."""
    return names if "logfire.span_type" in attributes else ()


def _of_ai_sdk(attributes: Mapping[str, Json]) -> Json:
    """The answer that the AI SDK tells: words, an object or calls."""
    words = attributes.get("ai.response.text") or attributes.get("ai.response.object")
    calls = [ai_sdk_call(call) for call in as_objects(_value(attributes, "ai.response.toolCalls"))]
    if not words and not calls:
        return None
    message: dict[str, Json] = {"role": "assistant", "content": words or None}
    return message | ({"tool_calls": [*calls]} if calls else {})


def _value(attributes: Mapping[str, Json], name: str) -> Json:
    return from_text(attributes.get(name))


def _with_thoughts(messages: list[Json]) -> list[Json]:
    """The alternatives of an answer; OpenLLMetry once told thoughts as one of them."""
    thoughts = [one["content"] for one in as_objects(messages) if one["role"] == "thinking"]
    answers = [one for one in as_objects(messages) if one["role"] != "thinking"]
    if not thoughts or not answers:
        return messages
    return [{**answers[0], "reasoning_content": thoughts[0]}, *answers[1:]]
